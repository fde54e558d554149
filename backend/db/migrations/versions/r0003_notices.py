"""Outages, closed desks, extraordinary reading windows; the language that callers chose."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables; none refers to another. Callers are now looked up by their number."""
    op.create_index("ix_customers_phone", "customers", ["phone"])
    op.create_table(
        "notices",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("place_hu", sa.Text(), nullable=False),
        sa.Column("place_en", sa.Text(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('outage', 'maintenance')", name="ck_notices_kind"),
        sa.PrimaryKeyConstraint("number", name="pk_notices"),
    )
    op.create_table(
        "desk_closures",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_desk_closures"),
    )
    op.create_table(
        "extra_windows",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_extra_windows"),
    )
    op.create_table(
        "caller_languages",
        sa.Column("caller_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller_key", name="pk_caller_languages"),
    )

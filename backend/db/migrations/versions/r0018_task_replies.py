"""A campaign that replies to one person names the task; a note being written is a draft."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import one_of, partial_index

revision = "0018"
down_revision = "0017"

_KINDS = ("campaign", "template", "reply")


def upgrade() -> None:
    """Add the column; nobody has kept drafts of replies."""
    op.add_column("campaigns", sa.Column("reply_to", sa.BigInteger()))
    partial_index("ix_campaigns_reply_to", "campaigns", ["reply_to"], "reply_to IS NOT NULL")
    with op.batch_alter_table("drafts", copy_from=_drafts_as_they_were()) as drafts:
        drafts.drop_constraint(op.f("ck_drafts_kind"), type_="check")
        drafts.create_check_constraint(
            op.f("ck_drafts_kind"), one_of("kind", "campaign", "template", "note")
        )


def _drafts_as_they_were() -> sa.Table:
    return sa.Table(
        "drafts",
        sa.MetaData(),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(one_of("kind", *_KINDS), name=op.f("ck_drafts_kind")),
        sa.ForeignKeyConstraint(["by"], ["users.name"], name=op.f("fk_drafts_by_users")),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
        sa.Index("ix_drafts_by", "by"),
    )

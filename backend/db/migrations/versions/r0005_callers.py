"""What is remembered of a calling number: its pace and what a dropped call left undone, too."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Carry the chosen languages over into a table that remembers more."""
    op.create_table(
        "callers",
        sa.Column("caller_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("slow", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("left_undone", sa.Text()),
        sa.Column("left_on", sa.Text()),
        sa.Column("left_at_site", sa.Text()),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller_key", name="pk_callers"),
    )
    op.execute(
        "INSERT INTO callers (caller_key, language, seen_at) "
        "SELECT caller_key, language, chosen_at FROM caller_languages"
    )
    op.drop_table("caller_languages")

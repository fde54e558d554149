"""When what a deployment does again and again is due next, and which worker is at it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the table; a row comes when its work is done for the first time."""
    op.create_table(
        "recurring_work",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_recurring_work"),
    )

"""Who works on a task, and since when: so that two colleagues do not answer one person."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the holder of a task; nobody holds what is open."""
    op.add_column("tasks", sa.Column("taken_by", sa.Text()))
    op.add_column("tasks", sa.Column("taken_at", sa.DateTime(timezone=True)))

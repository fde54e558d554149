"""Attempts are dated in the carrier's time, by which alone a message's absence is proved."""

import sqlalchemy as sa
from alembic import op

from backend.db.tables.column_types import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the two moments; for what was attempted before they are not known."""
    op.add_column("outbox", sa.Column("first_asked_at", UtcDateTime()))
    op.add_column("outbox", sa.Column("asked_until", UtcDateTime()))

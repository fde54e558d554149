"""Answers to replies are counted by their parts, as they are paid for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the number of parts; what was answered before counts as nothing."""
    parts = sa.Column("counted_parts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("inbound_messages", parts)

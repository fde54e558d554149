"""How many messages of a campaign had arrived when its receipts had all come, for lists."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the count; a worker fills it in."""
    op.add_column("campaigns", sa.Column("delivered", sa.Integer()))

"""Numbers of invoices, by which district-heating customers prove who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; it is empty until the back office sends it."""
    op.add_column("customers", sa.Column("invoice_numbers", sa.Text()))

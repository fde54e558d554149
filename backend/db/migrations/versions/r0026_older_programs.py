"""Which programs work with the schema: an older one may go on while a newer one is started."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.older_programs import works_from

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Keep it beside the schema's version, of which there is one row."""
    op.add_column("alembic_version", sa.Column("works_from", sa.String(32)))
    works_from(revision)

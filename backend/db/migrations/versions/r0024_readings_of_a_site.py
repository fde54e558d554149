"""An index by which an identification finds what was read at a site, replaced readings included."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make it; rows stay as they are."""
    op.create_index("ix_readings_site_id", "readings", ["site_id"])

"""Failed attempts to identify are found without the ids that were only asked about."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.older_programs import works_from

revision = "0028"
down_revision = "0027"

_TABLE = "identification_failures"


def upgrade() -> None:
    """Make the new indexes before the old ones go; older programs ask by the same columns."""
    op.create_index(
        "ix_identification_failures_caller_key_only_asked_at",
        _TABLE,
        ["caller_key", "only_asked", "at"],
    )
    op.create_index(
        "ix_identification_failures_failed",
        _TABLE,
        ["site_key", "at"],
        sqlite_where=sa.text("only_asked = 0"),
        postgresql_where=sa.text("NOT only_asked"),
    )
    op.drop_index("ix_identification_failures_caller_key_at", _TABLE)
    op.drop_index("ix_identification_failures_site_key_at", _TABLE)
    works_from("0026")

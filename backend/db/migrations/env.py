"""Alembic's entry point: it migrates the connection that ``backend.db.schema`` hands over."""

from alembic import context

# Their tables belong to the one metadata.
from backend.db.tables import api, messages, notices, staff  # noqa: F401
from backend.db.tables.records import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite cannot alter a table in place; batches copy it.
    render_as_batch=True,
)
context.run_migrations()

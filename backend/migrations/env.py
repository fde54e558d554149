"""Alembic's entry point: it migrates the connection that ``backend.schema`` hands over."""

from alembic import context

from backend.message_tables import outbox

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=outbox.metadata,
    # SQLite cannot alter a table in place; batches copy it.
    render_as_batch=True,
)
context.run_migrations()

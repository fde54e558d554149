"""The first import into empty records: indexes and foreign keys are built when all rows are in.

Row by row they are more than half of what a row costs. They are off and on again within the
import's transaction, and only where the records hold nothing yet that anybody could ask for: on
PostgreSQL whoever asks waits for its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Index, Table, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import AddConstraint, DropConstraint, ForeignKeyConstraint

from backend.db.tables.records import create_index
from backend.imports.file_formats import FILES, ImportFile

_MAY_CHANGE = text(
    "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class"
    " WHERE oid = ANY(CAST(CAST(:names AS text[]) AS regclass[]))"
)

MANY = 50_000
"""Rows of a file from which on it pays to change the schema for a while."""


@contextmanager
def indexes_built_last(
    connection: Connection, present: Sequence[ImportFile], rows: Mapping[str, int]
) -> Iterator[bool]:
    """Leave the tables of these files without indexes and foreign keys during the block.

    Yields whether it does: only for many ``rows`` (by the file's name), into records that are
    empty, where nobody else uses the tables, and for their owner. What refers to nothing is found
    at the end of the block as well, and raises ``IntegrityError``.
    """
    tables = [file.table for file in present]
    built = max(rows.values()) >= MANY and _are_empty(connection) and _locked(connection, tables)
    indexes, references = _built_on(connection, tables) if built else ([], [])
    for index in indexes:
        index.drop(connection)
    for reference in references:
        connection.execute(DropConstraint(reference))
    yield built
    for index in indexes:
        create_index(connection, index)
    for reference in references:
        connection.execute(AddConstraint(reference, isolate_from_table=False))


def _are_empty(connection: Connection) -> bool:
    return all(connection.execute(select(file.table).limit(1)).first() is None for file in FILES)


def _locked(connection: Connection, tables: Sequence[Table]) -> bool:
    """Lock the tables, and those that they refer to, at once or not at all.

    On PostgreSQL only their owner, or who stands in for it, may change the schema.
    """
    if connection.dialect.name == "sqlite":
        return True  # whoever writes has locked everything
    referred = {key.column.table for table in tables for key in table.foreign_keys}
    names = sorted({table.name for table in [*tables, *referred]})
    if not connection.scalar(_MAY_CHANGE, {"names": names}):
        return False
    try:
        with connection.begin_nested():
            connection.execute(
                text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE NOWAIT")
            )
    except OperationalError:
        return False
    return True


def _built_on(
    connection: Connection, tables: Sequence[Table]
) -> tuple[list[Index], list[ForeignKeyConstraint]]:
    indexes = [index for table in tables for index in table.indexes]
    if connection.dialect.name == "sqlite":
        return indexes, []  # a table of SQLite has its foreign keys for good
    return indexes, [key for table in tables for key in table.foreign_key_constraints]

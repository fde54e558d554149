"""Moving all records to another database, between SQLite and PostgreSQL in either direction."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from backend.db.schema import describe, require_newest, upgrade

# Their tables belong to the one metadata.
from backend.db.tables import api, messages, notices  # noqa: F401
from backend.db.tables.records import calls, metadata, turns
from backend.db.tables.staff import workers
from backend.db.transactions import read, write
from common.csv_files.reading import Progress
from common.errors import RecordsError

ROWS_AT_ONCE = 2_000
IN_USE = timedelta(minutes=2)
"""A worker or a call that was seen within this time is taken to be there."""

_SEEDED = frozenset({"salts"})
"""What a migration fills; the moved records bring theirs, under which their hashes were made."""


class MoveRefusedError(RecordsError):
    """The records cannot be moved as things are; nothing was changed."""


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table's rows, and the sum of their hashes, which does not depend on their order."""

    name: str
    rows: int
    checksum: int = 0


def count_rows(source: Engine) -> list[MovedTable]:
    """What a move would copy, table by table, in its order."""
    require_newest(source, or_newer=False)
    with read(source) as connection:
        return [
            MovedTable(table.name, _count(connection, table)) for table in metadata.sorted_tables
        ]


def require_at_rest(engine: Engine, now: datetime) -> None:
    """Raise ``MoveRefusedError`` while a worker or a call is seen to use the records."""
    require_newest(engine)
    since = now - IN_USE
    with read(engine) as connection:
        working = connection.scalar(
            select(func.count()).select_from(workers).where(workers.c.seen_at > since)
        )
        recent = select(turns.c.call_sid).where(turns.c.at > since)
        talking = connection.scalar(
            select(func.count())
            .select_from(calls)
            .where(calls.c.ended_at.is_(None), calls.c.call_sid.in_(recent))
        )
    if working or talking:
        raise MoveRefusedError(
            f"The database {describe(engine)} is in use: {working} workers and {talking} calls in "
            f"the last {IN_USE // timedelta(minutes=1)} minutes. Stop service, console, API and "
            "workers, wait so long, and try again; --force goes on all the same."
        )


def move(source: Engine, target: Engine, progress: Progress) -> list[MovedTable]:
    """Copy every table into an empty database, compare it, and tell what was copied.

    The target gets the newest schema where it has none. All is one transaction there: what fails
    leaves it empty. The source is read as it was at one moment and is not changed. Raises
    ``MoveRefusedError`` when the target has rows, or rows that do not compare.
    """
    require_newest(source, or_newer=False)
    if source.url == target.url:
        raise MoveRefusedError("Both databases are the same one. Name another one with --to.")
    upgrade(target)
    with read(source) as origin, write(target) as destination:
        if origin.dialect.name == "postgresql":
            # One moment for all tables.
            origin.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        _require_empty(target, destination)
        total = sum(_count(origin, table) for table in metadata.sorted_tables)
        moved = list[MovedTable]()
        for table in metadata.sorted_tables:
            before = sum(each.rows for each in moved)
            copied = partial(_tell, progress, before, total)
            moved.append(_copy(origin, destination, table, copied))
        _compare(destination, moved)
        _set_sequences(destination)
    return moved


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _require_empty(target: Engine, connection: Connection) -> None:
    filled = [
        table.name
        for table in metadata.sorted_tables
        if table.name not in _SEEDED and connection.scalar(select(1).select_from(table).limit(1))
    ]
    if filled:
        raise MoveRefusedError(
            f"The database {describe(target)} is not empty: it has rows in {', '.join(filled)}. "
            "Name an empty one."
        )


def _tell(progress: Progress, before: int, total: int, rows: int) -> None:
    progress("rows", before + rows, total)


def _copy(
    origin: Connection, destination: Connection, table: Table, done: Callable[[int], None]
) -> MovedTable:
    if table.name in _SEEDED:
        destination.execute(delete(table))
    own = _refers_to_itself(table)
    adding = insert(table).values({column.name: _bound(column) for column in table.columns})
    later, rows, checksum = list[dict[str, Any]](), 0, 0
    for batch in _chunks(origin, table):
        chunk = list(map(dict, batch))
        checksum += sum(map(_hash, batch))
        if own is not None:
            # Whatever the order, the row that is referred to may come after.
            later += [{**_key(table, row), "refers": row[own]} for row in chunk if row[own]]
            chunk = [{**row, own: None} for row in chunk]
        destination.execute(adding, chunk)
        rows += len(chunk)
        done(rows)
    if later and own is not None:
        same = [column == bindparam(f"key_{column.name}") for column in table.primary_key]
        destination.execute(update(table).where(*same).values({own: bindparam("refers")}), later)
    return MovedTable(table.name, rows, checksum)


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    # As a stream: a table may have millions of rows.
    streaming = connection.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
    yield from streaming.mappings().partitions()


def _bound(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        # NULL stays NULL and does not become the JSON text "null".
        return bindparam(column.name, type_=JSON(none_as_null=bool(column.nullable)))
    return bindparam(column.name, type_=column.type)


def _refers_to_itself(table: Table) -> str | None:
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    return own[0] if own else None


def _key(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key}


def _hash(row: Any) -> int:
    told = repr([_plain(value) for value in row.values()])
    return int.from_bytes(blake2b(told.encode(), digest_size=16).digest())


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, sort_keys=True)
        case bytes() | memoryview():
            return blake2b(value).hexdigest()
        case _:
            return value


def _compare(destination: Connection, moved: Iterable[MovedTable]) -> None:
    for before in moved:
        table = metadata.tables[before.name]
        rows, checksum = 0, 0
        for chunk in _chunks(destination, table):
            rows += len(chunk)
            checksum += sum(map(_hash, chunk))
        if (rows, checksum) != (before.rows, before.checksum):
            raise MoveRefusedError(
                f"The table {table.name} did not arrive as it was ({before.rows} rows sent, {rows} "
                "arrived). Nothing was changed; tell the makers of the program."
            )


def _set_sequences(destination: Connection) -> None:
    """Let PostgreSQL number on from the highest row; SQLite does so by itself."""
    if destination.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is not True:
                continue
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = select(func.max(column)).scalar_subquery()
            destination.execute(
                select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None)))
            )

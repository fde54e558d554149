"""Inserting very many rows of plain values by the driver's fastest way.

The values come column by column: COPY on PostgreSQL takes text, and a column is made text, or
found to be text already, in one step. SQLite's driver takes what it can write as it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Table

from backend.db.driver import driver_of

ROWS_AT_ONCE = 5_000

Columns = Sequence[Sequence[Any]]
"""The values of some rows, column by column, each as long as the others."""

_NUMBERS = {int, float}
_FEW = {bool, date}
"""Kinds of which a column has few different values."""

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def insert_columns(
    connection: Connection, table: Table, names: Sequence[str], columns: Columns
) -> int:
    """Insert a row for each place of these columns; how many there were.

    Takes texts, numbers, truth values, dates and ``None``.
    """
    return insert_batches(connection, table, names, [columns])


def insert_batches(
    connection: Connection, table: Table, names: Sequence[str], batches: Iterable[Columns]
) -> int:
    """As ``insert_columns``, of all batches in one statement; ``batches`` may not use the database.

    PostgreSQL takes one batch over while the next is read.
    """
    driver = driver_of(connection)
    insert = _by_copy if driver.name == "postgresql" else _by_executemany
    count = 0

    def counted() -> Iterator[dict[str, Sequence[Any]]]:
        nonlocal count
        for columns in batches:
            if len(columns[0]):
                count += len(columns[0])
                yield dict(zip(names, columns, strict=True))

    with closing(driver.connection.cursor()) as cursor:
        insert(cursor, table, names, counted())
    return count


def _by_copy(
    cursor: Any, table: Table, names: Sequence[str], batches: Iterable[dict[str, Sequence[Any]]]
) -> None:
    with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for columns in batches:
            rows = map("\t".join, zip(*map(_copied, columns.values()), strict=True))
            copy.write("\n".join(rows) + "\n")


def _by_executemany(
    cursor: Any, table: Table, names: Sequence[str], batches: Iterable[dict[str, Sequence[Any]]]
) -> None:
    for columns in batches:
        given = {name: _bound(columns[name]) for name in names if _is_bound(table, name, columns)}
        marks = ", ".join("?" * len(given))
        statement = f"INSERT INTO {table.name} ({', '.join(given)}) VALUES ({marks})"  # noqa: S608 - our own names
        cursor.executemany(statement, zip(*given.values(), strict=True))


def insert_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows that have a value for each column of the table; how many there were.

    ``rows`` may use the database.
    """
    names, count, remaining = table.columns.keys(), 0, iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        count += insert_columns(connection, table, names, list(zip(*batch, strict=True)))
    return count


def _copied(column: Sequence[Any]) -> Sequence[str]:
    """The column as COPY reads it."""
    kinds = set(map(type, column)) - {NoneType}
    if kinds == {str}:
        together = "".join(filter(None, column))
        # What is printable has no tab and no end of line in it.
        if together.isprintable() and "\\" not in together:
            return [r"\N" if value is None else value for value in column]
    elif len(kinds) == 1 and kinds <= _FEW:
        written = {value: _copied_value(value) for value in set(column)}
        return list(map(written.__getitem__, column))
    elif kinds <= _NUMBERS:
        return [r"\N" if value is None else str(value) for value in column]
    return list(map(_copied_value, column))


def _copied_value(value: Any) -> str:
    match value:
        case str():
            return value.translate(_ESCAPES)
        case None:
            return r"\N"
        case bool():
            return "t" if value else "f"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _is_bound(table: Table, name: str, columns: dict[str, Sequence[Any]]) -> bool:
    """Whether a column must be named: what is empty in all rows costs the driver most of all.

    It looks for a way to write each ``None``, and finds none.
    """
    column = columns[name]
    has_default = table.c[name].server_default is not None
    # Mostly the first value tells.
    empty = column[0] is None and set(map(type, column)) == {NoneType}
    return has_default or not empty or name == next(iter(columns))


def _bound(column: Sequence[Any]) -> Sequence[Any]:
    """Truth values and days as SQLAlchemy writes them; the driver's ways are slow or deprecated."""
    kinds = set(map(type, column)) - {NoneType}
    if not kinds & _FEW:
        return column
    if len(kinds) > 1:
        return list(map(_bound_value, column))
    written = {value: _bound_value(value) for value in set(column)}
    return list(map(written.__getitem__, column))


def _bound_value(value: Any) -> Any:
    match value:
        case bool():
            return int(value)
        case date():
            return value.isoformat()
        case _:
            return value

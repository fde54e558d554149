"""Inserting very many rows of plain values by the driver's fastest way.

The values come column by column: COPY on PostgreSQL takes text, and a column is made text, or
found to be text already, in one step.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, Table

from backend.db.driver import driver_of

ROWS_AT_ONCE = 5_000

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def insert_columns(
    connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> int:
    """Insert a row for each place of these columns; how many there were.

    Takes texts, numbers, truth values, dates and ``None``.
    """
    count = len(columns[0])
    if not count:
        return 0
    driver = driver_of(connection)
    listed = ", ".join(names)
    with closing(driver.connection.cursor()) as cursor:
        if driver.name == "postgresql":
            with cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN") as copy:
                rows = map("\t".join, zip(*map(_copied, columns), strict=True))
                copy.write("\n".join(rows) + "\n")
        else:
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table.name} ({listed}) VALUES ({marks})"  # noqa: S608 - our own names
            plain = (
                _without_dates(column) if isinstance(table.c[name].type, Date) else column
                for name, column in zip(names, columns, strict=True)
            )
            cursor.executemany(statement, zip(*plain, strict=True))
    return count


def insert_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows that have a value for each column of the table; how many there were."""
    names, count, remaining = table.columns.keys(), 0, iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        count += insert_columns(connection, table, names, list(zip(*batch, strict=True)))
    return count


def _copied(column: Sequence[Any]) -> Sequence[str]:
    """The column as COPY reads it."""
    kinds = set(map(type, column))
    if kinds == {str}:
        together = "".join(column)
        # What is printable has no tab and no end of line in it.
        if together.isprintable() and "\\" not in together:
            return column
    elif kinds == {int}:
        return list(map(str, column))
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


def _without_dates(column: Sequence[Any]) -> Sequence[Any]:
    """Days as SQLAlchemy writes them into SQLite; the driver's own way is deprecated."""
    days = {day: None if day is None else day.isoformat() for day in set(column)}
    return list(map(days.__getitem__, column))

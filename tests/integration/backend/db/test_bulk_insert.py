"""Rows that go in column by column come out as they were."""

from datetime import date

import pytest
from sqlalchemy import Boolean, Column, Date, Float, Integer, MetaData, Table, Text, select

from backend.db.bulk_insert import insert_batches
from tests.support.databases.database import Database

pytestmark = pytest.mark.both_databases

TABLE = Table(
    "bulk",
    MetaData(),
    Column("place", Integer),
    Column("words", Text),
    Column("flag", Boolean),
    Column("day", Date),
    Column("amount", Float),
    Column("absent", Text),
    Column("usual", Text, server_default="usual"),
    prefixes=["TEMPORARY"],
)
ROWS = [
    (0, "Minta Ügyfél", True, date(2026, 11, 21), 9.5, None, None),
    (1, "tab\tend\nback\\slash \\N", False, None, 0.0, None, "own"),
    (2, None, None, date(1900, 1, 1), None, None, None),
    (3, "", True, date(2026, 11, 21), 1e9, None, ""),
]


@pytest.mark.parametrize("size", [1, 4])
def test_rows_of_all_kinds_of_values_come_out_as_they_went_in(
    database: Database, size: int
) -> None:
    batches = [list(zip(*ROWS[at : at + size], strict=True)) for at in range(0, len(ROWS), size)]
    empty: list[list[object]] = [[] for _ in TABLE.columns]
    with database.engine.begin() as connection:
        TABLE.create(connection)
        names = TABLE.columns.keys()
        assert insert_batches(connection, TABLE, names, [empty, *batches, empty]) == len(ROWS)
        stored = connection.execute(select(TABLE).order_by(TABLE.c.place)).all()
        TABLE.drop(connection)
    assert [tuple(row) for row in stored] == ROWS

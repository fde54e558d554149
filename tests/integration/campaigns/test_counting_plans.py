"""What staff's pages count of large tables is read from indexes, never row by row."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from backend.calls.call_lists import Result, page_of_calls, results_by_hour
from backend.calls.call_statistics import statistics
from backend.db.transactions import read
from messages.campaigns.counting import count, count_delivered
from messages.campaigns.planning.recipient_lists import page_of_recipients
from tests.support.databases.database import Database

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SPAN = (NOW - timedelta(days=1), NOW)
ROW_BY_ROW = re.compile(
    # PostgreSQL may gather the calls of all requests where many calls are counted.
    r"SCAN (?:outbox|calls|turns|requests)\b(?!.* USING)|Seq Scan on (?:outbox|calls|turns)\b"
)

Asked = Callable[[Connection], object]
PAGES: dict[str, Asked] = {
    "the states of a campaign": lambda connection: count(connection, "C1"),
    "delivered, for a list": lambda connection: count_delivered(connection, ["C1", "C2"]),
    "a campaign's recipients": lambda connection: page_of_recipients(connection, "C1"),
    "those in a state": lambda connection: page_of_recipients(connection, "C1", ["failed"]),
    "calls by the hour": lambda connection: results_by_hour(connection, *SPAN),
    "calls of a result": lambda connection: page_of_calls(connection, *SPAN, result=Result.SETTLED),
    "statistics of a day": lambda connection: statistics(connection, *SPAN),
}


@contextmanager
def noted(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The statements of a block with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    yield statements
    event.remove(connection, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_staff_reads_a_large_table_row_by_row(database: Database, page: str) -> None:
    explain = "EXPLAIN QUERY PLAN" if database.kind == "sqlite" else "EXPLAIN"
    with read(database.engine) as connection, noted(connection) as statements:
        PAGES[page](connection)
    with read(database.engine) as connection:
        if database.kind != "sqlite":
            # An empty table is always read so; the question is whether an index would serve.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, values in statements:
            plan = connection.exec_driver_sql(f"{explain} {statement}", values).all()
            lines = [" ".join(map(str, row)) for row in plan]
            assert not any(ROW_BY_ROW.search(line) for line in lines), "\n".join(lines)

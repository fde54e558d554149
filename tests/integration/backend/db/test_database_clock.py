"""The clock of the database: workers on machines whose clocks differ agree on leases and slots."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.db.clock import ASK_AGAIN_SECONDS, DatabaseClock
from backend.db.transactions import open_database
from tests.support.databases.database import Database

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=5)


def now() -> datetime:
    return datetime.now(UTC)


def test_machines_whose_clocks_differ_agree_on_postgresql_and_sqlite_goes_by_its_machine(
    database: Database,
) -> None:
    fast = DatabaseClock(database.engine, lambda: now() + HOUR)
    slow = DatabaseClock(database.engine, lambda: now() - HOUR)
    differ = fast() - slow()
    assert abs(differ) < SLACK if database.kind == "postgresql" else differ > HOUR
    assert fast().tzinfo is UTC


def test_it_goes_on_by_the_seconds_that_pass_and_asks_again(database: Database) -> None:
    seconds = [0.0]
    clock = DatabaseClock(database.engine, now, lambda: seconds[0])
    began = clock()
    seconds[0] = ASK_AGAIN_SECONDS - 1
    ahead = clock() - began
    seconds[0] = ASK_AGAIN_SECONDS + 1
    corrected = clock() - began
    if database.kind == "postgresql":
        assert ahead == timedelta(seconds=ASK_AGAIN_SECONDS - 1)
        # The counter was ahead of the server, which has the last word.
        assert corrected != timedelta(seconds=ASK_AGAIN_SECONDS + 1)


def test_before_a_server_has_answered_the_machines_own_clock_counts() -> None:
    engine = open_database("postgresql://nobody@127.0.0.1:9/nothing")
    try:
        assert DatabaseClock(engine, lambda: datetime(2026, 11, 23, tzinfo=UTC))().year == 2026
    finally:
        engine.dispose()

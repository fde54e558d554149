"""A utility and its history of any size, loaded at once: for ``benchmarks.turns.growth``."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from backend.db.bulk_insert import insert_columns
from backend.db.kept_connections import single_statements
from backend.db.sqlite.sqlite_engine import empty_log
from backend.db.tables.messages import campaigns, outbox
from backend.db.tables.records import calls, customers, meters, sites, turns
from benchmarks.millions.bare_parse import mobile
from benchmarks.millions.fast_fill import unchecked
from benchmarks.millions.recipient_records import CAMPAIGN

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
_NEWEST = NOW.replace(tzinfo=None)
BATCH = 10_000
FILLED = (customers, sites, meters, calls, turns, outbox)


@dataclass(frozen=True)
class Size:
    """How many customers (with a site and a meter each), ended calls and waiting messages."""

    customers: int
    calls: int
    outbox: int


def fill(engine: Engine, size: Size) -> None:
    """Put customers, ended calls and a running campaign into the database.

    What they refer to is there and not looked up; indexes are made when all rows are in.
    """
    with engine.connect() as connection, unchecked(connection, FILLED):
        running = {"campaign_id": "GROWTH", "state": "running", "started_at": NOW}
        connection.execute(insert(campaigns).values(CAMPAIGN | running))
        for batch in _batches(size.customers):
            _put(connection, customers, _customers(batch))
            _put(connection, sites, _sites(batch))
            _put(connection, meters, _meters(batch))
        for batch in _batches(size.calls):
            _put(connection, calls, _calls(batch))
            _put(connection, turns, _turns(batch))
        for batch in _batches(size.outbox):
            _put(connection, outbox, _outbox(batch))
    _settle(engine)


def _settle(engine: Engine) -> None:
    """Leave the store as it is some time after: nothing of it waits for its disk."""
    if engine.dialect.name == "postgresql":
        with single_statements(engine) as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    else:
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        empty_log(engine)
    os.sync()


def _batches(rows: int) -> Iterator[range]:
    return (range(start, min(start + BATCH, rows)) for start in range(0, rows, BATCH))


def _put(connection: Connection, table: Table, columns: dict[str, list[Any]]) -> None:
    insert_columns(connection, table, list(columns), list(columns.values()))


def _customers(numbers: range) -> dict[str, list[Any]]:
    many = len(numbers)
    return {
        "customer_id": [f"G-{number:07d}" for number in numbers],
        "name": [f"Minta Ügyfél {number}" for number in numbers],
        "address": ["1000 Mintaváros"] * many,
        "phone": [mobile(number) for number in numbers],
        "language": ["hu"] * many,
        "direct_debit": [False] * many,
        "protected": [False] * many,
    }


def _sites(numbers: range) -> dict[str, list[Any]]:
    many = len(numbers)
    return {
        "site_id": [f"{number + 50_000_000}" for number in numbers],
        "customer_id": [f"G-{number:07d}" for number in numbers],
        "service": ["electricity"] * many,
        "address": ["1000 Mintaváros"] * many,
        "billing": ["self_reading"] * many,
        "partial_billing": ["active"] * many,
    }


def _meters(numbers: range) -> dict[str, list[Any]]:
    many = len(numbers)
    return {
        "site_id": [f"{number + 50_000_000}" for number in numbers],
        "serial": [f"{number + 10_000_000}" for number in numbers],
        "register": ["1.8.0"] * many,
        "label": [""] * many,
        "digits": [5] * many,
        "last_value": [1000] * many,
        "last_read_on": [date(2026, 10, 20)] * many,
        "daily_average": [9.5] * many,
    }


def _calls(numbers: range) -> dict[str, list[Any]]:
    many, moments = len(numbers), list(map(_moment, numbers))
    return {
        "call_sid": [f"CG{number:032x}" for number in numbers],
        "reference": [f"G{number:07d}" for number in numbers],
        "caller_key": [f"{number % 100_000:064x}" for number in numbers],
        "tree_hash": ["growth"] * many,
        "began_at": moments,
        "ended_at": moments,
        "outcome": ["settled"] * many,
    }


def _turns(numbers: range) -> dict[str, list[Any]]:
    """Three of each call."""
    calls = [(f"CG{number:032x}", _moment(number)) for number in numbers]
    return {
        "call_sid": [call_sid for call_sid, _ in calls for _ in range(3)],
        "turn": [0, 1, 2] * len(calls),
        "at": [moment for _, moment in calls for _ in range(3)],
        "place": ["main menu"] * (3 * len(calls)),
    }


def _outbox(numbers: range) -> dict[str, list[Any]]:
    return {
        "campaign_id": ["GROWTH"] * len(numbers),
        "line": list(numbers),
        "phone": [f"+3699{number:07d}" for number in numbers],
        "case_id": [f"G-{number}" for number in numbers],
    }


def _moment(number: int) -> str:
    """A moment of the year before, as both databases read it from text."""
    moment = _NEWEST - timedelta(seconds=number % 1_000_000 * 30)
    return moment.isoformat(" ", "microseconds")

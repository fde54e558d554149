"""The records and files from which ``recipients`` chooses: all customers owe."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text, update

from backend.db.bulk_insert import insert_columns, insert_rows
from backend.db.tables.messages import campaigns, outbox, stops
from backend.db.tables.records import customers, debts
from backend.db.transactions import write
from backend.records.suppression.stop_keys import stop_keys
from benchmarks.millions.bare_parse import mobile
from benchmarks.millions.fast_fill import unchecked

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CAMPAIGN = {
    "name": "reminder",
    "kind": "debt",
    "template": "debt_contact_1",
    "template_version": 1,
    "message": "text",
    "segments": 1,
    "state": "draft",
    "source": "file",
    "source_rows": 0,
    "recipients": 0,
    "created_at": NOW,
    "created_by": "benchmark",
}
_BATCH = 10_000


def fill(engine: Engine, rows: int) -> None:
    """Put as many customers, debts and a hundredth of it stopped numbers into the records."""
    with engine.connect() as connection, unchecked(connection, (customers, debts, stops)):
        stopped = stop_keys(connection)
        keys = (stopped.of(mobile(number)) for number in range(0, rows, 100))
        put_in(connection, stops, map(stop, keys))
        for start in range(0, rows, _BATCH):
            _put(connection, customers, _customers(range(start, min(start + _BATCH, rows))))
        for start in range(0, rows, _BATCH):
            _put(connection, debts, _debts(range(start, min(start + _BATCH, rows)), rows))
    with write(engine, durable=False) as connection:
        connection.execute(text("ANALYZE"))


def deliver_all(engine: Engine) -> None:
    """Let every message of the outbox have been delivered at ``NOW``."""
    with engine.connect() as connection, unchecked(connection, (outbox,)):
        connection.execute(update(outbox).values(state="delivered", attempted_at=NOW))


def put_in(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows by their columns' names; what a row does not name is empty."""
    names = [column.name for column in table.columns]
    insert_rows(connection, table, (tuple(row.get(name) for name in names) for row in rows))


def _put(connection: Connection, table: Table, columns: dict[str, list[Any]]) -> None:
    insert_columns(connection, table, list(columns), list(columns.values()))


def _customers(numbers: range) -> dict[str, list[Any]]:
    """One in a hundred is protected."""
    many = len(numbers)
    return {
        "customer_id": [f"C-{number:07d}" for number in numbers],
        "name": [f"Minta Ügyfél {number}" for number in numbers],
        "address": [f"1000 Mintaváros, Példa utca {number}." for number in numbers],
        "language": ["hu"] * many,
        "direct_debit": [False] * many,
        "protected": [number % 100 == 7 for number in numbers],
    }


def _debts(numbers: range, rows: int) -> dict[str, list[Any]]:
    """Debts lie in another order than their customers; one in fifty is paid."""
    return {
        "case_id": [f"ESET-{number:07d}" for number in numbers],
        "customer_id": [f"C-{number * 7_919 % rows:07d}" for number in numbers],
        "phone": [mobile(number - (number % 100 == 5)) for number in numbers],
        "status": ["paid" if number % 50 == 3 else "open" for number in numbers],
        "overdue_since": [date(2026, 8, 15)] * len(numbers),
    }


def stop(key: str) -> dict[str, Any]:
    """An opt-out by message."""
    return {"phone_key": key, "reason": "opted_out", "since": "2026-01-01", "origin": "sms"}


def spelled(number: int) -> str:
    """What stands beside a case: half of them nothing, else a number as people write it."""
    odd = {10: f"06 1 2{number % 1_000_000:06d}", 12: "nincs", 14: "+44 7911 123456"}
    if number % 100 in odd:
        return odd[number % 100]
    if number % 2:
        return ""
    national = mobile(number).removeprefix("+36")
    return f"06 {national[:2]}/{national[2:5]}-{national[5:]}"


def landline(number: int) -> str:
    """A landline of its own for each number: none of them takes the short cut."""
    return f"06 1 {2_000_000 + number}"


def write_file(path: Path, rows: int, phone: Callable[[int], str], *, share: int = 1) -> None:
    """Write a file of cases in no order; one in two hundred is not in the records.

    With a ``share`` only every so manieth case.
    """
    order = list(range(0, rows, share))
    Random(1).shuffle(order)  # noqa: S311 - an order that is the same each time
    with path.open("w", encoding="utf-8") as stream:
        stream.write("case_id;phone\n")
        for number in order:
            case = "LOST" if number % 200 == 9 else "ESET"
            stream.write(f"{case}-{number:07d};{phone(number)}\n")


def write_campaign(connection: Connection, campaign_id: str) -> str:
    """Insert a campaign's row."""
    connection.execute(insert(campaigns).values(CAMPAIGN | {"campaign_id": campaign_id}))
    return campaign_id

"""What a scrape reads from the records."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from backend.db.tables.messages import campaigns, outbox, tasks
from backend.db.tables.records import calls
from backend.db.tables.staff import jobs, workers
from backend.db.transactions import open_database, write
from backend.records_metrics import RecordsCollector
from tests.support.calls.telephone import Clock
from tests.support.carriers.sending_desk import SendingDesk


def figures(collector: RecordsCollector) -> dict[tuple[str, ...], float]:
    """Each sample by its name without the prefix, and its labels' values."""
    return {
        (sample.name.removeprefix("zoldszam_"), *sample.labels.values()): sample.value
        for family in collector.collect()
        for sample in family.samples
    }


def call(number: int, **changes: Any) -> dict[str, Any]:
    row = {"call_sid": f"CA{number}", "reference": str(number), "tree_hash": "x"}
    return {**row, "ended_at": None, **changes}


@pytest.mark.both_databases
def test_a_scrape_tells_what_waits_what_is_unknown_and_since_when(
    desk: SendingDesk,
) -> None:
    engine, now = desk.database.engine, desk.clock()
    minute = timedelta(minutes=1)
    running, over = desk.run(desk.debtors(4)), desk.run(desk.debtors(2, first=10))
    with write(engine) as connection:
        states = [("claimed", 1), ("unknown", 2), ("delivered", 3)]
        for state, line in states:
            row = (outbox.c.campaign_id == running) & (outbox.c.line == line + 1)
            connection.execute(update(outbox).where(row).values(state=state, settled_at=now))
        ended = {"state": "delivered", "settled_at": now}
        connection.execute(update(outbox).where(outbox.c.campaign_id == over).values(ended))
        lost = (outbox.c.campaign_id == over) & (outbox.c.line == 11)
        long_ago = {"state": "unknown", "settled_at": now - 10 * minute}
        connection.execute(update(outbox).where(lost).values(long_ago))
        connection.execute(
            update(campaigns).where(campaigns.c.campaign_id == over).values(state="done")
        )
        connection.execute(
            insert(calls),
            [
                call(1, began_at=now - minute),
                call(2, began_at=now - minute, ended_at=now),
                call(3, began_at=now - 300 * minute),
            ],
        )
        connection.execute(insert(workers).values(worker="w", seen_at=now))
        add_job(connection, "J1", now - 3 * minute)
        task = {"kind": "read_message", "phone": "", "opened_at": now - 2 * minute}
        connection.execute(insert(tasks).values(task))
    found = figures(RecordsCollector(engine, lambda: now + 5 * minute))
    assert found == {
        ("database_up",): 1,
        ("calls_in_progress",): 1,
        ("outbox_messages", "queued"): 1,
        ("outbox_messages", "claimed"): 1,
        ("outbox_messages", "unknown"): 2,
        ("outbox_messages", "delivered"): 1,
        ("outbox_oldest_seconds", "queued"): 300,
        ("outbox_oldest_seconds", "requested"): 0,
        ("outbox_oldest_seconds", "unknown"): 900,
        ("campaigns", "scheduled"): 0,
        ("campaigns", "running"): 1,
        ("campaigns", "paused"): 0,
        ("jobs", "waiting"): 1,
        ("jobs", "running"): 0,
        ("jobs", "done"): 0,
        ("jobs", "failed"): 0,
        ("jobs_oldest_waiting_seconds",): 480,
        ("workers",): 0,
        ("tasks_open",): 1,
        ("tasks_oldest_seconds",): 420,
        ("events_waiting",): 0,
        ("events_oldest_seconds",): 0,
    }


def add_job(connection: Any, job_id: str, at: Any) -> None:
    row = {"job_id": job_id, "kind": "judge recipients", "by": "anna", "data": {}, "created_at": at}
    connection.execute(insert(jobs).values(row))


def test_records_that_cannot_be_read_are_told_as_such() -> None:
    away = open_database("postgresql://nobody@127.0.0.1:9/none")
    assert figures(RecordsCollector(away, Clock.at("2026-11-21 10:00"))) == {("database_up",): 0}

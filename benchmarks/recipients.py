"""What choosing a campaign's recipients costs, beside the bare insert of the same outbox.

A synthetic utility and a file of as many rows in no order, spelled as people spell numbers, some
of each kind that is left out. Reading, judging and storing are timed in a process of their own,
whose peak of memory is taken; the bare insert puts the outbox that came out into an empty table
with the same indexes by the driver's fastest way, in one transaction.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import click
from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from backend.database import driver_of, open_database, read, write
from backend.message_tables import campaigns, exclusions, outbox, stops
from backend.rules.contact_hours import ContactHours
from backend.tables import customers, debts
from benchmarks import page
from settings import HERE
from sms.policy import SendingPolicy
from sms.recipients.selection import selected
from sms.recipients.source import RecipientsFile
from sms.recipients.workbench import insert_rows
from sms.stops import stop_key, stop_salt
from tests.database import migrated, postgres_server

ROWS = 1_000_000
ROUNDS = 3
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POLICY = SendingPolicy(contact_hours=ContactHours.parse("always"))
CAMPAIGN = {
    "campaign_id": "measured",
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
OUTBOX = ("campaign_id", "line", "case_id", "customer_id", "phone", "state", "attempt")


@dataclass(frozen=True)
class Times:
    """Seconds of each step, the peak of memory in MB, and how many rows became recipients."""

    reading: float
    judging: float
    storing: float
    peak: float
    recipients: int

    @property
    def together(self) -> float:
        """Seconds from the file to the stored campaign."""
        return self.reading + self.judging + self.storing


@dataclass(frozen=True)
class Result:
    """One database: the usual file and the bare insert by round, and the worst cases once."""

    name: str
    usual: list[Times]
    bare: list[float]
    worst: dict[str, Times]


def main(rows: int = ROWS) -> None:
    """Measure on both databases and write the section."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        usual, odd = Path(folder, "usual.csv"), Path(folder, "odd.csv")
        write_file(usual, rows, spelled)
        write_file(odd, rows, landline)
        results = [
            measure_database("SQLite", f"sqlite:///{folder}/records.db", rows, usual, odd)
        ]
        with server.database() as url:
            results.append(measure_database("PostgreSQL", url, rows, usual, odd))
    section = report(rows, results)
    page.put(section)
    click.echo(section)


def measure_database(name: str, url: str, rows: int, usual: Path, odd: Path) -> Result:
    """Fill the records and measure each case; every round begins with an empty outbox."""
    with migrated(url) as database:
        engine = database.engine
        fill(engine, rows)
        times, bare, worst = [], [], {}
        for _ in range(ROUNDS):
            empty(engine)
            times.append(in_a_child(url, usual))
            bare.append(bare_insert(engine))
        with write(engine) as connection:
            sent = {"state": "delivered", "attempted_at": NOW}
            connection.execute(update(outbox).values(sent))
            connection.execute(update(campaigns).values(campaign_id=campaigns.c.campaign_id))
        worst["all reminded lately"] = in_a_child(url, usual)
        empty(engine)
        worst["all of them landlines"] = in_a_child(url, odd)
    return Result(name, times, bare, worst)

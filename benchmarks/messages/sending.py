"""Sending by real worker processes against a carrier over HTTP that answers after 80 ms.

Two things are measured on each database: how many messages a second one process sends when the
rate limit is far away, and how exactly four processes keep a pace while one of them is killed
every few seconds. Nobody may get two messages; whom a killed worker has asked for is counted as
unknown, and left alone for the time of the measurement.

``python -m benchmarks.messages.sending [SECONDS [SECONDS]]``, of the one and of the other.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil

from backend.db.transactions import read, write
from backend.desks import HungarianCalendar
from backend.imports.importer import import_directory
from benchmarks import page
from benchmarks.messages.slow_carrier import how_many, running_carrier, taken
from common.errors import CampaignError
from messages.campaigns import lifecycle
from messages.campaigns.campaign import find_campaign
from messages.campaigns.counting import count
from messages.campaigns.lifecycle import Actor
from settings import HERE
from tests.support.carriers.running_desk import ALWAYS, draft_campaign, write_debtors
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database, migrated, postgres_server

LATENCY = 0.08
THREADS = 64
FAST_SECONDS = 15
MOST_A_SECOND = 600
"""More is not waited for: so long is the campaign without a pace."""
PACE = 50
PACED_SECONDS = 32
KILL_SECONDS = 4.0
WORKERS = 4
PATIENCE_SECONDS = 120.0


@dataclass
class Desk:
    """A database with debtors, and the environment of the workers on it."""

    database: Database
    folder: Path
    environment: dict[str, str]

    def run_campaign(self, recipients: int, first: int = 0) -> str:
        """Import debtors, numbered from ``first``, and start a campaign to them; its id."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        file = write_debtors(folder, recipients, first)
        import_directory(self.database.engine, folder)
        now = datetime.now(UTC)
        made = draft_campaign(self.database.engine, file, now)
        with write(self.database.engine) as connection:
            lifecycle.approve(connection, made.campaign_id, Actor("bela", now))
            lifecycle.start(
                connection, made.campaign_id, Actor("anna", now), ALWAYS, HungarianCalendar()
            )
        return made.campaign_id

    def start_worker(self, threads: int = THREADS) -> subprocess.Popen[bytes]:
        """Start a worker process."""
        command = Path(sys.executable).with_name("zoldszam")
        return subprocess.Popen(
            [command, "worker", "--threads", str(threads)],
            cwd=HERE,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def cancel(self, campaign_id: str) -> None:
        """End a campaign, unless it is over."""
        with write(self.database.engine) as connection, suppress(CampaignError):
            lifecycle.cancel(connection, campaign_id, Actor("anna", datetime.now(UTC)))

    def states(self, campaign_id: str) -> dict[str, int]:
        """How many of the campaign's rows are in each state."""
        with read(self.database.engine) as connection:
            return dict(count(connection, campaign_id).states)

    def segments(self, campaign_id: str) -> int:
        """Segments of each of the campaign's messages."""
        with read(self.database.engine) as connection:
            return find_campaign(connection, campaign_id).segments


def main(fast_seconds: int = FAST_SECONDS, paced_seconds: int = PACED_SECONDS) -> None:
    """Measure on both databases and write the section."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        url = f"sqlite:///{folder}/records.db"
        lines += measure("SQLite", url, Path(folder), fast_seconds, paced_seconds)
        with server.database() as url:
            lines += measure("PostgreSQL", url, Path(folder), fast_seconds, paced_seconds)
    section = report(fast_seconds, paced_seconds, lines)
    page.put(section)
    click.echo(section)


def measure(name: str, url: str, folder: Path, fast_seconds: int, paced_seconds: int) -> list[str]:
    """The two measurements on one database; a line of the table for each."""
    recipients = fast_seconds * MOST_A_SECOND
    with migrated(url) as database:
        add_staff(database.engine, anna="sender", bela="approver")
        with desk(database, folder, pace=100_000) as (free, carrier):
            first = one_process(f"{name}, one process", free, carrier, recipients, fast_seconds)
        with desk(database, folder, PACE) as (paced, carrier):
            return [first, killed_workers(name, paced, carrier, paced_seconds, recipients)]


def one_process(name: str, free: Desk, carrier: str, recipients: int, seconds: int) -> str:
    """Let one process send as fast as it can; a line of the table."""
    tell(f"{name}: {recipients:,} debtors are imported")
    campaign_id = free.run_campaign(recipients)
    process = free.start_worker()
    try:
        wait_until_taken(carrier, 1)
        began, ends = processor(process), time.monotonic() + seconds
        while time.monotonic() < ends and (many := how_many(carrier)) < recipients:
            tell(f"{name}: {many:,} messages")
            time.sleep(1)
        cost = (processor(process) - began) / how_many(carrier)
    finally:
        # What is left is not to be sent to the next carrier.
        process.kill()
        process.wait()
        free.cancel(campaign_id)
    return line(name, free, carrier, campaign_id, None, cost)


def killed_workers(name: str, paced: Desk, carrier: str, seconds: int, first: int) -> str:
    """Let four workers send at a pace and kill one every few seconds; a line of the table."""
    # More than can go out, so that it does not come to its end before the time.
    campaign_id = paced.run_campaign(2 * PACE * seconds, first)
    processes = [paced.start_worker() for _ in range(WORKERS)]
    victim, kills = 0, 0
    try:
        wait_until_taken(carrier, PACE)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends - KILL_SECONDS:
            time.sleep(KILL_SECONDS)
            processes[victim].kill()
            processes[victim].wait()
            processes[victim] = paced.start_worker()
            victim, kills = (victim + 1) % WORKERS, kills + 1
            tell(f"{name}: {kills} of {WORKERS} killed, {how_many(carrier):,} messages")
        time.sleep(max(0.0, ends - time.monotonic()))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    told = f"{name}, {WORKERS} processes, {kills} killed"
    return line(told, paced, carrier, campaign_id, PACE, None)


def tell(what: str) -> None:
    """Show how far it is."""
    click.echo(what, err=True)


def processor(process: subprocess.Popen[bytes]) -> float:
    """Seconds of the processor that a process has had."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def desk(database: Database, folder: Path, pace: int) -> Iterator[tuple[Desk, str]]:
    """A desk with a carrier of its own."""
    with running_carrier(LATENCY) as carrier:
        environment = {
            "CONTACT_HOURS": "always",
            "SEND_PACE": str(pace),
            "FAILURE_SHARE": "100%/1000",
            "DATABASE_URL": database.url,
            "PUBLIC_URL": "https://desk.example.hu",
            "TWILIO_API_URL": carrier,
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "0" * 32,
            "SMS_FROM": "+36209383838",
        }
        yield Desk(database, folder, environment), carrier


def wait_until_taken(carrier: str, number: int) -> None:
    """Wait until the carrier has so many messages; raises ``TimeoutError``."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while (many := how_many(carrier)) < number:
        if time.monotonic() > ends:
            raise TimeoutError(f"the carrier has {many} of {number} messages")
        time.sleep(0.2)


def line(
    name: str,
    used: Desk,
    carrier: str,
    campaign_id: str,
    pace: int | None,
    cost: float | None,
) -> str:
    """What the carrier saw, as a line of the table: the rate between a tenth and the end."""
    messages = taken(carrier)
    moments = sorted(moment for moment, _ in messages)
    counted = moments[len(moments) // 10 :]
    rate = (len(counted) - 1) / (counted[-1] - counted[0])
    doubled = sum(many > 1 for many in Counter(number for _, number in messages).values())
    # What was on its way at the kill is unknown as soon as its lease ends.
    states = used.states(campaign_id)
    unknown = states.get("unknown", 0) + states.get("claimed", 0)
    # The pace is in segments.
    segments = rate * used.segments(campaign_id)
    against = "" if pace is None else f"{(segments / pace - 1) * 100:+.1f} %"
    spent = "" if cost is None else f"{cost * 1000:.2f}"
    many = f"{len(messages):,}"
    return f"| {name} | {many} | {rate:.1f} | {against} | {spent} | {doubled} | {unknown} |"


def report(fast_seconds: int, paced_seconds: int, lines: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    return f"""## Sending

Real workers with {THREADS} threads each against a carrier over HTTP that answers after
{LATENCY * 1000:.0f} ms. One process sends for {fast_seconds} seconds with the rate limit out of
reach; {WORKERS} processes send for {paced_seconds} seconds at a pace of {PACE} segments a second
while one is killed (`kill -9`) and started again every {KILL_SECONDS:.0f} seconds. The rate is what
the carrier saw after the first tenth; the processor's time is the worker's, in milliseconds a
message.

| | messages | a second | against the pace | processor | sent twice | claimed or unknown |
|---|---|---|---|---|---|---|
{chr(10).join(lines)}

{page.conditions("urllib3", "sqlalchemy", "psycopg")}
"""


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

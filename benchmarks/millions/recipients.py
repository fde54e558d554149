"""What choosing a campaign's recipients costs, beside bare parsing and the bare insert of them.

A synthetic utility and a file of as many rows in no order, spelled as people spell numbers, some
of each kind that is left out. Reading, judging and storing are timed in a process of their own,
whose peak of memory is taken. Beside them stands what ``phonenumbers.parse`` alone takes for as
many numbers, just before and after, and what the driver's fastest way takes to put the outbox that
came out into an empty table with the same indexes, in one transaction.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import click
from sqlalchemy import Engine, select

from backend.db.driver import driver_of
from backend.db.tables.messages import outbox
from backend.db.transactions import open_database, read, write
from backend.rules.contact_hours import ContactHours
from benchmarks import page
from benchmarks.millions.bare_parse import bare_parse, peak_memory, peak_of_all
from benchmarks.millions.fast_fill import told
from benchmarks.millions.recipient_records import (
    NOW,
    deliver_all,
    fill,
    landline,
    spelled,
    write_campaign,
    write_file,
)
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import RecipientsFile
from settings import HERE
from tests.support.databases.database import migrated, postgres_server

ROWS = 1_000_000
SHARE = 10
"""Of the rows in the files of what costs most, one of so many."""
POLICY = SendingPolicy(contact_hours=ContactHours.parse("always"))
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
class Files:
    """The usual file, a share of it, and as many landlines."""

    usual: Path
    few: Path
    landlines: Path


@dataclass(frozen=True)
class Result:
    """One database: the usual file, bare parsing and the bare insert, and the worst cases."""

    name: str
    usual: Times
    parse: float
    insert: float
    worst: dict[str, Times]


def main(rows: int = ROWS) -> None:
    """Measure on both databases and write the section."""
    with tempfile.TemporaryDirectory() as name, postgres_server() as server:
        folder = Path(name)
        files = Files(folder / "usual.csv", folder / "few.csv", folder / "landlines.csv")
        with told(f"files of {rows:,} rows are written"):
            write_file(files.usual, rows, spelled)
            write_file(files.few, rows, spelled, share=SHARE)
            write_file(files.landlines, rows, landline, share=SHARE)
        urls = [f"sqlite:///{folder}/{each}.db" for each in ("records", "bare")]
        results = [measure_database("SQLite", urls, rows, files)]
        for url in urls:
            Path(url.removeprefix("sqlite:///")).unlink()
        with ExitStack() as databases:
            urls = [databases.enter_context(server.empty_database()) for _ in urls]
            results.append(measure_database("PostgreSQL", urls, rows, files))
    section = report(rows, results)
    page.put(section)
    click.echo(section)


def measure_database(name: str, urls: list[str], rows: int, files: Files) -> Result:
    """Fill the records and measure each case; the second database is for the bare insert."""
    url, bare = urls
    with migrated(url) as database, migrated(bare) as empty:
        with told(f"{name}: {rows:,} customers and debts are filled in"):
            fill(database.engine, rows)
        with told(f"{name}: all of them landlines"):
            worst = {"all of them landlines": in_a_child(url, files.landlines)}
        before = bare_parse(rows)
        with told(f"{name}: the usual file"):
            usual = in_a_child(url, files.usual)
        parse = (before + bare_parse(rows)) / 2
        with told(f"{name}: the bare insert"):
            seconds = bare_insert(database.engine, empty.engine)
        with told(f"{name}: {rows:,} messages are delivered"):
            deliver_all(database.engine)
        with told(f"{name}: all reminded yesterday"):
            worst["all reminded yesterday"] = in_a_child(url, files.few)
    return Result(name, usual, parse, seconds, worst)


def bare_insert(engine: Engine, empty: Engine) -> float:
    """Seconds for the outbox that is there, put into an empty one by the driver alone."""
    names = ", ".join(OUTBOX)
    with read(engine) as connection:
        stored = select(*(outbox.c[name] for name in OUTBOX)).order_by(outbox.c.number)
        rows = [tuple(row) for row in connection.execute(stored)]
    with write(empty) as connection:
        write_campaign(connection, rows[0][0])
    began = time.monotonic()
    with write(empty) as connection:
        driver = driver_of(connection)
        cursor = driver.connection.cursor()
        if driver.name == "postgresql":
            with cursor.copy(f"COPY outbox ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(OUTBOX))
            statement = f"INSERT INTO outbox ({names}) VALUES ({marks})"  # noqa: S608 - our names
            cursor.executemany(statement, rows)
    return time.monotonic() - began


def in_a_child(url: str, file: Path) -> Times:
    """Choose and store in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.millions.recipients", "--measure", url, str(file)]
    done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
    return Times(**json.loads(done.stdout))


def measure(url: str, file: Path) -> Times:
    """Choose from a file and store; this process does nothing else."""
    marks: dict[str, float] = {}
    reports = count()
    peaks: list[float] = []

    def progress(name: str, done: int, _total: int) -> None:
        if done == 0:
            marks.setdefault(name, time.monotonic())
        if next(reports) % 100 == 0:
            peaks.append(peak_of_all())

    engine = open_database(url)
    began = time.monotonic()
    with selected(
        engine, RecipientsFile(file), POLICY, NOW + timedelta(days=1), progress
    ) as chosen:
        judged = time.monotonic()
        chosen.store(lambda connection: write_campaign(connection, str(time.time_ns())))
    ended = time.monotonic()
    return Times(
        reading=marks["judging"] - began,
        judging=judged - marks["judging"],
        storing=ended - judged,
        peak=max(*peaks, peak_memory()),
        recipients=chosen.recipients,
    )


def report(rows: int, results: list[Result]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    usual = [_usual(result) for result in results]
    worst = [
        f"| {name}, {result.name} | {times.reading:.1f} | {times.judging:.1f} "
        f"| {times.storing:.1f} | {times.recipients:,} | {times.peak:.0f} |"
        for result in results
        for name, times in result.worst.items()
    ]
    return f"""## The recipients of a campaign

A file of {rows:,} rows in no order over as many customers and debts: half of the rows with a number
in a usual spelling, some of every kind that is left out; {results[0].usual.recipients:,} become
recipients. Seconds on the clock, with a second process while the file is read and while stopped
numbers are looked for; only while it stores does anybody wait for it. Bare parsing is
`phonenumbers.parse` of {rows:,} numbers, the bare insert puts the same outbox into an empty table
with the same indexes by the driver's fastest way (`executemany`, `COPY`) from memory, in one
transaction. The peak is that of all processes but the database's.

| | read | judge | store | together | parsing | together : parsing | insert | store : insert | MB |
|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(usual)}

What costs most, of {rows // SHARE:,} rows over the same records:

| | read | judge | store | recipients | peak MB |
|---|---|---|---|---|---|
{chr(10).join(worst)}

{page.conditions("sqlalchemy", "psycopg", "phonenumbers")}
"""


def _usual(result: Result) -> str:
    times = result.usual
    return (
        f"| {result.name} | {times.reading:.1f} | {times.judging:.1f} | {times.storing:.1f} "
        f"| {times.together:.1f} | {result.parse:.1f} | {times.together / result.parse:.2f} "
        f"| {result.insert:.1f} | {times.storing / result.insert:.2f} | {times.peak:.0f} |"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--measure", url, file]:
            click.echo(json.dumps(asdict(measure(url, Path(file)))))
        case [count]:
            main(int(count))
        case _:
            main()

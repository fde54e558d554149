"""What choosing a campaign's recipients costs, beside the bare insert of the same outbox.

A synthetic utility and a file of as many rows in no order, spelled as people spell numbers, some
of each kind that is left out. Reading, judging and storing are timed in a process of their own,
whose peak of memory is taken; the bare insert puts the outbox that came out into an empty table
with the same indexes by the driver's fastest way, in one transaction.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import click
from sqlalchemy import Connection, Engine, Table, delete, insert, select, text, update

from backend.db.bulk_insert import insert_rows
from backend.db.driver import driver_of, single_statements
from backend.db.message_tables import campaigns, exclusions, outbox, stops
from backend.db.tables import customers, debts
from backend.db.transactions import open_database, read, write
from backend.records.stop_keys import stop_keys
from backend.rules.contact_hours import ContactHours
from benchmarks import page
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import RecipientsFile
from settings import HERE
from tests.support.database import migrated, postgres_server

ROWS = 1_000_000
ROUNDS = 3
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POLICY = SendingPolicy(contact_hours=ContactHours.parse("always"))
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
        results = [measure_database("SQLite", f"sqlite:///{folder}/records.db", rows, usual, odd)]
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
        times, bare = [], []
        for _ in range(ROUNDS):
            empty(engine)
            times.append(in_a_child(url, usual))
            bare.append(bare_insert(engine))
        with write(engine) as connection:
            connection.execute(update(outbox).values(state="delivered", attempted_at=NOW))
        worst = {"all reminded yesterday": in_a_child(url, usual)}
        empty(engine)
        worst["all of them landlines"] = in_a_child(url, odd)
    return Result(name, times, bare, worst)


def fill(engine: Engine, rows: int) -> None:
    """Put as many customers, debts and a hundredth of it stopped numbers into the records."""
    with write(engine) as connection:
        stopped = stop_keys(connection)
        put_in(connection, customers, (customer(number) for number in range(rows)))
        put_in(connection, debts, (debt(number, rows) for number in range(rows)))
        keys = (stopped.of(mobile(number)) for number in range(0, rows, 100))
        put_in(connection, stops, (stop(key) for key in keys))
        connection.execute(text("ANALYZE"))


def put_in(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows by their columns' names; what a row does not name is empty."""
    names = [column.name for column in table.columns]
    insert_rows(connection, table, (tuple(row.get(name) for name in names) for row in rows))


def customer(number: int) -> dict[str, Any]:
    """One in a hundred is protected."""
    return {
        "customer_id": f"C-{number:07d}",
        "name": f"Minta Ügyfél {number}",
        "address": f"1000 Mintaváros, Példa utca {number}.",
        "language": "hu",
        "direct_debit": False,
        "protected": number % 100 == 7,
    }


def debt(number: int, rows: int) -> dict[str, Any]:
    """Debts lie in another order than their customers; one in fifty is paid."""
    return {
        "case_id": f"ESET-{number:07d}",
        "customer_id": f"C-{number * 7_919 % rows:07d}",
        "phone": mobile(number - (number % 100 == 5)),
        "status": "paid" if number % 50 == 3 else "open",
        "overdue_since": date(2026, 8, 15),
    }


def stop(key: str) -> dict[str, Any]:
    """An opt-out by message."""
    return {"phone_key": key, "reason": "opted_out", "since": "2026-01-01", "origin": "sms"}


def mobile(number: int) -> str:
    """A mobile for each number, in no order."""
    return f"+36{(20, 30, 31, 50, 70)[number % 5]}{number * 104_729 % 10_000_000:07d}"


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


def write_file(path: Path, rows: int, phone: Callable[[int], str]) -> None:
    """Write a file of cases in no order; one in two hundred is not in the records."""
    order = list(range(rows))
    Random(1).shuffle(order)  # noqa: S311 - an order that is the same each time
    with path.open("w", encoding="utf-8") as stream:
        stream.write("case_id;phone\n")
        for number in order:
            case = "LOST" if number % 200 == 9 else "ESET"
            stream.write(f"{case}-{number:07d};{phone(number)}\n")


def empty(engine: Engine) -> None:
    """Take all campaigns out, and the room that they took."""
    if engine.dialect.name == "postgresql":
        with write(engine) as connection:
            connection.execute(text("TRUNCATE exclusions, outbox, campaigns RESTART IDENTITY"))
        return
    with write(engine) as connection:
        for table in (exclusions, outbox, campaigns):
            connection.execute(delete(table))
    with single_statements(engine) as connection:
        driver = driver_of(connection)
        driver.connection.execute("VACUUM")
        driver.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def bare_insert(engine: Engine) -> float:
    """Seconds for the outbox that is there, put into an empty one by the driver alone."""
    names = ", ".join(OUTBOX)
    with read(engine) as connection:
        stored = select(*(outbox.c[name] for name in OUTBOX)).order_by(outbox.c.number)
        rows = [tuple(row) for row in connection.execute(stored)]
    empty(engine)
    with write(engine) as connection:
        write_campaign(connection, rows[0][0])
    began = time.monotonic()
    with write(engine) as connection:
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


def write_campaign(connection: Connection, campaign_id: str) -> str:
    """Insert a campaign's row."""
    connection.execute(insert(campaigns).values(CAMPAIGN | {"campaign_id": campaign_id}))
    return campaign_id


def in_a_child(url: str, file: Path) -> Times:
    """Choose and store in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.recipients", "--measure", url, str(file)]
    done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
    return Times(**json.loads(done.stdout))


def measure(url: str, file: Path) -> Times:
    """Choose from a file and store; this process does nothing else."""
    marks: dict[str, float] = {}

    def progress(name: str, done: int, _total: int) -> None:
        if done == 0:
            marks.setdefault(name, time.monotonic())

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
        peak=peak_memory(),
        recipients=chosen.recipients,
    )


def peak_memory() -> float:
    """In MB. ``getrusage`` would give the peak of the process that started this one, if larger."""
    status = Path("/proc/self/status").read_text("utf-8")
    [kib] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, flags=re.MULTILINE)
    return int(kib) / 1024


def report(rows: int, results: list[Result]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    usual, worst = [], []
    for result in results:
        usual.append(_usual(result))
        for name, times in result.worst.items():
            worst.append(
                f"| {name}, {result.name} | {times.reading:.1f} | {times.judging:.1f} "
                f"| {times.storing:.1f} | {times.recipients:,} | {times.peak:.0f} |"
            )
    recipients = results[0].usual[0].recipients
    return f"""## The recipients of a campaign

A file of {rows:,} rows in no order over as many customers and debts: half of the rows with a number
in a usual spelling, some of every kind that is left out; {recipients:,} become recipients. Seconds
of one process, the median of {ROUNDS} rounds; only while it stores does anybody wait for it. The
bare insert puts the same outbox into the same empty table with the same indexes by the driver's
fastest way (`executemany`, `COPY`) from memory, in one transaction. The peak is the whole process.

| | read | judge | store | together | bare insert | store : bare | together : bare | peak MB |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(usual)}

What costs most, once each:

| | read | judge | store | recipients | peak MB |
|---|---|---|---|---|---|
{chr(10).join(worst)}

{page.conditions("sqlalchemy", "psycopg", "phonenumbers")}
"""


def _usual(result: Result) -> str:
    median = statistics.median
    times, bare = result.usual, result.bare
    rounds = list(zip(times, bare, strict=True))
    return (
        f"| {result.name} | {median(each.reading for each in times):.1f} "
        f"| {median(each.judging for each in times):.1f} "
        f"| {median(each.storing for each in times):.1f} "
        f"| {median(each.together for each in times):.1f} | {median(bare):.1f} "
        f"| {median(each.storing / least for each, least in rounds):.2f} "
        f"| {median(each.together / least for each, least in rounds):.2f} "
        f"| {max(each.peak for each in times):.0f} |"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--measure", url, file]:
            click.echo(json.dumps(asdict(measure(url, Path(file)))))
        case [count]:
            main(int(count))
        case _:
            main()

"""What Redis gains as the task queue: ``python -m benchmarks.messages.broker`` writes the section.

The same campaign and the same idle workers on PostgreSQL, with the task queue beside the records
and on a Redis. Needs ``redis-server`` on the path and the package ``redis``.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import psutil
from sqlalchemy import text

from benchmarks import page
from benchmarks.messages.sending import desk, wait_until_taken
from benchmarks.messages.slow_carrier import taken
from tests.support.colleagues.staff import add_staff
from tests.support.databases.database import Database, migrated, postgres_server

MESSAGES = 2_000
THREADS = 8
IDLE_SECONDS = 15.0


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing on its disk; its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise click.ClickException("There is no redis-server on the path.")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    server = subprocess.Popen([program, *options], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 10
        while not _answers(port):
            if time.monotonic() > ends:
                raise click.ClickException("redis-server does not answer.")
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def main(messages: int = MESSAGES) -> None:
    """Measure both and write the section."""
    lines = []
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as redis,
        postgres_server() as server,
    ):
        for broker, address in (("PostgreSQL, beside the records", None), ("Redis", redis)):
            with server.database() as url, migrated(url) as database:
                add_staff(database.engine, anna="sender", bela="approver")
                lines.append(measure(broker, database, Path(folder), address, messages))
    section = report(messages, lines)
    page.put(section)
    click.echo(section)


def measure(name: str, database: Database, folder: Path, broker: str | None, messages: int) -> str:
    """One line of the table."""
    with desk(database, folder, pace=100_000) as (used, carrier):
        if broker is not None:
            used.environment["BROKER_URL"] = broker
        process = used.start_worker(THREADS)
        try:
            used.run_campaign(1)
            wait_until_taken(carrier, 1)
            idle = _idle(database, process)
            used.run_campaign(messages, first=1)
            wait_until_taken(carrier, messages + 1)
        finally:
            process.terminate()
            process.wait()
        moments = sorted(moment for moment, _ in taken(carrier))[1:]
    counted = moments[len(moments) // 10 :]
    rate = (len(counted) - 1) / (counted[-1] - counted[0])
    return f"| {name} | {rate:.0f} | {idle} |"


def _idle(database: Database, process: subprocess.Popen[bytes]) -> str:
    """Transactions, processor time and connections while nothing is to be done."""
    began = _transactions(database), _processor(process)
    time.sleep(IDLE_SECONDS)
    ended = _transactions(database), _processor(process)
    transactions = (ended[0] - began[0]) / IDLE_SECONDS
    share = (ended[1] - began[1]) / IDLE_SECONDS
    return f"{transactions:.0f} | {share:.1%} | {_connections(database)}"


def _transactions(database: Database) -> int:
    # A session tells what it has done once it is idle for a second.
    found = text("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    with database.engine.connect() as connection:
        return int(connection.scalar(found) or 0)


def _processor(process: subprocess.Popen[bytes]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def _connections(database: Database) -> int:
    """Those of the worker: all but our own."""
    found = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    database.engine.dispose()
    with database.engine.connect() as connection:
        return int(connection.scalar(found) or 0)


def report(messages: int, lines: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    return f"""## Broker

A worker with {THREADS} threads on PostgreSQL sends {messages:,} messages with the rate limit out
of reach, as above; before, it has nothing to do for {IDLE_SECONDS:.0f} seconds. The task queue is
in the same database, or on a Redis of this machine.

| task queue | messages a second | transactions a second, idle | processor, idle | connections |
|---|---|---|---|---|
{chr(10).join(lines)}

{page.conditions("huey", "redis", "psycopg")}
"""


if __name__ == "__main__":
    main()

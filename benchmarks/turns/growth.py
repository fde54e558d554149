"""What a turn and a claim cost when the utility and its history have grown a hundredfold or more.

Two databases of each kind, a small one and a large one, are filled and then measured in turns:
whole calls through the application in this process, and claims of a batch of messages. Seconds are
wall time, because a plan that reads a table row by row spends them in the database.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Engine

from app import create_app
from backend.db.transactions import write
from benchmarks import page
from benchmarks.millions.fast_fill import told
from benchmarks.turns.growth_store import NOW, Size, fill
from benchmarks.turns.recorded_call import NOON, first_words
from benchmarks.turns.turn import SECONDS_A_TURN, Step, environ_of, scripts
from messages.campaigns.outbox import claim, expire_leases, release_claims
from settings import Settings
from tests.support.calls.telephone import PUBLIC_URL, TOKEN, Clock
from tests.support.databases.database import load_fixture, migrated, postgres_server
from web_server.request_buffering import respond

LARGE = 1_000_000
SMALL_CUSTOMERS, SMALL_CALLS, SMALL_OUTBOX = 10_000, 1_000, 1_000
ROUNDS = 30
CLAIMED = 50


@dataclass
class Measured:
    """A database with the service on it, and the seconds of its turns and claims."""

    application: Any
    clock: Clock
    turns: list[float]
    claims: list[float]

    @property
    def engine(self) -> Engine:
        """The service's own engine."""
        engine: Engine = self.application.extensions["engine"]
        return engine


def main(large: int = LARGE) -> None:
    """Measure both databases in both sizes and write the section."""
    sizes = (
        Size(SMALL_CUSTOMERS, SMALL_CALLS, SMALL_OUTBOX),
        Size(large, large, large),
    )
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        script = scripts(f"sqlite:///{folder}/script.db")[0]
        urls = [f"sqlite:///{folder}/{number}.db" for number in range(len(sizes))]
        lines += compare("SQLite", urls, sizes, script)
        with ExitStack() as databases:
            urls = [databases.enter_context(server.empty_database()) for _ in sizes]
            lines += compare("PostgreSQL", urls, sizes, script)
    section = report(sizes, lines)
    page.put(section)
    click.echo(section)


def compare(name: str, urls: list[str], sizes: tuple[Size, ...], script: list[Step]) -> list[str]:
    """Fill a database of each size and measure them in turns; two lines of the table."""
    measured = []
    for url, size in zip(urls, sizes, strict=True):
        with migrated(url) as database:
            load_fixture(database.engine)
            with told(f"{name}: {size.customers:,} customers, {size.calls:,} calls are filled in"):
                fill(database.engine, size)
        environment = {"DATABASE_URL": url, "PUBLIC_URL": PUBLIC_URL, "TWILIO_AUTH_TOKEN": TOKEN}
        clock = Clock.at(NOON)
        service = create_app(Settings.from_environment(environment), clock=clock)
        measured.append(Measured(service, clock, [], []))
    for number in range(ROUNDS + 1):
        for each in measured:
            taken, claimed = make_call(each, script, number), make_claim(each.engine)
            if number > 0:
                each.turns += taken
                each.claims.append(claimed)
    for each in measured:
        each.engine.dispose()
    small, grown = measured
    return [
        _row(f"turn, {name}", small.turns, grown.turns),
        _row(f"claim of {CLAIMED}, {name}", small.claims, grown.claims),
    ]


def make_call(measured: Measured, script: list[Step], number: int) -> list[float]:
    """Make a call; seconds of each of its turns."""
    seconds = []
    for step in script:
        if not step.is_counted:
            continue
        request = environ_of(step, number)
        began = time.perf_counter()
        status, _, body = respond(measured.application, request)
        seconds.append(time.perf_counter() - began)
        measured.clock.pass_by(SECONDS_A_TURN)
        if status != 200 or not first_words(body.decode()).startswith(step.words):
            raise SystemExit(f"{step.kind} answered {status}: {body[:200]!r}")
    return seconds


def make_claim(engine: Engine) -> float:
    """Claim a batch and give it back; seconds of both."""
    began = time.perf_counter()
    with write(engine, durable=False) as connection:
        claimed = claim(connection, "GROWTH", "token", CLAIMED, NOW, timedelta(seconds=60))
    with write(engine, durable=False) as connection:
        given_back = release_claims(connection, "token")
        expire_leases(connection, NOW)
    seconds = time.perf_counter() - began
    if not len(claimed) == given_back == CLAIMED:
        raise SystemExit(f"{len(claimed)} rows were claimed, {given_back} given back")
    return seconds


def _row(what: str, small: list[float], large: list[float]) -> str:
    before, after = statistics.median(small) * 1000, statistics.median(large) * 1000
    return f"| {what} | {before:.2f} | {after:.2f} | {after / before:.2f} |"


def report(sizes: tuple[Size, ...], lines: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    told = " and\n".join(
        f"{size.customers:,} customers, {size.calls:,} calls and {size.outbox:,} waiting messages"
        for size in sizes
    )
    return f"""## Growth

The median of {ROUNDS} calls of seven turns and of {ROUNDS} claims, each given back, in
milliseconds of wall time, taken in turns on two databases of a kind:
{told}.

| | small | large | large : small |
|---|---|---|---|
{chr(10).join(lines)}

{page.conditions("sqlalchemy", "psycopg")}
"""


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

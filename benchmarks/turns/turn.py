"""What each kind of turn costs the application, beside a signed view that remembers nothing.

All applications run in this process, behind no server, on the same signed requests, and what is
measured is its processor time; what the database server of PostgreSQL spends is not in it. Many
calls are made side by side: all of them take one turn, then all of them the next. So each kind of
turn is measured over many requests, and the clock goes on between two turns as it does in a call.
"""

import gc
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import click
from flask import Flask

from app import create_app
from backend.db.durability import flush
from backend.db.sqlite.checkpoints import empty_in_turn
from backend.db.sqlite.sqlite_engine import move_log
from benchmarks import page
from benchmarks.turns.recorded_call import NOON, Form, first_words, of_call, record
from benchmarks.turns.yardstick import create_app as create_yardstick
from ivr import call_handler
from settings import Settings
from simulator.signature import signature
from tests.support.calls.telephone import PUBLIC_URL, TOKEN, Clock
from tests.support.carriers.rsgi import Headers, Scope
from tests.support.databases.database import load_fixture, migrated, postgres_server
from web_server.request_buffering import respond, wsgi_environ

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from sqlalchemy import Engine

KINDS = ("first", "menu", "menu", "opens a form", "identifies", "reads back", "stores")
CALLS = 40
ROUNDS = 9
SECONDS_A_TURN = 10
YARDSTICK = "yardstick"
WHOLE = "the whole call"


@dataclass(frozen=True)
class Step:
    """One webhook, the kind of its turn, and whether it is one of the whole call's.

    ``words`` are those that the service's answer begins with. ``is_replayed`` is whether the call's
    other turns were another process's, ``is_flushed`` whether it waits for the disk where it must.
    """

    kind: str
    url: str
    form: Form
    words: str = ""
    is_counted: bool = True
    is_replayed: bool = False
    is_flushed: bool = True


@dataclass(frozen=True)
class Contestant:
    """An application to measure; ``clock`` is what it reads the time from."""

    name: str
    application: Flask
    clock: Clock


Costs = dict[tuple[str, str], list[float]]
"""Microseconds a request, a figure a round, by contestant and kind of turn."""


def main() -> None:
    """Measure, and write the section."""
    with prepared() as (calls, measured):
        costs = measure(measured, calls)
        once = emptying(measured[1])
    section = report(costs, tuple(each.name for each in measured[1:]), once)
    page.put(section)
    click.echo(section)


@contextmanager
def prepared() -> Iterator[tuple[list[list[Step]], list[Contestant]]]:
    """The calls to make, and who is measured by them: the yardstick first."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        calls = scripts(f"sqlite:///{folder}/script.db")
        with server.database() as postgres_url:
            urls = {"SQLite": f"sqlite:///{folder}/records.db", "PostgreSQL": postgres_url}
            with contestants(urls) as measured:
                # As the service does when it has started.
                gc.collect()
                gc.freeze()
                yield calls, measured


def scripts(database_url: str) -> list[list[Step]]:
    """The webhooks of a call, recorded from the simulated carrier, and of one with a silence."""
    turns = [Step(kind, *each) for kind, each in zip(KINDS, record(database_url), strict=True)]
    again = replace(turns[4], kind="repeated webhook", is_counted=False)
    end = [(name, "completed" if name == "CallStatus" else value) for name, value in turns[0].form]
    over = Step("end of the call", f"{PUBLIC_URL}/voice/status", end, is_counted=False)
    nothing = [field for field in turns[4].form if field[0] != "Digits"]
    silent = Step("silence", f"{turns[4].url}?heard=silence", nothing, is_counted=False)
    replayed = replace(turns[5], kind="reads back, replayed", is_counted=False, is_replayed=True)
    unflushed = replace(turns[6], kind="stores, not flushed", is_counted=False, is_flushed=False)
    others = ([*turns[:4], silent], [*turns[:5], replayed], [*turns[:6], unflushed])
    return [[*turns, again, over], *others]


@contextmanager
def contestants(urls: dict[str, str]) -> Iterator[list[Contestant]]:
    """The yardstick, and the service on each database, which is filled first."""
    with patch.dict(os.environ, PUBLIC_URL=PUBLIC_URL, TWILIO_AUTH_TOKEN=TOKEN):
        measured = [Contestant(YARDSTICK, create_yardstick(), Clock.at(NOON))]
    services = []
    for name, url in urls.items():
        with migrated(url) as database:
            load_fixture(database.engine)
        clock = Clock.at(NOON)
        environment = {"DATABASE_URL": url, "PUBLIC_URL": PUBLIC_URL, "TWILIO_AUTH_TOKEN": TOKEN}
        services.append(create_app(Settings.from_environment(environment), clock=clock))
        measured.append(Contestant(name, services[-1], clock))
    yield measured
    for service in services:
        service.extensions["engine"].dispose()


def measure(measured: list[Contestant], calls: list[list[Step]]) -> Costs:
    """A warm-up and the rounds; all contestants take each turn in turn, in the same weather."""
    costs: Costs = defaultdict(list)
    for number in range(ROUNDS + 1):
        taken: Costs = defaultdict(list)
        for which, steps in enumerate(calls):
            first = (number * len(calls) + which) * CALLS
            for step in steps:
                # What a second script has in common with the first is measured there.
                is_measured = which == 0 or not step.is_counted
                for contestant in measured:
                    cost = take(contestant, step, range(first, first + CALLS))
                    if is_measured:
                        taken[contestant.name, step.kind].append(cost)
                    if is_measured and step.is_counted:
                        taken[contestant.name, WHOLE].append(cost)
        for key, round_costs in taken.items() if number > 0 else ():
            costs[key].append(statistics.mean(round_costs))
    return costs


def take(contestant: Contestant, step: Step, calls: Iterable[int]) -> float:
    """Let all calls take that step; microseconds of processor time a request."""
    is_yardstick = contestant.name == YARDSTICK
    if is_yardstick and step.url.endswith("/status"):
        step = replace(step, url=f"{PUBLIC_URL}/voice/incoming")
    if step.is_replayed and not is_yardstick:
        contestant.application.extensions["dialogues"].clear()
    requests = [environ_of(step, call) for call in calls]
    flushing = (
        nullcontext() if step.is_flushed else patch.object(call_handler, "flush", _not_flushed)
    )
    before = time.process_time()
    with flushing:
        answers = [respond(contestant.application, environ) for environ in requests]
    if contestant.name == "SQLite" and step.url.endswith("/status"):
        # What a thread of its own does for all calls, every second, counts here.
        move_log(contestant.application.extensions["engine"])
    if contestant.name == "SQLite" and step.kind == KINDS[0]:
        # So does what one does for all calls that have begun within half a second.
        flush(contestant.application.extensions["engine"])
    spent = time.process_time() - before
    contestant.clock.pass_by(SECONDS_A_TURN)
    for status, _, body in answers:
        is_alike = is_yardstick or first_words(body.decode()).startswith(step.words)
        if status != (204 if step.url.endswith("/status") else 200) or not is_alike:
            raise SystemExit(f"{contestant.name}: {step.kind} answered {status}: {body[:200]!r}")
    return spent / len(requests) * 1e6


def _not_flushed(_engine: "Engine") -> None:
    """As if nothing were promised."""


def emptying(sqlite: Contestant) -> float:
    """Microseconds of processor time to empty the log after all those calls."""
    engine = sqlite.application.extensions["engine"]
    before = time.process_time()
    if not empty_in_turn(engine):
        raise SystemExit("The log was not emptied.")
    return (time.process_time() - before) * 1e6


def environ_of(step: Step, call: int) -> "WSGIEnvironment":
    """The webhook of that step for a call that nobody has made yet, signed."""
    form = of_call(step.form, call)
    path, _, query = step.url.removeprefix(PUBLIC_URL).partition("?")
    signed = signature(step.url, form, TOKEN)
    headers = Headers(
        [
            ("host", urlsplit(PUBLIC_URL).hostname or ""),
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-twilio-signature", signed),
        ]
    )
    scope = Scope(path, query, headers)
    return wsgi_environ(scope, urlencode(form).encode())


def report(costs: Costs, services: tuple[str, ...], once: float) -> str:
    """Write the figures as a section of the page that the project keeps."""
    kinds = dict.fromkeys(kind for _, kind in costs if kind != WHOLE)
    rows = "\n".join(_row(kind, costs, services) for kind in (*kinds, f"{WHOLE}"))
    return f"""## A turn of a call, by kind

Processor time of the application a request, in microseconds, and how many times the yardstick's:
the median of {ROUNDS} rounds of {CALLS} calls side by side (path 5.3.1), with the usual settings,
all in one process and behind no server. The yardstick checks the signature by Twilio's validator
and answers one question by Twilio's builder, in Flask; it remembers nothing. The whole call is its
{len(KINDS)} turns, all taken by one process; what comes after them is in the table only, and so is
a turn whose call another process took before ("replayed"). On SQLite the turns
"stores" and "repeated webhook" end with a flush to the disk; the one that comes half a second
after calls have begun, for all of them, counts to the "first", and to move the log to the "end of
the call"; "not flushed" is the same turn as if nothing had to be on the disk. Twice a minute at
most the log is emptied: {once:.0f} µs once after all these calls. Whatever waits, for the disk or
for PostgreSQL, costs the more the busier the machine is; its load was {os.getloadavg()[1]:.0f}.

| | yardstick | {" | | ".join(services)} | |
|---|---|{"---|---|" * len(services)}
{rows}

{page.conditions("flask", "sqlalchemy", "psycopg", "twilio")}
"""


def _row(kind: str, costs: Costs, services: tuple[str, ...]) -> str:
    yardstick = costs[YARDSTICK, kind]
    cells = [f"{statistics.median(yardstick):.0f}"]
    for service in services:
        own = costs[service, kind]
        ratio = statistics.median(cost / least for cost, least in zip(own, yardstick, strict=True))
        cells += [f"{statistics.median(own):.0f}", f"{ratio:.2f} ×"]
    return f"| {kind} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

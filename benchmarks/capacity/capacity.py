"""How many turns a second one machine carries: the load is raised until the service breaks.

Whole keypad calls in an open loop (``open_load``), signed before they are sent, against the
documented service, with a console and a worker running beside it and the load on the same
processors. A step is carried when 99 of 100 turns are answered within 50 ms and none fails.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, process_time, sleep

import click
import psutil

from benchmarks import page
from benchmarks.capacity.load_step import LONGEST, TABLE, Step, what_breaks
from benchmarks.capacity.open_load import calls_for, load, wire
from benchmarks.turns.recorded_call import Recorded, record
from benchmarks.turns.served import signed_call, worker_of
from settings import HERE
from tests.support.calls.telephone import PUBLIC_URL, TOKEN
from tests.support.databases.database import load_fixture, migrated, postgres_server

FIRST = 200
"""Turns a second in the first step; from there the rate is doubled until one is not carried."""
FINENESS = 0.1
"""Carried and not carried rates are closer than this share of the carried one at the end."""
ROUND = 10
"""Rates are multiples of this."""
SECONDS = 6.0
SERVICE_PORT, CONSOLE_PORT = 8770, 8771
_ZOLDSZAM = str(Path(sys.executable).with_name("zoldszam"))
SERVICE = [_ZOLDSZAM, "serve"]
_YARDSTICK = [sys.executable, "-m", "benchmarks.turns.yardstick"]
LIMITS = {
    "a constant answer": [*_YARDSTICK, "create_constant"],
    "the signed stateless view": [*_YARDSTICK, "create_served"],
}
"""What keeps nothing and asks no database, in the service's place."""
_REST_SECONDS = 20.0


class _Processors:
    """Seconds of processor time that the service, this load and the whole machine have taken."""

    def __init__(self, service: psutil.Process) -> None:
        self._service = service
        self._seen: list[tuple[float, float, float, float]] = []

    def look(self) -> None:
        """Note what they have taken so far."""
        machine = psutil.cpu_times()
        idle = machine.idle + getattr(machine, "iowait", 0.0)
        self._seen.append((perf_counter(), _busy(self._service), process_time(), idle))

    def taken(self) -> tuple[float, float, float]:
        """Cores of the service and of the load, and the machine's share, in between."""
        first, last = self._seen
        seconds, service, load, idle = (b - a for a, b in zip(first, last, strict=True))
        machine = 1 - idle / seconds / (os.cpu_count() or 1)
        return service / seconds, load / seconds, min(1.0, max(0.0, machine))


def main(seconds: float = SECONDS, first: int = FIRST) -> None:
    """Measure on both databases and write the section."""
    with tempfile.TemporaryDirectory() as folder, postgres_server(durable=True) as server:
        script = record(f"sqlite:///{folder}/script.db")
        sqlite = f"sqlite:///{folder}/records.db"
        parts = [measure("SQLite", sqlite, script, seconds, first)]
        with server.database() as url:
            parts.append(measure("PostgreSQL", url, script, seconds, first))
        # They ask no database; the console and the worker beside them do.
        limits = [
            (name, limit(sqlite, script, seconds, first, server)) for name, server in LIMITS.items()
        ]
    section = report(seconds, parts, limits)
    page.put(section)
    click.echo(section)


def measure(name: str, url: str, script: list[Recorded], seconds: float, first: int) -> str:
    """Raise the load until the service breaks, then come closer; a part of the section."""
    with migrated(url) as database:
        load_fixture(database.engine)
    done, carried = climb(url, script, seconds, first, SERVICE)
    broken = next((step for step in done if step.rate > carried), None)
    told = f"{name} carries {carried:,} turns a second"
    if broken is not None:
        told += f"; at {broken.rate:,} {what_breaks(broken)}"
    rows = "\n".join(step.row for step in done)
    return f"{told}.\n\n{TABLE}\n{rows}"


def climb(
    url: str, script: list[Recorded], seconds: float, first: int, server: list[str]
) -> tuple[list[Step], int]:
    """Raise the load on what ``server`` serves; the steps by rate, and the highest carried one."""
    done: list[Step] = []
    numbers = count(1)

    def is_carried(rate: int) -> bool:
        done.append(run(service, script, rate, seconds, numbers))
        _rest(service)
        return done[-1].is_carried

    with _running(url, server) as service:
        run(service, script, 50, 3.0, numbers)
        carried = highest(is_carried, first)
    return sorted(done, key=lambda step: step.rate), carried


def limit(url: str, script: list[Recorded], seconds: float, first: int, server: list[str]) -> Step:
    """The highest step that ``server`` carries, which may answer as it likes."""
    any_answer = [each._replace(words="") for each in script]
    done, carried = climb(url, any_answer, seconds, first, server)
    return next((step for step in done if step.rate == carried), done[0])


def highest(is_carried: Callable[[int], bool], first: int) -> int:
    """The highest rate that was carried: doubled until one is not, then halfway in between."""
    carried, broken, rate = 0, None, first
    while True:
        if is_carried(rate):
            carried = rate
        else:
            broken = rate
        if broken is None:
            rate *= 2
            continue
        rate = round((carried + broken) / 2 / ROUND) * ROUND
        if broken - carried <= max(2 * ROUND, carried * FINENESS) or rate in {carried, broken}:
            return carried


def run(
    service: psutil.Process,
    script: list[Recorded],
    rate: int,
    seconds: float,
    numbers: Iterator[int],
) -> Step:
    """Make calls at that many turns a second for a window of so many seconds."""
    calls = [
        [(wire(request), request.words) for request in signed_call(script, next(numbers))]
        for _ in range(calls_for(rate, seconds, len(script)))
    ]
    processors = _Processors(service)
    outcome = load(calls, rate, SERVICE_PORT, processors.look)
    return Step(rate, outcome, *processors.taken())


def _rest(service: psutil.Process) -> None:
    """Wait until the service has worked off what a step that was too much has left."""
    ends = perf_counter() + _REST_SECONDS
    while perf_counter() < ends:
        before = _busy(service)
        sleep(0.5)
        if _busy(service) - before < 0.05:
            return


def _busy(service: psutil.Process) -> float:
    processes = [service, *service.children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:2]) for each in processes))


@contextmanager
def _running(url: str, server: list[str]) -> Iterator[psutil.Process]:
    """The server with a process for each core, a console and a worker."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        # Nobody listens there: the worker looks for work and finds none.
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "SMS_FROM": "+36209383838",
        "SECRET_KEY": "s" * 40,
        # The recorded webhooks are sent without a pause.
        "CONFIRM_AFTER": "0",
    }
    commands = [
        [*server, "--port", str(SERVICE_PORT), "--workers", str(os.cpu_count() or 1)],
        [_ZOLDSZAM, "console", "--port", str(CONSOLE_PORT)],
        [_ZOLDSZAM, "worker"],
    ]
    with ExitStack() as processes:
        started = []
        for command in commands:
            process = subprocess.Popen(
                command, cwd=HERE, env=environment, stderr=subprocess.DEVNULL
            )
            processes.callback(process.wait)
            processes.callback(process.terminate)
            started.append(process)
        service = psutil.Process(started[0].pid)
        worker_of(service, SERVICE_PORT)
        yield service


def report(seconds: float, parts: list[str], limits: list[tuple[str, Step]]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    between = "\n\n"
    most = "\n".join(f"| {name} {step.row}" for name, step in limits)
    return f"""## Capacity

Whole calls of seven turns (path 5.3.1, the last turn stores a request) in an open loop: each turn
has its time, and its latency counts from then, whenever the service gets to it. Calls begin
evenly; measured are {seconds:.0f} seconds in which as many end as begin. The service runs a
process a core, and console, worker and load share the processors with it; PostgreSQL waits for
its disk as a utility's does, with the settings of `deploy/compose.yaml`. A rate is carried when 99
of 100 turns are answered within {LONGEST * 1000:.0f} ms and none fails; it is doubled until one is
not, then halved in between.
"Late" is the load itself: 99 of 100 turns went out within that time of their own.

{between.join(parts)}

What this machine gives at all: the most that is carried of the same load, on the same server with
the same processes beside it, where Flask gives the same answer to everything, and where the
yardstick of the sections above checks the signature and renders one question.

| answered by {TABLE.replace("|---", "|---|---", 1)}
{most}

{page.conditions("granian", "flask", "sqlalchemy", "psycopg")}
"""


if __name__ == "__main__":
    match sys.argv[1:]:
        case [wanted, begin]:
            main(float(wanted), int(begin))
        case [wanted]:
            main(float(wanted))
        case _:
            main()

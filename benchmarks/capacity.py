"""How many turns a second one machine carries: the load is raised until the service breaks.

Whole keypad calls in an open loop (``open_load``), signed before they are sent, against the
documented service, with a console and a worker running beside it and the load on the same
processors. A step is carried when 99 of 100 turns are answered within 50 ms and none fails.
"""

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter, process_time, sleep

import click
import psutil

from benchmarks import page
from benchmarks.open_load import Outcome, calls_for, load, wire
from benchmarks.recorded_call import Recorded, record
from benchmarks.served import signed_call, worker_of
from settings import HERE
from tests.support.database import load_fixture, migrated, postgres_server
from tests.support.telephone import PUBLIC_URL, TOKEN

FIRST = 200
"""Turns a second in the first step; from there the rate is doubled until one is not carried."""
FINENESS = 0.1
"""Carried and not carried rates are closer than this share of the carried one at the end."""
ROUND = 10
"""Rates are multiples of this."""
SECONDS = 6.0
LONGEST = 0.05
"""Seconds in which 99 of 100 turns are to be answered."""
SERVICE_PORT, CONSOLE_PORT = 8770, 8771
BUSY = 0.9
"""From this share of the machine's processors on they are what is short."""
_REST_SECONDS = 20.0


@dataclass(frozen=True)
class Step:
    """One rate: what the turns met, and how many processors service, load and machine took."""

    rate: int
    outcome: Outcome
    service: float
    load: float
    machine: float

    def quantile(self, share: float) -> float:
        """The latency in seconds within which that share of the turns was answered."""
        return _quantile(self.outcome.latencies, share)

    @property
    def is_carried(self) -> bool:
        """Whether this rate was carried."""
        return not self.outcome.failures and self.quantile(0.99) < LONGEST

    @property
    def lateness(self) -> float:
        """How late the load itself was, in seconds; 99 of 100 turns went out earlier."""
        return _quantile(self.outcome.delays, 0.99)


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
    parts = []
    with tempfile.TemporaryDirectory() as folder, postgres_server(durable=True) as server:
        script = record(f"sqlite:///{folder}/script.db")
        parts.append(measure("SQLite", f"sqlite:///{folder}/records.db", script, seconds, first))
        with server.database() as url:
            parts.append(measure("PostgreSQL", url, script, seconds, first))
    section = report(seconds, parts)
    page.put(section)
    click.echo(section)


def measure(name: str, url: str, script: list[Recorded], seconds: float, first: int) -> str:
    """Raise the load until the service breaks, then come closer; a part of the section."""
    with migrated(url) as database:
        load_fixture(database.engine)
    done: list[Step] = []
    numbers = count(1)

    def is_carried(rate: int) -> bool:
        done.append(run(service, script, rate, seconds, numbers))
        _rest(service)
        return done[-1].is_carried

    with _running(url) as service:
        run(service, script, 50, 3.0, numbers)
        carried = highest(is_carried, first)
    done.sort(key=lambda step: step.rate)
    broken = next((step for step in done if step.rate > carried), None)
    told = f"{name} carries {carried:,} turns a second"
    if broken is not None:
        told += f"; at {broken.rate:,} {what_breaks(broken)}"
    rows = "\n".join(_row(step) for step in done)
    return f"{told}.\n\n{_TABLE}\n{rows}"


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


def what_breaks(step: Step) -> str:
    """What is short first at a rate that was not carried."""
    if step.machine > BUSY:
        rest = step.machine * (os.cpu_count() or 1) - step.service - step.load
        return (
            f"the processors are short: the service takes {step.service:.2f} cores, the load "
            f"{step.load:.2f}, database, console, worker and the rest of the machine {rest:.2f}"
        )
    if step.lateness > LONGEST / 2:
        return "the load itself is late: one process of Python sends no more"
    return "turns wait for locks or the disk: processors are left"


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.inf


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
def _running(url: str) -> Iterator[psutil.Process]:
    """The service with a process for each core, a console and a worker."""
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
    zoldszam = str(Path(sys.executable).with_name("zoldszam"))
    commands = [
        [zoldszam, "serve", "--port", str(SERVICE_PORT), "--workers", str(os.cpu_count() or 1)],
        [zoldszam, "console", "--port", str(CONSOLE_PORT)],
        [zoldszam, "worker"],
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


_TABLE = """| a second | median ms | p99 ms | failed | service, cores | load | machine | late, ms |
|---|---|---|---|---|---|---|---|"""


def _row(step: Step) -> str:
    return (
        f"| {step.rate:,} | {step.quantile(0.5) * 1000:.1f} | {step.quantile(0.99) * 1000:.1f} "
        f"| {step.outcome.failures} | {step.service:.2f} | {step.load:.2f} "
        f"| {step.machine * 100:.0f} % | {step.lateness * 1000:.1f} |"
    )


def report(seconds: float, parts: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    between = "\n\n"
    return f"""## Capacity

Whole calls of seven turns (path 5.3.1, the last turn stores a request) in an open loop: each turn
has its time, and its latency counts from then, whenever the service gets to it. Calls begin
evenly; measured are {seconds:.0f} seconds in which as many end as begin. The service runs a
process a core, and console, worker and load share the processors with it; PostgreSQL waits for
its disk as a utility's does. A rate is carried when 99 of 100 turns are answered within
{LONGEST * 1000:.0f} ms and none fails; it is doubled until one is not, then halved in between.
"Late" is the load itself: 99 of 100 turns went out within that time of their own.

{between.join(parts)}

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

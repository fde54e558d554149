"""How many turns a second one machine carries: the load is raised until the service breaks.

Whole keypad calls in an open loop (``open_load``), signed before they are sent, against the
documented service, with a console and a worker running beside it and the load on the same
processors. A step is carried when 99 of 100 turns are answered within 50 ms and none fails.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

import click
import psutil

from benchmarks import page
from benchmarks.open_load import Outcome, load, wire
from benchmarks.recorded_call import Recorded, record
from benchmarks.served import HOST, signed_call, worker_of
from service import server_command
from settings import HERE
from tests.support.database import load_fixture, migrated, postgres_server
from tests.support.telephone import PUBLIC_URL, TOKEN

STEPS = (100, 200, 400, 600, 800, 1000, 1250, 1500, 2000, 2500, 3000)
"""Turns a second."""
SECONDS = 15.0
LONGEST = 0.05
"""Seconds in which 99 of 100 turns are to be answered."""
SERVICE_PORT, CONSOLE_PORT = 8770, 8771
BUSY = 0.9
"""From this share of the machine's processors on they are what is short."""


@dataclass(frozen=True)
class Step:
    """One rate: what the turns met, and the processors' share of service and of all."""

    rate: int
    outcome: Outcome
    service: float
    machine: float

    def quantile(self, share: float) -> float:
        """The latency in seconds within which that share of the turns was answered."""
        ordered = sorted(self.outcome.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    @property
    def is_carried(self) -> bool:
        """Whether this rate was carried."""
        return not self.outcome.failures and self.quantile(0.99) < LONGEST

    @property
    def lateness(self) -> float:
        """How late the load itself was, in seconds; 99 of 100 turns went out earlier."""
        ordered = sorted(self.outcome.delays)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def main(seconds: float = SECONDS, steps: Sequence[int] = STEPS) -> None:
    """Measure on both databases and write the section."""
    parts = []
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        script = record(f"sqlite:///{folder}/script.db")
        parts.append(measure("SQLite", f"sqlite:///{folder}/records.db", script, seconds, steps))
        with server.database() as url:
            parts.append(measure("PostgreSQL", url, script, seconds, steps))
    section = report(seconds, parts)
    page.put(section)
    click.echo(section)


def measure(
    name: str, url: str, script: list[Recorded], seconds: float, steps: Sequence[int]
) -> str:
    """Raise the load until the service breaks; a part of the section."""
    with migrated(url) as database:
        load_fixture(database.engine)
    done: list[Step] = []
    numbers = count(1)
    with _running(url) as service:
        run(service, script, 50, 3.0, numbers)
        for rate in steps:
            done.append(run(service, script, rate, seconds, numbers))
            if not done[-1].is_carried:
                break
    carried = max((step.rate for step in done if step.is_carried), default=0)
    told = f"{name} carries {carried:,} turns a second"
    if not done[-1].is_carried:
        told += f"; at {done[-1].rate:,} {what_breaks(done[-1])}"
    rows = "\n".join(_row(step) for step in done)
    return f"{told}.\n\n{_TABLE}\n{rows}"


def run(
    service: psutil.Process,
    script: list[Recorded],
    rate: int,
    seconds: float,
    numbers: Iterator[int],
) -> Step:
    """Make calls at that many turns a second for so many seconds."""
    calls = [
        [(wire(request), request.words) for request in signed_call(script, next(numbers))]
        for _ in range(max(1, round(rate * seconds / len(script))))
    ]
    before, began = _busy(service), perf_counter()
    psutil.cpu_percent()
    outcome = load(calls, rate, SERVICE_PORT)
    machine = psutil.cpu_percent() / 100
    spent = _busy(service) - before
    return Step(rate, outcome, spent / (perf_counter() - began), machine)


def what_breaks(step: Step) -> str:
    """What is short first at a rate that was not carried."""
    if step.lateness > LONGEST / 2:
        return "the load itself is late: it and the service share too few processors"
    if step.machine > BUSY:
        return "the processors are short"
    return "turns wait for the database and its disk: processors are left"


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
        server_command(HOST, SERVICE_PORT, workers=os.cpu_count() or 1),
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


_TABLE = """| a second | median ms | p99 ms | failed | service, cores | machine | load late, ms |
|---|---|---|---|---|---|---|"""


def _row(step: Step) -> str:
    return (
        f"| {step.rate:,} | {step.quantile(0.5) * 1000:.1f} | {step.quantile(0.99) * 1000:.1f} "
        f"| {step.outcome.failures} | {step.service:.2f} | {step.machine * 100:.0f} % "
        f"| {step.lateness * 1000:.1f} |"
    )


def report(seconds: float, parts: list[str]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    between = "\n\n"
    return f"""## Capacity

Whole calls of seven turns (path 5.3.1, the last turn stores a request) in an open loop: each turn
has its time, and its latency counts from then, whenever the service gets to it. {seconds:.0f}
seconds a step; the service runs a process a core, and console, worker and load share the
processors with it. A rate is carried when 99 of 100 turns are answered within
{LONGEST * 1000:.0f} ms and none fails.

{between.join(parts)}

{page.conditions("granian", "flask", "sqlalchemy", "psycopg")}
"""


if __name__ == "__main__":
    match sys.argv[1:]:
        case [wanted, *rates]:
            main(float(wanted), [int(rate) for rate in rates] or STEPS)
        case _:
            main()

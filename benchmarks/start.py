"""How long a start takes: ``python -m benchmarks.start`` writes docs/benchmarks.md.

Commands are measured by the processor time of their process, the service by the time on the clock
from ``zoldszam serve`` to the first answer.
"""

import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks import page
from settings import HERE
from tests.support.calls.telephone import PUBLIC_URL, TOKEN
from tests.support.databases.database import load_fixture, migrated

ROUNDS = 5
MOST_SECONDS = 60.0

COMMANDS = (
    ("call", "--help"),
    ("menu", "show"),
    ("menu", "check"),
    ("menu", "check", "menus/trees/heat.yaml"),
    ("user", "list"),
    ("task", "list"),
    ("campaign", "list"),
)


def main(rounds: int = ROUNDS) -> None:
    """Measure an empty Python, the commands and the service, and write the section."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/records.db"
        with migrated(url) as database:
            load_fixture(database.engine)
        environment = _environment(url)
        lines = [_row("an empty Python", _processor([sys.executable, "-c", ""], {}, rounds))]
        for command in COMMANDS:
            used = _processor(_zoldszam(*command), environment, rounds)
            lines.append(_row(f"`zoldszam {' '.join(command)}`", used))
        answered = [first_answer(environment) for _ in range(rounds)]
        lines.append(_row("`zoldszam serve` to its first answer, on the clock", answered))
    section = report(lines, rounds)
    page.put(section)
    click.echo(section)


def first_answer(environment: dict[str, str]) -> float:
    """Seconds from the start of the service's process until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    began = time.monotonic()
    command = _zoldszam("serve", "--port", str(port), "--workers", "2")
    with subprocess.Popen(
        command,
        cwd=HERE,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as service:
        try:
            while not _answers(port):
                if service.poll() is not None or time.monotonic() - began > MOST_SECONDS:
                    raise click.ClickException("The service does not answer.")
                time.sleep(0.005)
            return time.monotonic() - began
        finally:
            service.terminate()


def report(lines: list[str], rounds: int) -> str:
    """The section: a row each, with the median and the least of the rounds."""
    return "\n".join(
        [
            "## Starts",
            "",
            f"Seconds of processor time of a whole process, by {rounds} rounds.",
            "The service is timed on the clock: it checks its files, and then its workers start.",
            "",
            "| | median | least |",
            "|---|---|---|",
            *lines,
            "",
            page.conditions("sqlalchemy", "pydantic"),
        ]
    )


def _row(name: str, seconds: list[float]) -> str:
    return f"| {name} | {statistics.median(seconds):.2f} | {min(seconds):.2f} |"


def _zoldszam(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("zoldszam")), *arguments]


def _environment(url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": "only for this measurement",
        "DRAIN_SECONDS": "0",
    }


def _processor(command: list[str], environment: dict[str, str], rounds: int) -> list[float]:
    """Seconds of processor time that each run of a command used; the first writes bytecode."""
    used = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return used[1:]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()

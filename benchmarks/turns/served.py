"""What one turn of a call costs the server, beside a signed view that remembers nothing.

Calls of seven turns, the last of which stores a request, are sent as real signed requests over one
connection to one worker of the documented server. Measured is the worker's processor time a
request, which, unlike requests a second, does not depend on who else uses the machine's other
cores.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import click
import psutil

from benchmarks import page
from benchmarks.turns.recorded_call import KEYS, Recorded, first_words, of_call, record
from settings import HERE
from simulator.signature import signature
from tests.support.calls.telephone import PUBLIC_URL, TOKEN
from tests.support.databases.database import load_fixture, migrated, postgres_server

CALLS = 60
ROUNDS = 9
HOST = "127.0.0.1"
YARDSTICK = "benchmarks.turns.yardstick:create_app"


@dataclass(frozen=True)
class Signed:
    """One request, ready to be sent; ``words`` are those that the service's answer begins with."""

    path: str
    body: bytes
    headers: dict[str, str]
    words: str = ""


@dataclass(frozen=True)
class Contestant:
    """A service to measure: its name, its application factory, its database and its port."""

    name: str
    factory: str
    database_url: str
    port: int


@dataclass(frozen=True)
class Result:
    """Processor time a request by round, in microseconds."""

    name: str
    costs: list[float]


def main() -> None:
    """Measure the yardstick and a turn on both databases, and write the section."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        sqlite_url = f"sqlite:///{folder}/records.db"
        with server.database() as postgres_url:
            for url in (sqlite_url, postgres_url):
                with migrated(url) as database:
                    load_fixture(database.engine)
            script = record(f"sqlite:///{folder}/script.db")
            results = measure(
                [
                    Contestant("signed stateless view", YARDSTICK, "", 8765),
                    Contestant("turn on SQLite", "service:create_service", sqlite_url, 8766),
                    Contestant("turn on PostgreSQL", "service:create_service", postgres_url, 8767),
                ],
                script,
            )
    section = report(results)
    page.put(section)
    click.echo(section)


def signed_calls(script: list[Recorded], round_number: int) -> list[Signed]:
    """Sign the recorded webhooks again for calls that nobody has made yet."""
    return [
        request
        for number in range(CALLS)
        for request in signed_call(script, round_number * CALLS + number)
    ]


def signed_call(script: list[Recorded], number: int) -> list[Signed]:
    """Sign the recorded webhooks again for the call of that number."""
    signed = []
    for url, recorded, words in script:
        form = of_call(recorded, number)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(url, form, TOKEN),
        }
        parts = urlsplit(url.removeprefix(PUBLIC_URL))
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        signed.append(Signed(path, urlencode(form).encode(), headers, words))
    return signed


def measure(contestants: list[Contestant], script: list[Recorded]) -> list[Result]:
    """Run a warm-up and the rounds, each contestant in turn, so that all meet the same weather."""
    results = [Result(contestant.name, []) for contestant in contestants]
    with ExitStack() as servers:
        workers = [servers.enter_context(serving(contestant)) for contestant in contestants]
        for round_number in range(ROUNDS + 1):
            requests = signed_calls(script, round_number)
            for contestant, worker, result in zip(contestants, workers, results, strict=True):
                before = sum(worker.cpu_times()[:2])
                send(requests, contestant)
                spent = sum(worker.cpu_times()[:2]) - before
                if round_number > 0:
                    result.costs.append(spent / len(requests) * 1e6)
    return results


def send(requests: list[Signed], contestant: Contestant) -> None:
    """Send all over one connection; ends the program when one is answered otherwise."""
    connection = http.client.HTTPConnection(HOST, contestant.port)
    for request in requests:
        connection.request("POST", request.path, request.body, request.headers)
        response = connection.getresponse()
        body = response.read()
        is_alike = contestant.factory == YARDSTICK or (
            first_words(body.decode()).startswith(request.words)
        )
        if response.status != 200 or not is_alike:
            raise SystemExit(f"{request.path} answered {response.status}: {body[:200]!r}")
    connection.close()


@contextmanager
def serving(contestant: Contestant) -> Iterator[psutil.Process]:
    """Start the server with one worker and return that worker's process."""
    environment = {
        **os.environ,
        "DATABASE_URL": contestant.database_url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        # The recorded webhooks are sent without a pause.
        "CONFIRM_AFTER": "0",
    }
    if contestant.factory == YARDSTICK:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory"]
        command += ["--port", str(contestant.port), "--workers", "1", "--blocking-threads", "1"]
        command += ["--log-level", "warning", contestant.factory]
    else:
        zoldszam = str(Path(sys.executable).with_name("zoldszam"))
        command = [zoldszam, "serve", "--port", str(contestant.port), "--workers", "1"]
    server = subprocess.Popen(command, cwd=HERE, env=environment)
    try:
        yield worker_of(psutil.Process(server.pid), contestant.port)
    finally:
        server.terminate()
        server.wait()


def worker_of(server: psutil.Process, port: int) -> psutil.Process:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection(HOST, port).request("GET", "/")
        except ConnectionError:
            time.sleep(0.1)
            continue
        return max(server.children(recursive=True), key=lambda child: sum(child.cpu_times()[:2]))
    raise SystemExit("the server did not start")


def report(results: list[Result]) -> str:
    """Write the figures as a section of the page that the project keeps."""
    yardstick = results[0].costs
    rows = []
    for result in results:
        ratios = [cost / least for cost, least in zip(result.costs, yardstick, strict=True)]
        rows.append(
            f"| {result.name} | {statistics.median(result.costs):.0f} "
            f"| {statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} |"
        )
    table = "\n".join(rows)
    return f"""## A turn of a call, served

Processor time of the server a request, in microseconds: the median of {ROUNDS} rounds of {CALLS}
calls with {len(KEYS.split()) + 1} turns each (path 5.3.1; the last turn stores a request). One
worker of `zoldszam serve`; real signed requests over one connection; all take turns in each
round. The yardstick, on granian's WSGI interface, checks the signature and answers one question
with Twilio's own builder; it has no state.

| | µs | times the yardstick | in the best and worst round |
|---|---|---|---|
{table}

{page.conditions("granian", "flask", "sqlalchemy", "twilio")}
"""


if __name__ == "__main__":
    main()

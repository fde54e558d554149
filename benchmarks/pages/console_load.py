"""What calls notice of the console: webhooks timed alone, and while people look at its pages."""

import heapq
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.pages.console_polls import PEOPLE, Region, regions_of
from benchmarks.turns.recorded_call import record
from benchmarks.turns.served import HOST, Contestant, Signed, serving, signed_calls
from settings import HERE
from tests.console.support import PASSWORD

ROUNDS = 6
SERVICE_PORT, CONSOLE_PORT = 8768, 8769
ROLE = "sender"
_READY = "ready"


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds of a webhook, median and 99th percentile: alone, and beside a busy console."""

    alone: tuple[float, float]
    beside: tuple[float, float]


def beside_the_console(database_url: str, path: str) -> Delays:
    """Time webhooks of calls in turns without and with people at the page of that path."""
    with tempfile.TemporaryDirectory() as folder:
        script = record(f"sqlite:///{folder}/script.db")
    service = Contestant("service", "service:create_service", database_url, SERVICE_PORT)
    alone: list[float] = []
    beside: list[float] = []
    with serving(service), _console(database_url):
        _timed(signed_calls(script, 9_000))
        for number in range(1, ROUNDS + 1):
            alone += _timed(signed_calls(script, 2 * number))
            with _people(path):
                beside += _timed(signed_calls(script, 2 * number + 1))
    return Delays(_summary(alone), _summary(beside))


def _summary(seconds: list[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


def _timed(requests: list[Signed]) -> list[float]:
    connection = http.client.HTTPConnection(HOST, SERVICE_PORT)
    seconds = []
    for request in requests:
        began = time.perf_counter()
        connection.request("POST", request.path, request.body, request.headers)
        answer = connection.getresponse()
        body = answer.read()
        seconds.append(time.perf_counter() - began)
        if answer.status != 200 or b"<Gather" not in body:
            raise SystemExit(f"{request.path} answered {answer.status}: {body[:200]!r}")
    connection.close()
    return seconds


@contextmanager
def _console(database_url: str) -> Iterator[None]:
    command = [sys.executable, "-c", "from cli import main; main()", "console"]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "s" * 40,
        "SECOND_FACTOR": "offered",
    }
    server = subprocess.Popen([*command, "--port", str(CONSOLE_PORT)], cwd=HERE, env=environment)
    try:
        _wait_for(CONSOLE_PORT)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection(HOST, port).request("GET", "/login")
        except ConnectionError:
            time.sleep(0.1)
            continue
        return
    raise SystemExit("the console did not start")


@contextmanager
def _people(path: str) -> Iterator[None]:
    """A process that asks as their browsers do, until the end of the block."""
    command = [sys.executable, "-m", "benchmarks.pages.console_load", path]
    people = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)
    try:
        if people.stdout is None or people.stdout.readline().strip() != _READY:
            raise SystemExit("nobody could log in to the console")
        yield
    finally:
        people.terminate()
        people.wait()


class _Browser:
    """One session; ``cookie`` is what the console set."""

    def __init__(self) -> None:
        self._connection = http.client.HTTPConnection(HOST, CONSOLE_PORT)
        self._cookie = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and the text of an answer."""
        headers = {"Cookie": self._cookie, "Origin": f"http://{HOST}:{CONSOLE_PORT}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, urlencode(form or {}), headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        set_cookie = answer.headers.get("Set-Cookie")
        if set_cookie:
            self._cookie = set_cookie.partition(";")[0]
        return answer.status, text

    def log_in(self) -> None:
        """As the user of the role; ends the process when that is refused."""
        _, page = self.ask("GET", "/login")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        form = {
            "name": ROLE,
            "password": PASSWORD,
            "csrf_token": token[1] if token else "",
        }
        status, _ = self.ask("POST", "/login", form)
        if status != 303:
            raise SystemExit(f"logging in was answered with {status}")


def look(path: str) -> None:
    """Poll as ``PEOPLE`` at that page, and open it once a second, until the process is ended."""
    # The browsers are on other machines: what they cost is not the console's.
    os.nice(19)
    browser = _Browser()
    browser.log_in()
    _, page = browser.ask("GET", path)
    began = time.monotonic()
    waiting: list[tuple[float, int, Region]] = [
        (region.every * (person + 1) / PEOPLE, person * 10 + number, region)
        for person in range(PEOPLE)
        for number, region in enumerate(regions_of(page))
    ]
    waiting.append((0.5, -1, Region("page", path, 1)))
    heapq.heapify(waiting)
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    while True:
        due, order, region = heapq.heappop(waiting)
        time.sleep(max(0.0, began + due - time.monotonic()))
        status, text = browser.ask("GET", region.url)
        again = regions_of(text) if status == 200 and order >= 0 else [region]
        heapq.heappush(waiting, (due + region.every, order, next(iter(again), region)))


if __name__ == "__main__":
    look(sys.argv[1])

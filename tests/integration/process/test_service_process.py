"""``zoldszam serve``, the documented command, in a process of its own under what strangers do."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import pytest
import requests

from backend.db.transactions import open_database
from cli import main
from simulator.carrier import Carrier
from simulator.transport import Form, HttpTransport, Response, Timeout
from simulator.voice.call import SimulatedCall
from tests.integration.process.test_first_minutes import ZOLDSZAM, free_port
from tests.support.calls.telephone import CALLER, LINE_NUMBER, TOKEN
from tests.support.databases.database import load_utility
from tests.support.runs.examples import all_asked_for
from tests.support.runs.log_guard import personal_in

HALF_SENT = 60
PATIENCE = 240
"""Seconds until a test gives up on a busy machine; nothing is measured."""
KEYS = ["5", "3", "1", "20293811", "210#", "1"]
KILLED_BEFORE = {"5", "20293811", "210#"} if all_asked_for() else {"210#"}
"""In the menu, in the form, and before what is to be confirmed: the last in the short run."""
SETTLED = "A módosítást rögzítettük"

PUBLIC_URL = "http://line.example.hu"
AS_PUBLIC = {"Host": "line.example.hu"}
HEAD = (
    b"POST /voice/incoming HTTP/1.1\r\nHost: line.example.hu\r\nX-Twilio-Signature: x\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
HALF_SENDING = [
    HEAD + b"Content-Length: 1000\r\n\r\na=",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n",
    HEAD,
]


@dataclass
class Service:
    """The running command, by its process and its addresses."""

    process: subprocess.Popen[str]
    url: str
    database_url: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE)

    def dial(self) -> SimulatedCall:
        carrier = Carrier(
            voice_url=f"{self.url}/voice/incoming",
            status_url=f"{self.url}/voice/status",
            auth_token=TOKEN,
        )
        return carrier.dial(from_=CALLER, to=LINE_NUMBER)

    def workers(self) -> set[int]:
        """The server's processes that listen."""
        children = psutil.Process(self.process.pid).children()
        return {child.pid for child in children if child.net_connections("tcp")}


@dataclass
class Proxy:
    """Stands at the public address and leads to one process of the service."""

    leads_to: str

    def send(
        self, method: str, url: str, form: Form, headers: Mapping[str, str], timeout: Timeout
    ) -> Response:
        given = {**headers, **AS_PUBLIC}
        return HttpTransport().send(method, self._behind(url), form, given, timeout)

    def _behind(self, url: str) -> str:
        assert url.startswith(PUBLIC_URL)
        return self.leads_to + url.removeprefix(PUBLIC_URL)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.3)


def start(
    url: str, *options: str, log: int | IO[str] = subprocess.PIPE, **settings: str
) -> subprocess.Popen[str]:
    # These callers type at once, without hearing the question.
    given = {"TWILIO_AUTH_TOKEN": TOKEN, "DATABASE_URL": url, "CONFIRM_AFTER": "0"}
    given |= {"DRAIN_SECONDS": "0"}
    environment = {**os.environ, **given, **settings}
    return subprocess.Popen([ZOLDSZAM, "serve", *options], env=environment, stderr=log, text=True)


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One running command for the tests of this file; the last of them ends it.

    The disk of its log is full: whatever it has to tell, it goes on answering.
    """
    records = tmp_path_factory.mktemp("service") / "records.db"
    shutil.copy(sqlite_template, records)
    url = f"sqlite:///{records}"
    engine = open_database(url)
    load_utility(engine)
    engine.dispose()
    port = free_port()
    with Path("/dev/full").open("w") as full:
        options = ("--port", str(port), "--workers", "2")
        process = start(url, *options, log=full, DRAIN_SECONDS="0.5")
    service = Service(process, f"http://127.0.0.1:{port}", url)
    try:
        until(lambda: process.poll() is not None or answers(service))
        assert process.poll() is None
        until(lambda: len(service.workers()) == 2)
        yield service
    finally:
        process.terminate()
        process.communicate()


def answers(service: Service) -> bool:
    try:
        return service.get("/readyz").ok
    except requests.ConnectionError:
        return False


def half_sent(service: Service) -> list[socket.socket]:
    host, port = service.url.removeprefix("http://").split(":")
    connections = []
    for number in range(HALF_SENT):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(HALF_SENDING[number % len(HALF_SENDING)])
        connections.append(connection)
    return connections


def test_a_call_goes_on_while_its_workers_are_killed_one_after_the_other(service: Service) -> None:
    counted = incoming_calls(service)
    call = service.dial()
    for keys in KEYS:
        if keys not in KILLED_BEFORE:
            call.type(keys)
            continue
        before = service.workers()
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        until(lambda killed=killed: not psutil.pid_exists(killed))  # type: ignore[misc]
        call.type(keys)
        until(lambda before=before: len(service.workers() - before) == 1)  # type: ignore[misc]
    assert SETTLED in call.last_heard
    assert service.process.poll() is None
    # Each of the processes tells the counters of all, also of those that are dead.
    assert {incoming_calls(service) for _ in range(4)} == {counted + 1}


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system gives none")
def test_each_worker_keeps_to_a_processor_of_its_own_where_there_are_as_many(
    service: Service,
) -> None:
    processors = os.sched_getaffinity(0)
    workers = {frozenset(psutil.Process(each).cpu_affinity() or []) for each in service.workers()}
    if len(processors) <= len(service.workers()):
        assert workers == {frozenset({each}) for each in processors}
    else:
        assert workers == {frozenset(processors)}


@pytest.mark.whole_run
def test_calls_go_on_at_the_next_release_while_the_one_before_ends(service: Service) -> None:
    url = service.url
    port = free_port()
    options = ("--port", str(port), "--workers", "1")
    process = start(service.database_url, *options, DRAIN_SECONDS="60")
    before = Service(process, f"http://127.0.0.1:{port}", service.database_url)
    try:
        until(lambda: process.poll() is not None or answers(before))
        proxy = Proxy(before.url)
        carrier = Carrier(
            voice_url=f"{PUBLIC_URL}/voice/incoming",
            status_url=f"{PUBLIC_URL}/voice/status",
            auth_token=TOKEN,
            transport=proxy,
        )
        # Each call is at another place of the dialogue when the proxy leads to the other process.
        begun = [carrier.dial(from_=CALLER, to=LINE_NUMBER) for _ in range(len(KEYS))]
        for already, call in enumerate(begun):
            for keys in KEYS[:already]:
                call.type(keys)
        process.send_signal(signal.SIGTERM)
        # A balancer sees it at its next check, and may send a call here until then.
        until(lambda: before.get("/readyz").status_code == 503)
        still_here = carrier.dial(from_=CALLER, to=LINE_NUMBER)
        assert not still_here.errors
        answer = before.get("/healthz")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        proxy.leads_to = url
        # Told again, it waits no longer.
        process.send_signal(signal.SIGTERM)
        for already, call in enumerate(begun):
            for keys in KEYS[already:]:
                call.type(keys)
            assert SETTLED in call.last_heard
        for keys in KEYS:
            still_here.type(keys)
        assert SETTLED in still_here.last_heard
        _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        # Its worker ended when it was told to.
        assert "refused" not in told
        assert personal_in(told) is None, told
    finally:
        process.kill()
        process.communicate()


def incoming_calls(service: Service) -> float:
    """As one of the processes tells it; a new connection may reach another one."""
    lines = service.get("/metrics").text.splitlines()
    assert "zoldszam_database_up 1.0" in lines
    name = 'zoldszam_webhook_seconds_count{kind="incoming"} '
    return float(next(line.removeprefix(name) for line in lines if line.startswith(name)))


def test_calls_go_on_and_the_service_ends_when_told_while_strangers_hold_half_sent_requests(
    service: Service,
) -> None:
    connections = half_sent(service)
    call = service.dial()
    for keys in KEYS:
        call.type(keys)
    assert SETTLED in call.last_heard
    assert service.get("/healthz").text == "ok\n"
    for connection in connections[:2]:
        connection.settimeout(PATIENCE)
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    connections += half_sent(service)
    service.process.send_signal(signal.SIGTERM)
    service.process.communicate(timeout=PATIENCE)
    assert service.process.returncode == 0
    for connection in connections:
        connection.close()


def test_it_does_not_start_with_a_tree_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/records.db")
    monkeypatch.setenv("MENU_TREE", str(tmp_path / "none.yaml"))
    with pytest.raises(SystemExit) as end:
        main(["serve", "--port", str(free_port())])
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert "none.yaml:1:1: error[unreadable]" in said
    assert "Traceback" not in said

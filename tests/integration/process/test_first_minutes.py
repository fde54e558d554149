"""Starting the demonstration: what it refuses. What a newcomer does with it: ``test_wheel.py``."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli import main
from cli.operation import demo
from tests.support.runs.examples import all_asked_for

NAMES = {"DATABASE_URL", "PUBLIC_URL", "SECRET_KEY", "MENU_TREE", "LINES", "LINES_FILE"}
ZOLDSZAM = str(Path(sys.executable).with_name("zoldszam"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith(("TWILIO_", "SMS_")) or name in NAMES:
            monkeypatch.delenv(name)
    return tmp_path


def ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Demo:
    """``zoldszam demo`` in a process of its own, in a folder of its own.

    The week that it makes up is tested by itself; here the whole run makes it as well.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.ports = (free_port(), free_port(), free_port())
        options = ["--service-port", str(self.ports[0]), "--simulator-port", str(self.ports[1])]
        options += ["--console-port", str(self.ports[2])]
        options += [] if all_asked_for() else ["--no-past"]
        self.process = subprocess.Popen(
            [ZOLDSZAM, "demo", *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            # As a shell starts what it puts into the background.
            preexec_fn=ignore_interrupts,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **settings},
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C ends everything" in line:
                return
        raise AssertionError(f"the demonstration did not start:\n{self.said}")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode


def run(folder: Path, *arguments: str, **settings: str) -> str:
    done = subprocess.run(
        [ZOLDSZAM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **settings},
    )
    return done.stdout


@pytest.fixture
def refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """What the demonstration says as it refuses to start; in this process."""
    monkeypatch.chdir(folder)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def start(**ports: int) -> str:
        options = [f"--{name}-port={port}" for name, port in ports.items()]
        with pytest.raises(SystemExit) as end:
            main(["demo", *options])
        assert end.value.code == 1
        return capsys.readouterr().err

    yield start
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_database_that_the_demonstration_did_not_make_is_left_as_it_is(
    folder: Path, refused: Callable[..., str]
) -> None:
    records = folder / "var" / "demo.db"
    records.parent.mkdir()
    with closing(sqlite3.connect(records)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
        connection.commit()
    before = records.read_bytes()
    ports = {name: free_port() for name in ("service", "simulator", "console")}
    assert "was not made by the demonstration" in refused(**ports)
    assert records.read_bytes() == before


def test_a_taken_port_is_told_with_another_to_choose(refused: Callable[..., str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(service=port)
    assert f"Port {port} for the service is taken by another program." in said
    assert f"make run SERVICE_PORT={port + 10}" in said


def test_who_interrupts_the_start_is_told_that_it_has_stopped_and_leaves_nothing_running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def wait(_server: demo.Server, process: subprocess.Popen[bytes]) -> None:
        started.append(process)
        raise KeyboardInterrupt

    monkeypatch.chdir(folder)
    monkeypatch.setattr(demo, "_wait_until_ready", wait)
    monkeypatch.setattr(demo, "_command", lambda _server: ["sleep", "60"])
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    ports = [f"--{name}-port={free_port()}" for name in ("service", "simulator", "console")]
    try:
        with pytest.raises(SystemExit) as end:
            main(["demo", "--no-past", *ports])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert end.value.code == 0
    assert capsys.readouterr().out.endswith("Stopped.\n")
    assert [process.poll() for process in started] == [-signal.SIGTERM]

"""The first thing that a newcomer does: start everything, dial, find the request, end it."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.support.telephone import HEAT_NUMBER

pytestmark = pytest.mark.both_databases

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
    """``zoldszam demo`` in a process of its own, in a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.ports = (free_port(), free_port(), free_port())
        options = ["--service-port", str(self.ports[0]), "--simulator-port", str(self.ports[1])]
        options += ["--console-port", str(self.ports[2])]
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


REAL_SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "the token of a real account",
    "TWILIO_API_URL": "http://127.0.0.1:1",
    "SMS_FROM": "+36201111111",
    "PUBLIC_URL": "https://line.example.hu",
    "BROKER_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "a real key",
    "LINES": "real_lines.yaml",
    "MENU_TREE": "real_tree.yaml",
    "DESKS": "real_desks.yaml",
    "GRANIAN_WORKERS": "1",
}


def test_a_newcomer_dials_finds_the_request_and_finds_it_again_at_the_next_start(
    folder: Path,
) -> None:
    first = Demo(folder)
    try:
        assert "var/local.env" in first.said
        # The example is printed ready to be typed.
        example = next(line for line in first.said.splitlines() if "--keys" in line)
        keys = example.split('"')[1]
        assert "Köszönjük, a mérőállást rögzítettük." in run(folder, "call", "--keys", keys)
        printed = run(folder, "requests", "--json", LINES="24")
        [stored] = [
            each for each in map(json.loads, printed.splitlines()) if each["site_id"] == "20293811"
        ]
        assert stored["kind"] == "meter_reading"
        assert stored["data"] == {"serial": "48213377", "register": "1.8.0", "value": 41530}
        heat = ("--to", HEAT_NUMBER, "--keys", "2 1 90010# 70010015# 320# 1")
        assert "köbméter fogyott" in run(folder, "call", *heat)
        page = requests.get(f"http://127.0.0.1:{first.ports[1]}/phone", timeout=10)
        assert "Próbatelefon" in page.text
        page = requests.get(f"http://127.0.0.1:{first.ports[1]}/messages", timeout=10)
        assert "Próbaüzenetek" in page.text
        left = dict(
            line.split("=") for line in (folder / "var" / "local.env").read_text().splitlines()
        )
        assert left["TWILIO_API_URL"] == f"http://127.0.0.1:{first.ports[1]}"
        assert (left["TWILIO_ACCOUNT_SID"], left["SMS_FROM"]) == ("AC" + "0" * 32, "+36209383838")
        log = requests.get(f"{left['TWILIO_API_URL']}/messages/log", timeout=10).json()
        assert log["messages"] == []
        assert (folder / "var" / "local.env").stat().st_mode & 0o077 == 0
    finally:
        status = first.interrupt()
    assert status == 0
    for port in first.ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    # It takes nothing from the settings of a real installation that happen to be there.
    real = {**REAL_SETTINGS, "DATABASE_URL": f"sqlite:///{folder}/real.db"}
    second = Demo(folder, **real)
    with pytest.raises(subprocess.CalledProcessError):
        # Who has a setting of their own does not mean the demonstration.
        run(folder, "requests", "--json", SECRET_KEY="an own key")
    try:
        written = (folder / "var" / "local.env").read_text("utf-8")
        heard = run(folder, "call", "--keys", "5 1 20293811 48213377#")
    finally:
        second.interrupt()
    assert "Erre az időszakra már rögzítettünk mérőállást." in heard
    assert not (folder / "real.db").exists()
    for name, value in real.items():
        assert f"{name}={value}" not in written
        assert f"{name}='{value}'" not in written


def test_a_database_that_the_demonstration_did_not_make_is_left_as_it_is(folder: Path) -> None:
    records = folder / "var" / "demo.db"
    records.parent.mkdir()
    with closing(sqlite3.connect(records)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
        connection.commit()
    before = records.read_bytes()
    done = subprocess.run(
        [
            ZOLDSZAM,
            "demo",
            "--service-port",
            str(free_port()),
            "--simulator-port",
            str(free_port()),
            "--console-port",
            str(free_port()),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "was not made by the demonstration" in done.stderr
    assert records.read_bytes() == before


def test_a_taken_port_is_told_with_another_to_choose(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [ZOLDSZAM, "demo", "--service-port", str(port)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} for the service is taken by another program." in done.stderr
    assert f"make run SERVICE_PORT={port + 10}" in done.stderr

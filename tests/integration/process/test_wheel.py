"""The built wheel works outside any checkout, with every file that the program reads.

With it a newcomer starts everything, dials, finds the request, ends it, and sends a campaign.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from contextlib import redirect_stdout
from importlib.util import cache_from_source
from io import StringIO
from pathlib import Path

import pytest
import requests

from backend.db.transactions import open_database, read
from cli import main
from messages.campaigns.campaign import find_campaign
from messages.campaigns.counting import count
from settings import HERE
from tests.integration.process.test_first_minutes import Demo, folder, run
from tests.support.calls.telephone import HEAT_NUMBER

__all__ = ["folder"]

BUILD = "import sys, setuptools.build_meta as b; b.build_wheel(sys.argv[1])"
NOT_COPIED = shutil.ignore_patterns(
    ".*", "var", "build", "tests", "benchmarks", "docs", "*.egg-info", "__pycache__"
)
ROOMS = (
    *("backend", "carrier", "cli", "common", "console", "ivr", "menus", "messages", "sms"),
    "web_server",
)
PROGRAM = (*ROOMS, "simulator")
PATIENCE = 120
"""Seconds until a test gives up on a busy machine; nothing is measured."""
DATA = {".yaml", ".json", ".html", ".css", ".js", ".svg", ".po"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is in the repository."""
    source = tmp_path_factory.mktemp("source") / "zoldszam"
    shutil.copytree(HERE, source, ignore=NOT_COPIED)
    wheels = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [sys.executable, "-c", BUILD, str(wheels)], cwd=source, check=True, capture_output=True
    )
    (wheel,) = wheels.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, which come before the checkout's by PYTHONPATH."""
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(target)
    for module in target.rglob("*.py"):
        _take_compiled(HERE / module.relative_to(target), module)
    return target


def _take_compiled(ours: Path, installed: Path) -> None:
    """Compiling the wheel anew in each of its processes would take longer than all they do."""
    compiled = Path(cache_from_source(str(ours)))
    if compiled.is_file() and ours.read_bytes() == installed.read_bytes():
        # By time and size Python finds out whether it is of this very text.
        os.utime(installed, ns=(ours.stat().st_mtime_ns, ours.stat().st_mtime_ns))
        beside = Path(cache_from_source(str(installed)))
        beside.parent.mkdir(exist_ok=True)
        shutil.copyfile(compiled, beside)


def test_the_wheel_has_every_file_that_is_no_module(installed: Path) -> None:
    read = [
        file
        for room in (*ROOMS, "simulator")
        for file in (HERE / room).rglob("*")
        if file.suffix in DATA
    ]
    wanted = {file.relative_to(HERE) for file in [*HERE.glob("*.yaml"), *read]}
    assert len(wanted) > 20
    assert not {file for file in wanted if not (installed / file).is_file()}


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


def wait_until_arrived(folder: Path, campaign: str) -> None:
    """Return once every message of the campaign has come to its end; asks the records."""
    engine = open_database(f"sqlite:///{folder}/var/demo.db")
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            with read(engine) as connection:
                states = count(connection, campaign).states
                if find_campaign(connection, campaign).state == "done" and not any(
                    states.get(state) for state in ("accepted", "sent")
                ):
                    return
            time.sleep(0.3)
    finally:
        engine.dispose()
    raise AssertionError(states)


def test_a_newcomer_dials_finds_the_request_finds_it_again_and_sends_a_campaign(
    installed: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Amid the settings of a real installation, of which the demonstration takes nothing."""
    monkeypatch.setenv("PYTHONPATH", str(installed))
    found_at = "from importlib.util import find_spec; print(find_spec('settings').origin)"
    where = [sys.executable, "-c", found_at]
    found = subprocess.run(where, cwd=folder, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == str(installed / "settings.py")
    real = {**REAL_SETTINGS, "DATABASE_URL": f"sqlite:///{folder}/real.db"}
    demo = Demo(folder, **real)
    try:
        _dial_and_find(folder, demo)
        _assert_nothing_real(folder, real)
        _look_at_the_pages(folder, demo)
        _send_a_campaign(folder)
    finally:
        status = demo.interrupt()
    assert status == 0
    for port in demo.ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


@pytest.mark.whole_run
def test_what_was_settled_is_there_at_the_next_start(
    installed: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    for heard in ("Köszönjük, a mérőállást rögzítettük.", "már rögzítettünk mérőállást"):
        demo = Demo(folder)
        try:
            keys = "5 1 20293811 48213377# 41530# 1"
            assert heard in run(folder, "call", "--keys", keys)
        finally:
            assert demo.interrupt() == 0


def type_here(folder: Path, *arguments: str, **settings: str) -> str:
    """What a command says that is typed in the folder; in this process, which has the program.

    Raises ``SystemExit`` where it fails.
    """
    before = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.chdir(folder)
        os.environ.update(settings)
        try:
            main(arguments)
        except SystemExit as end:
            if end.code:
                raise
        finally:
            # A command takes the settings of the demonstration into its environment.
            os.environ.clear()
            os.environ.update(before)
    return said.getvalue()


def _dial_and_find(folder: Path, demo: Demo) -> None:
    assert "var/local.env" in demo.said
    # The example is printed ready to be typed.
    example = next(line for line in demo.said.splitlines() if "--keys" in line)
    keys = example.split('"')[1]
    assert "Köszönjük, a mérőállást rögzítettük." in run(folder, "call", "--keys", keys)
    printed = type_here(folder, "requests", "--json", LINES="24")
    [stored] = [
        each for each in map(json.loads, printed.splitlines()) if each["site_id"] == "20293811"
    ]
    assert stored["kind"] == "meter_reading"
    assert stored["data"] == {"serial": "48213377", "register": "1.8.0", "value": 41530}
    heat = ("--to", HEAT_NUMBER, "--keys", "2 1 90010# 70010015# 320# 1")
    assert "köbméter fogyott" in type_here(folder, "call", *heat)
    heard = type_here(folder, "call", "--keys", "5 1 20293811 48213377#")
    assert "Erre az időszakra már rögzítettünk mérőállást." in heard


def _assert_nothing_real(folder: Path, real: dict[str, str]) -> None:
    """Nothing of a real installation's settings is in those of the demonstration."""
    assert not (folder / "real.db").exists()
    written = (folder / "var" / "local.env").read_text("utf-8")
    for name, value in real.items():
        assert f"{name}={value}" not in written
        assert f"{name}='{value}'" not in written
    with pytest.raises(SystemExit):
        # Who has a setting of their own does not mean the demonstration.
        type_here(folder, "requests", "--json", SECRET_KEY="an own key")


def _look_at_the_pages(folder: Path, demo: Demo) -> None:
    address = f"http://127.0.0.1:{demo.ports[1]}"
    for path, heading in (("phone", "Próbatelefon"), ("messages", "Próbaüzenetek")):
        assert heading in requests.get(f"{address}/{path}", timeout=10).text
    settings = folder / "var" / "local.env"
    left = dict(line.split("=") for line in settings.read_text().splitlines())
    assert left["TWILIO_API_URL"] == address
    assert (left["TWILIO_ACCOUNT_SID"], left["SMS_FROM"]) == ("AC" + "0" * 32, "+36209383838")
    log = requests.get(f"{address}/messages/log", timeout=10).json()
    assert log["messages"] == []
    assert settings.stat().st_mode & 0o077 == 0


def _send_a_campaign(folder: Path) -> None:
    made = ("--template", "debt_contact_1", "--debt-register", "--by", "anna")
    campaign = type_here(folder, "campaign", "create", "--name", "first", *made).split()[-1]
    type_here(folder, "campaign", "approve", campaign, "--by", "bela")
    type_here(folder, "campaign", "start", campaign, "--by", "anna")
    wait_until_arrived(folder, campaign)
    told = json.loads(type_here(folder, "campaign", "status", campaign, "--json"))
    assert told["delivered"] > 0
    assert told["delivered"] + told["failed"] == told["recipients"]


@pytest.mark.whole_run
def test_the_command_that_the_wheel_installs_works_in_an_environment_of_its_own(
    wheel: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    uv = [HERE / ".tools" / "bin" / "uv", "pip", "install", "--quiet", "--no-deps", "--offline"]
    subprocess.run([*uv, "--python", python, wheel], check=True)
    (packages,) = (environment / "lib").glob("python*/site-packages")
    # The libraries, but not the checkout: a path in such a file brings no further such files.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    command = [environment / "bin" / "zoldszam", "menu", "show"]
    tree = packages / "menus" / "trees" / "heat.yaml"
    found = subprocess.run([*command, tree], cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert "hot_water_reading" in found.stdout

"""The built wheel works outside any checkout, with every file that the program reads."""

import json
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from settings import HERE
from tests.integration.process.test_first_minutes import Demo, run

BUILD = "import sys, setuptools.build_meta as b; b.build_wheel(sys.argv[1])"
NOT_COPIED = shutil.ignore_patterns(
    ".*", "var", "build", "tests", "benchmarks", "docs", "*.egg-info", "__pycache__"
)
ROOMS = ("backend", "carrier", "cli", "common", "console", "ivr", "menus", "messages", "sms")
PROGRAM = (*ROOMS, "simulator")
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
    return target


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


def delivered(folder: Path, campaign: str) -> int:
    """How many messages have arrived, once the campaign is done."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told = json.loads(run(folder, "campaign", "status", campaign, "--json"))
        if told["state"] == "done" and not told["accepted"] + told["sent"]:
            assert told["delivered"] + told["failed"] == told["recipients"]
            return int(told["delivered"])
        time.sleep(1)
    raise AssertionError(told)


def test_the_demonstration_answers_a_call_and_sends_a_campaign_from_the_wheel(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    where = [sys.executable, "-c", "import settings; print(settings.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == str(installed / "settings.py")
    demo = Demo(tmp_path)
    try:
        heard = run(tmp_path, "call", "--keys", "1")
        assert "gomb" in heard, heard
        for name, role in (("judit", "sender"), ("kati", "approver")):
            run(tmp_path, "user", "add", name, "--role", role)
        made = ("--template", "debt_contact_1", "--debt-register", "--by", "judit")
        created = run(tmp_path, "campaign", "create", "--name", "first", *made)
        campaign = created.split()[-1]
        run(tmp_path, "campaign", "approve", campaign, "--by", "kati")
        run(tmp_path, "campaign", "start", campaign, "--by", "judit")
        assert delivered(tmp_path, campaign) > 0
    finally:
        assert demo.interrupt() == 0


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
    command = [environment / "bin" / "zoldszam", "menu", "check", packages / "menu_tree.yaml"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert "no findings" in found.stdout

"""The files of ``deploy/`` fit the program: commands, settings, addresses; and each other."""

import os
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from app import create_app
from cli import commands
from service import BESIDE_CALLS, step_back
from settings import HERE, Settings
from settings_environment import SECRETS
from tests.support.project.setting_names import variables
from tests.support.runs.tables import each_of

DEPLOY = HERE / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("zoldszam*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
PROGRAMS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"].startswith("zoldszam:")
}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
EXPOSURE = 15
"""Tenths that ``systemd-analyze security`` may find at most; without hardening it is 92."""


def accept(arguments: list[str]) -> None:
    """Let the command line read its arguments, and do nothing."""
    command: click.Command = commands
    context = click.Context(commands)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, command_found, arguments = command.resolve_command(context, arguments)
        assert command_found is not None, name
        command = command_found
        context = click.Context(command, parent=context)
    command.parse_args(context, list(arguments))


def executed(unit: Path) -> list[str]:
    """What a unit starts."""
    (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    return shlex.split(line)


@each_of("unit", SERVICES)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    program, *arguments = executed(unit)
    assert program == "/opt/zoldszam/bin/zoldszam"
    accept(arguments)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_no_flaw_in_the_units_and_little_that_they_may(tmp_path: Path) -> None:
    program = tmp_path / "zoldszam"
    program.touch(mode=0o755)
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/zoldszam/bin/zoldszam", str(program))
        (tmp_path / unit.name).write_text(text, "utf-8")
    copies = [str(tmp_path / unit.name) for unit in UNITS]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *copies], capture_output=True, text=True
    )
    ours = [line for line in said.stderr.splitlines() if "zoldszam" in line]
    assert not ours
    for unit in SERVICES:
        analysed = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(unit)],
            capture_output=True,
            text=True,
        )
        assert analysed.returncode == 0, analysed.stdout[-200:] + analysed.stderr


@each_of("name", PROGRAMS)
def test_a_container_starts_a_command_without_rights_and_without_writing(name: str) -> None:
    service = PROGRAMS[name]
    accept(service["command"])
    test = service.get("healthcheck", {}).get("test")
    if test is not None:
        assert test[:2] == ["CMD", "zoldszam"]
        accept(test[2:])
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_containers_hang_together() -> None:
    assert set(COMPOSE) <= {"name", "x-program", "services", "secrets", "volumes"}
    services = COMPOSE["services"]
    for name, service in services.items():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"]), name
        assert set(service.get("depends_on", ())) <= set(services), name
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        for volume in named:
            assert volume in COMPOSE["volumes"] or (DEPLOY / volume).is_file(), volume
        for variable, value in service.get("environment", {}).items():
            if str(value).startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], variable
    assert {name for name, each in services.items() if "ports" in each} == {"proxy"}


def test_the_database_loses_nothing_that_was_committed() -> None:
    set_up = COMPOSE["services"]["database"]["command"]
    assert set_up[0] == "postgres"
    changed = {setting.partition("=")[0] for setting in set_up[1:] if setting != "-c"}
    assert not changed & {"fsync", "synchronous_commit", "full_page_writes"}


def compose_program() -> list[str]:
    """The command for compose files that this machine has, or nothing."""
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]) is None:
            continue
        if subprocess.run([*program, "version"], capture_output=True).returncode == 0:
            return program
    return []


@pytest.mark.whole_run
def test_compose_reads_the_file_with_what_the_page_on_deployment_fills_in(tmp_path: Path) -> None:
    # Asked here, not while the tests are collected: the program takes a second to answer.
    program = compose_program()
    if not program:
        pytest.skip("no program for compose files is here")
    shutil.copytree(DEPLOY, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "compose.yaml"
    if program == ["docker-compose"]:
        # Version 1 does not know a project's name yet.
        file.write_text(file.read_text("utf-8").replace("name: zoldszam\n", "", 1), "utf-8")
    (tmp_path / ".env").write_text("LINE_HOST=line.example.hu\nCONSOLE_HOST=desk.example.hu\n")
    (tmp_path / "settings.env").write_bytes((DEPLOY / "settings.env.example").read_bytes())
    (tmp_path / "secrets").mkdir()
    for secret in COMPOSE["secrets"].values():
        (tmp_path / secret["file"]).write_text("secret")
    read = subprocess.run([*program, "config"], cwd=tmp_path, capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    filled_in = yaml.safe_load(read.stdout)["services"]
    assert filled_in["web"]["environment"]["PUBLIC_URL"] == "https://line.example.hu"


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not here")
def test_caddy_takes_its_file(tmp_path: Path) -> None:
    names = {"LINE_HOST": "line.example.hu", "CONSOLE_HOST": "desk.example.hu"}
    homes = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
    read = subprocess.run(command, env=names | homes, capture_output=True, text=True)
    assert read.returncode == 0, read.stderr


def test_every_variable_of_the_deployment_is_a_setting() -> None:
    given = {variable for service in PROGRAMS.values() for variable in service["environment"]}
    for example in DEPLOY.rglob("*.env.example"):
        lines = example.read_text("utf-8").splitlines()
        given |= {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert given <= set(variables())
    assert not given & set(SECRETS), "secrets stand in files"


def test_the_image_runs_as_nobody_and_asks_after_itself_by_the_program() -> None:
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    last = lines[max(at for at, line in enumerate(lines) if line.startswith("FROM ")) :]
    (user,) = (line.split()[1] for line in last if line.startswith("USER "))
    assert int(user) >= 1000
    (health,) = (line for line in last if line.startswith("HEALTHCHECK"))
    accept(yaml.safe_load(health.partition("CMD ")[2])[1:])
    (usual,) = (line.removeprefix("CMD ") for line in last if line.startswith("CMD "))
    accept(yaml.safe_load(usual))
    (version,) = re.findall(r"uv==(\S+)", DOCKERFILE)
    assert f"UV_VERSION := {version}\n" in (HERE / "Makefile").read_text("utf-8")
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    packed = {"pyproject.toml", "setup.py", "requirements.lock", "requirements-dev.lock"}
    assert not packed & set(ignored)
    assert all((HERE / file).is_file() for file in packed)


def test_the_proxy_passes_on_every_address_of_the_carrier_and_no_other(tmp_path: Path) -> None:
    proxy = (DEPLOY / "Caddyfile").read_text("utf-8")
    (paths,) = re.findall(r"@carrier path (.+)", proxy)
    prefixes = tuple(path.removesuffix("*") for path in paths.split())
    settings = Settings(database_url=f"sqlite:///{tmp_path}/records.db", recordings=tmp_path)
    app = create_app(settings)
    app.extensions["engine"].dispose()
    within = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(prefixes)}
    assert within == {"/healthz", "/readyz"}
    targets = {target.partition(":")[::2] for target in re.findall(r"reverse_proxy (\S+)", proxy)}
    assert targets == {("web", "8000"), ("console", "8002")}
    hosts = re.findall(r"^\{\$(\w+)\} \{$", proxy, re.MULTILINE)
    assert set(hosts) == set(COMPOSE["services"]["proxy"]["environment"])


def test_where_processors_are_scarce_webhooks_and_the_database_go_first() -> None:
    shares = {name: each.get("cpu_shares", 1024) for name, each in COMPOSE["services"].items()}
    first = {"web", "database", "proxy", "migrate"}
    assert {name for name, share in shares.items() if share == 1024} == first
    weighed = {unit.stem for unit in SERVICES if "\nCPUWeight=" in unit.read_text("utf-8")}
    assert {unit.stem for unit in SERVICES} - weighed == {"zoldszam"}


def test_what_serves_staff_works_at_a_lower_priority_and_never_raises_it() -> None:
    def stepped_back(before: int) -> int:
        os.setpriority(os.PRIO_PROCESS, 0, before)
        step_back()
        return os.getpriority(os.PRIO_PROCESS, 0)

    # Linux keeps it by the thread: this one stays as it is.
    with ThreadPoolExecutor(1) as pool:
        found = [pool.submit(stepped_back, before).result() for before in (5, 15)]
    assert found == [BESIDE_CALLS, 15]

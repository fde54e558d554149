"""A deployment on several hosts: a database, two web hosts, two hosts of workers, a console."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam

import psycopg
import requests

from benchmarks.soak.network import Command, Host
from tests.support.calls.telephone import TOKEN
from tests.support.carriers.running_desk import ACCOUNT, SENDER
from tests.support.databases.database import postgres_programs

HOSTS = ("database", "web1", "web2", "workers1", "workers2", "console")
WEB_PORT, CONSOLE_PORT = 8000, 8002
SECRET = "the same long random text on every host"
RECOVERY_SECONDS = 240.0
"""A machine that is busy with much else starts six hosts slowly."""
_OWNER = "nobody"
_ZOLDSZAM = Path(sys.executable).with_name("zoldszam")

_PATIENCE = {
    "CONTACT_HOURS": "always",
    "SEND_TIMEOUT": "2",
    "CLAIM_LEASE": "2",
    "RECONCILE_AFTER": "4",
    "FAILURE_SHARE": "100%/1000",
    # The balancer there asks nobody how they are.
    "DRAIN_SECONDS": "0",
    # These callers type at once, without hearing the question.
    "CONFIRM_AFTER": "0",
}
"""Cut short, so that a run need not wait for minutes."""


@dataclass(frozen=True)
class Service:
    """What runs on a host, how it is seen to be well, and whom it runs as."""

    host: Host
    command: Command
    environment: dict[str, str]
    is_well: Callable[[], bool]
    user: tuple[int, int] | None = None

    def start(self) -> None:
        """Start it; nothing is waited for."""
        self.host.start(self.command, self.environment, self.user)

    def restart_if_ended(self) -> bool:
        """As a supervisor does; whether it had ended by itself."""
        if self.host.is_running():
            return False
        self.host.kill()
        self.start()
        return True

    def wait_until_well(self) -> bool:
        """Start it again until it is well; ``False`` when that takes too long."""
        ends = time.monotonic() + RECOVERY_SECONDS
        while not self.is_well():
            if time.monotonic() > ends:
                return False
            self.restart_if_ended()
            time.sleep(0.2)
        return True


def database_url(host: Host) -> str:
    """The address of the database on its host."""
    return f"postgresql://postgres@{host.address}:5432/postgres"


def database_service(host: Host, home: Path) -> Service:
    """PostgreSQL on a host, not started yet; what it has committed outlives its processes."""
    owner = getpwnam(_OWNER)
    shutil.chown(home, _OWNER)
    programs = postgres_programs(home, copy=True)
    data = home / "data"
    environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
    initialise: Command = [programs / "initdb", "--pgdata", data, "--username", "postgres"]
    initialise = [*initialise, "--auth", "trust", "--no-sync", "--encoding", "UTF8"]
    subprocess.run(
        initialise, check=True, user=_OWNER, cwd=home, env=environment, stdout=subprocess.DEVNULL
    )
    with (data / "pg_hba.conf").open("a") as access:
        access.write("host all all 10.231.0.0/24 trust\n")
    # Processes are killed and the machine is not: nothing need wait for its disk.
    settings = {"listen_addresses": "*", "unix_socket_directories": home, "fsync": "off"}
    command: list[str | Path] = [programs / "postgres", "-D", data]
    for name, value in (settings | {"max_connections": 80}).items():
        command += ["-c", f"{name}={value}"]
    url = database_url(host)
    user = (owner.pw_uid, owner.pw_gid)
    return Service(host, command, environment, lambda: _takes_connections(url), user)


def services(hosts: dict[str, Host], home: Path, public_url: str, carrier: str) -> list[Service]:
    """Everything but the database, in the order of ``HOSTS``; nothing is started yet."""
    environment = {
        **_PATIENCE,
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "DATABASE_URL": database_url(hosts["database"]),
        "SECRET_KEY": SECRET,
        "PUBLIC_URL": public_url,
        "TWILIO_API_URL": carrier,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SMS_FROM": SENDER,
        "SEND_PACE": "6",
    }
    listening = ("--host", "0.0.0.0")  # noqa: S104 - of a network of our own
    web: Command = [_ZOLDSZAM, "serve", *listening, "--workers", "1"]
    console: Command = [_ZOLDSZAM, "console", *listening]
    worker: Command = [_ZOLDSZAM, "worker", "--threads", "3"]
    return [
        *(
            Service(hosts[name], web, environment, _asks(hosts[name], WEB_PORT, "/readyz"))
            for name in ("web1", "web2")
        ),
        *(
            Service(hosts[name], worker, environment, hosts[name].is_running)
            for name in ("workers1", "workers2")
        ),
        Service(
            hosts["console"], console, environment, _asks(hosts["console"], CONSOLE_PORT, "/login")
        ),
    ]


def _asks(host: Host, port: int, path: str) -> Callable[[], bool]:
    def is_well() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://{host.address}:{port}{path}", timeout=2).ok
        return False

    return is_well


def _takes_connections(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2).close()
        return True
    return False

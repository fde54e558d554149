"""A network of hosts on one machine: a network namespace each, joined by a bridge.

Everything is in a namespace of this program's own (``in_own_network``), so nothing of it is seen on
the machine, and nothing is left when the program ends, however it ends. Linux and root only.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from settings import HERE

CENTRE = "10.231.0.1"
"""Where this program is: the carrier, and the balancer before the web hosts."""

Command = Sequence[str | Path]


def is_possible() -> bool:
    """Whether this machine lets us make networks."""
    tools = ("unshare", "nsenter", "ip")
    return sys.platform == "linux" and os.geteuid() == 0 and all(map(shutil.which, tools))


def in_own_network(module: str, arguments: Sequence[str]) -> str:
    """Run a module of ours in a network and a tree of processes of its own; what it printed.

    Raises ``subprocess.CalledProcessError``.
    """
    apart = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*apart, sys.executable, "-m", module, *arguments]
    # Its errors are seen; it ends with us.
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


@dataclass
class Host:
    """A machine of the network; ``cut`` takes its cable out."""

    name: str
    address: str
    anchor: subprocess.Popen[bytes]
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, command: Command, environment: dict[str, str], user: tuple[int, int] | None = None
    ) -> None:
        """Start a program on this host, as a user if one is given."""
        as_user = [] if user is None else ["--setuid", str(user[0]), "--setgid", str(user[1])]
        enter = ["nsenter", "--target", str(self.anchor.pid), "--net", *as_user, "--", *command]
        program = subprocess.Popen(
            enter,
            cwd=HERE if user is None else "/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(program)

    def is_running(self) -> bool:
        """Whether all that was started here still runs."""
        return bool(self._processes) and all(each.poll() is None for each in self._processes)

    def kill(self) -> None:
        """The power goes: every process of it gets SIGKILL at once."""
        for program in self._processes:
            for process in _family(program.pid):
                process.kill()
        self._ended()

    def stop(self) -> None:
        """Ask every program to end (SIGTERM), and wait until it has."""
        for program in self._processes:
            program.terminate()
        self._ended()

    def cut(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        _ip("link", "set", self.name, "down")

    def join(self) -> None:
        """The cable is in again."""
        _ip("link", "set", self.name, "up")

    def _ended(self) -> None:
        for program in self._processes:
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                for process in _family(program.pid):
                    process.kill()
                program.wait()
        self._processes.clear()


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Make the hosts, on a bridge on which this program is at ``CENTRE``."""
    _ip("link", "set", "lo", "up")
    _ip("link", "add", "bridge", "type", "bridge")
    _ip("address", "add", f"{CENTRE}/24", "dev", "bridge")
    _ip("link", "set", "bridge", "up")
    hosts = {name: _host(name, f"10.231.0.{10 + number}") for number, name in enumerate(names)}
    try:
        yield hosts
    finally:
        for host in hosts.values():
            host.kill()
            host.anchor.kill()
            host.anchor.wait()


def _host(name: str, address: str) -> Host:
    # Its namespace lasts as long as this process.
    anchor = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=-1
    )
    assert anchor.stdout is not None
    anchor.stdout.readline()
    _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(anchor.pid))
    _ip("link", "set", name, "master", "bridge", "up")
    inside = ("nsenter", "--target", str(anchor.pid), "--net")
    _ip("address", "add", f"{address}/24", "dev", "eth0", inside=inside)
    _ip("link", "set", "eth0", "up", inside=inside)
    _ip("link", "set", "lo", "up", inside=inside)
    return Host(name, address, anchor)


def _ip(*arguments: str, inside: Sequence[str] = ()) -> None:
    subprocess.run([*inside, "ip", *arguments], check=True)

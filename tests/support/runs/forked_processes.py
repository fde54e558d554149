"""Processes of tests that are forked from one that has imported everything and runs no thread.

A test has threads by then, with which it must not fork, and a process that starts anew imports for
longer than it works. All workers of a run share the one that forks.
"""

import os
import pickle
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NoReturn

_address: Path | None = None


class ForkedProcess:
    """A process that runs a function; what it is told by is that of ``multiprocessing``."""

    def __init__(self, function: Callable[..., None], *arguments: Any) -> None:
        assert _address is not None, "the tests were collected without their conftest.py"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(_address))
            self._keeper = Connection(client.detach())
        self._keeper.send_bytes(pickle.dumps((function, arguments)))
        self._process: int = self._keeper.recv()
        self.exitcode: int | None = None

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, at most so many seconds."""
        if self.exitcode is None and self._keeper.poll(timeout):
            self.exitcode = self._keeper.recv()
            self._keeper.close()

    def terminate(self) -> None:
        """Ask it to end, unless it has."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it, unless it has ended."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        self.join(0)
        if self.exitcode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process, number)


def begin() -> Callable[[], None]:
    """Start the process that forks; call this before any thread, and what it returns at the end."""
    global _address
    _address = Path(mkdtemp()) / "forks"
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(_address))
    door.listen()
    # Nobody has the other end any more when the run has died.
    alive, run = os.pipe()
    if os.fork() == 0:
        os.close(run)
        _serve(door, alive)
    os.close(alive)
    door.close()

    def end() -> None:
        assert _address is not None
        os.close(run)
        _address.unlink()
        _address.parent.rmdir()

    return end


def _serve(door: socket.socket, alive: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while alive not in wait([door.fileno(), alive]):
        client = door.accept()[0]
        if os.fork() == 0:
            door.close()
            _keep(Connection(client.detach()))
        client.close()
    os._exit(0)


def _keep(asked: Connection) -> NoReturn:
    """Fork the process that was asked for, and tell of its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    function, arguments = pickle.loads(asked.recv_bytes())  # noqa: S301 - from our own test
    process = os.fork()
    if process == 0:
        asked.close()
        _run(function, arguments)
    with suppress(BrokenPipeError):
        asked.send(process)
        asked.send(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
    os._exit(0)


def _run(function: Callable[..., None], arguments: tuple[Any, ...]) -> NoReturn:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        function(*arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)

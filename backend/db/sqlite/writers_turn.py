"""The turn to write to a SQLite file: one writer of this machine at a time, woken when it is free.

SQLite has room for one writer and lets the others sleep, longer each time, up to a tenth of a
second; the file is free for most of that. Writers of all our processes therefore queue here first.
It is a queue only: what keeps the file sound is SQLite's own lock, which whoever does not know of
this one still waits for. See docs/decisions/0113-capacity.md.
"""

import fcntl
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from weakref import finalize

from backend.db.deadline import at_most
from common.errors import DatabaseBusyError

SUFFIX = "-turn"
"""What the lock's file is called after the database's; it is empty, and may be deleted."""

_SHORTEST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.005


class WritersTurn:
    """A process's way to the turn; its own threads wait in a lock, other processes in a file's.

    Whoever holds it must not ask for it again. A process that dies gives it back.
    """

    def __init__(self, database: str, seconds: float) -> None:
        """``seconds``: how long a writer waits, if its request has no shorter budget."""
        self._database = database
        self._seconds = seconds
        self._threads = threading.Lock()
        self._descriptor: int | None = None

    def __enter__(self) -> None:
        """Raises ``DatabaseBusyError`` when the others take longer than the budget."""
        seconds = at_most(self._seconds)
        ends = time.monotonic() + seconds
        if not self._threads.acquire(timeout=seconds):
            raise _busy()
        try:
            self._wait_for_processes(ends)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._threads.release()

    def _wait_for_processes(self, ends: float) -> None:
        if self._descriptor is None:
            self._descriptor = _lock_file(self._database)
            if self._descriptor is None:
                return
            finalize(self, os.close, self._descriptor)
        if _is_taken(self._descriptor):
            return
        began = time.monotonic()
        while (now := time.monotonic()) < ends:
            # Soon at first; of a writer that takes long, it matters less.
            pause = min(_LONGEST_PAUSE, max(_SHORTEST_PAUSE, (now - began) / 10))
            time.sleep(min(pause, ends - now))
            if _is_taken(self._descriptor):
                return
        raise _busy()


def _is_taken(descriptor: int) -> bool:
    """Take the lock if it is free; whether it is ours."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(database: str) -> int | None:
    """Open the lock's file; ``None`` where there cannot be one: SQLite's lock has to do then."""
    file = os.path.realpath(database)
    with suppress(OSError):
        owner = Path(file).stat()  # no database, no lock: opening it tells what is wrong
        descriptor = os.open(file + SUFFIX, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(OSError):
            # As SQLite does: a command of root must not leave a file that the service cannot open.
            if os.geteuid() == 0:
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor
    return None


def _busy() -> DatabaseBusyError:
    return DatabaseBusyError("Another write to the database takes too long. Try again.")

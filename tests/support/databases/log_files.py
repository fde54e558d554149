"""SQLite's write-ahead log as a file."""

import time
from pathlib import Path
from threading import Thread

_LONGEST_WAIT = 20.0


def becomes_empty(log: Path) -> bool:
    """Whether nothing is in that file, or will be soon: it is emptied in a thread of its own."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while log.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.01)
    return log.stat().st_size == 0


def no_thread(_thread: Thread) -> None:
    """What starting a thread comes to where the system gives no more."""
    raise RuntimeError("can't start new thread")

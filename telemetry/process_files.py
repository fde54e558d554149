"""Where the processes of one service keep their counters, so that each of them can tell all.

A service with several processes has a folder of its own. In it each process holds the lowest free
place; one that is started again takes the place of the dead one with its counters, so that these
only grow and the files stay few. A lock of the operating system says who is alive, however a
process ended.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

_PREFIX = "zoldszam-metrics-"
_OWNER = "owner.lock"

_held: list[int] = []
"""Locks of this process, held until it ends."""


def make_folder() -> Path:
    """A new folder for this service; those that services left behind are removed.

    It counts as in use as long as this process or a fork of it lives.
    """
    remove_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    unlocked = folder / "new.lock"
    lock = _open_lock(unlocked)
    _take(lock)
    # Under its name it is seen locked only: who starts at the same time must not remove it.
    unlocked.rename(folder / _OWNER)
    _held.append(lock)
    return folder


def remove_left_folders() -> None:
    """Remove folders of this user whose service is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / _OWNER, os.O_RDWR | os.O_CLOEXEC)
            try:
                if _take(lock):
                    shutil.rmtree(folder)
            finally:
                os.close(lock)


def claim_place(folder: Path) -> int:
    """The lowest place in the folder that no living process holds; held until this one ends."""
    place, lock = _claimed(folder)
    _held.append(lock)
    return place


def _claimed(folder: Path) -> tuple[int, int]:
    """The lowest free place, and the lock that holds it as long as it is open."""
    for place in count():
        lock = _open_lock(folder / f"{place}.lock")
        if _take(lock):
            return place, lock
        os.close(lock)
    raise AssertionError


def require_place(folder: Path) -> None:
    """Raise ``OSError`` where no place in the folder could be claimed."""
    os.close(_claimed(folder)[1])


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

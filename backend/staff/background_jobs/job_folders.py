"""Folders in which jobs keep files while they run, on the machine of their worker.

The folder is locked as long as its process lives, whatever ends that: so one that is not locked
was left behind by a worker that was killed.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

PREFIX = "zoldszam-job-"
_NEW_SECONDS = 60
"""So young a folder may be one that is just about to be locked."""


@contextmanager
def job_folder() -> Iterator[Path]:
    """A folder for the files of one job, removed when the job ends."""
    with TemporaryDirectory(prefix=PREFIX) as folder, _opened(folder) as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(folder)


def clear_left_folders() -> int:
    """Remove what killed workers have left on this machine, of no live one; how many folders."""
    removed = 0
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_mtime > time.time() - _NEW_SECONDS:
                continue
            with _opened(folder) as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError:
            # Its worker lives, another one was quicker, or it is another user's.
            continue
        removed += 1
    return removed


@contextmanager
def _opened(folder: str | Path) -> Iterator[int]:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield held
    finally:
        os.close(held)

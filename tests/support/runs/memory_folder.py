"""Where the files of tests are: in memory, where the system has room for them there.

A commit that waits for a disk costs a test more than all that it does itself.
"""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
ENOUGH = 2 * 1024**3
"""Bytes: what a run leaves at most is some hundred millions."""


def use_memory() -> None:
    """Have pytest make its folders in memory; one that is named, or a small one, stays unused."""
    if folder := memory_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def memory_folder() -> Path | None:
    """The system's folder in memory, where there is one with enough room."""
    return MEMORY if _is_fit() else None


def _is_fit() -> bool:
    # Programs are installed into such folders, too, and run from there.
    return (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK)
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(MEMORY).free >= ENOUGH
    )

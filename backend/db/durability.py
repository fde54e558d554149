"""Durable commits: flushed to disk before anything is confirmed.

On SQLite a commit ends in the write-ahead log, which the operating system may keep in its memory
for half a minute. ``flush`` is what a spoken receipt, a stop or a noted attempt waits for; see
docs/decisions/0008-durability.md.
"""

import os
from contextlib import suppress

from sqlalchemy import Engine

from common.errors import DatabaseUnreachableError

_flush_file = getattr(os, "fdatasync", os.fsync)
"""macOS has no ``fdatasync``."""


def flush(engine: Engine) -> None:
    """Return when everything that was committed before, by any process, survives a loss of power.

    PostgreSQL waits for its disk at every commit; there this does nothing. Raises
    ``DatabaseUnreachableError`` when the disk fails: what was committed must not be promised then.
    """
    if engine.dialect.name != "sqlite":
        return
    try:
        # SQLite holds no lock on this file, so closing it here releases none.
        log = os.open(f"{engine.url.database}-wal", os.O_RDONLY)
    except FileNotFoundError:
        # The last connection has closed, which moved everything to the flushed database file.
        return
    except OSError as error:
        raise _unflushed(error) from error
    try:
        _flush_file(log)
    except OSError as error:
        raise _unflushed(error) from error
    finally:
        os.close(log)


def flush_names(file: str) -> None:
    """Have the names of a new database file and of its log survive a loss of power."""
    with suppress(OSError):  # some systems cannot flush a folder, as SQLite allows for
        folder = os.open(os.path.dirname(file) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unflushed(error: OSError) -> DatabaseUnreachableError:
    return DatabaseUnreachableError(
        f"The database's log cannot be written to the disk: {error.strerror}."
    )

"""Turns database drivers' errors into errors that say what to do.

Only the kinds that an operator can correct have one; their texts hold no value of any row.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from common.errors import (
    ConnectionLostError,
    DatabaseBusyError,
    DatabaseUnreachableError,
    DiskFullError,
)

if TYPE_CHECKING:
    import psycopg

_FULL = "53100"
_TOO_MANY_CONNECTIONS = "53300"
_WAITED_TOO_LONG = ("57014", "55P03", "40P01")
"""A statement or a lock was given up, or the one that two waited for each other with."""
_SESSION_ENDED = ("57P", "08", "25P03", "25P04")
"""PostgreSQL's server ends the session, does not start yet, or the network fails; the last two: a
transaction was left open too long, as by a process that was stopped for a while."""


def driver_errors(*names: str) -> tuple[type[Any], ...]:
    """The classes of these names (PEP 249) in each driver that this process has loaded.

    On SQLite psycopg is never loaded: it would take a fifth of a command's start.
    """
    drivers = (sqlite3, sys.modules.get("psycopg"))
    return tuple(getattr(driver, name) for driver in drivers if driver for name in names)


def postgres_errors(name: str) -> tuple[type[Any], ...]:
    """psycopg's class of that name (PEP 249), where this process has loaded psycopg."""
    driver = sys.modules.get("psycopg")
    return (getattr(driver, name),) if driver else ()


def conflicts() -> tuple[type[Any], ...]:
    """A row that is there already, or that others still need: by SQLAlchemy or the driver."""
    return (exc.IntegrityError, *driver_errors("IntegrityError"))


class _TellingFailures:
    """A class and not a generator: every webhook passes several of these."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        if isinstance(error, exc.TimeoutError):
            raise DatabaseBusyError(
                "Every connection of this process to the database is in use. Try again."
            ) from error
        if isinstance(error, (exc.DBAPIError, *driver_errors("Error"))):
            failure = failure_of(error)
            if failure is not None:
                raise failure from error


_TELLING_FAILURES = _TellingFailures()


def telling_failures() -> AbstractContextManager[None]:
    """Raise the driver's complaints as ``DatabaseUnreachableError`` or a narrower kind of it.

    Whatever is no failure of the database itself, as a row that is there already, goes through.
    """
    return _TELLING_FAILURES


def failure_of(error: BaseException) -> DatabaseUnreachableError | None:
    """The failure of the database that a driver's error tells of; ``None`` for any other error."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(cause, driver_errors("Error")):
        return _of_postgresql(cause)
    return None


def _of_sqlite(cause: sqlite3.Error) -> DatabaseUnreachableError | None:
    # The low byte is the kind; the rest of the code tells where it happened.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return _full()
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusyError(f"Another program writes to the database: {cause}. Try again.")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return DatabaseUnreachableError(
            f"The database's file cannot be used: {cause}. Look at its disk and its permissions."
        )
    return None


def _of_postgresql(cause: psycopg.Error) -> DatabaseUnreachableError | None:
    code = cause.sqlstate or ""
    if code == _FULL:
        return _full()
    if code in _WAITED_TOO_LONG:
        return DatabaseBusyError("The database did not answer in time. Try again.")
    reason = " ".join(str(cause).split())
    if code.startswith(_SESSION_ENDED):
        return ConnectionLostError(f"The database has closed the connection: {reason}. Try again.")
    if code == _TOO_MANY_CONNECTIONS or (
        not code and isinstance(cause, driver_errors("OperationalError", "InterfaceError"))
    ):
        return ConnectionLostError(
            f"The database cannot be reached: {reason}. Look whether its server runs, and check "
            "DATABASE_URL."
        )
    return None


def _full() -> DiskFullError:
    return DiskFullError(
        "The disk of the database is full. Free some space and try again. Nothing was stored."
    )

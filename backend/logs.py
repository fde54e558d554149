"""The log of a process: who may speak, in which form, and how an outage of the database looks."""

import logging
import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.errors import DatabaseUnreachableError

FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"

ROOMS = ("app", "backend", "cli", "doors", "ivr", "menus", "service", "sms", "zoldszam")
"""The program's own loggers; of everybody else only warnings are of interest."""

_SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def configure_logging() -> None:
    """Log to standard error: what this program says from INFO on, of others warnings."""
    logging.basicConfig(format=FORMAT, level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(without_outage_traceback)
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)


def is_outage(fault: BaseException | None) -> bool:
    """Whether the database was away, locked or full: nothing that a program's line explains."""
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    if isinstance(cause, sqlite3.OperationalError):
        # The lower byte is the kind, the upper ones tell details of it.
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_OUTAGES
    return isinstance(
        cause,
        (
            DatabaseUnreachableError,
            PoolTimeoutError,
            psycopg.InterfaceError,
            psycopg.OperationalError,
        ),
    )


def without_outage_traceback(record: logging.LogRecord) -> bool:
    """Filter for handlers: an outage is one line with the type of its cause.

    The traceback of an outage leads to whatever line happened to ask the database; its text may
    hold the statement. Tracebacks of all other failures stay.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if fault is not None and is_outage(fault):
        cause = fault.orig if isinstance(fault, DBAPIError) else fault
        first = record.getMessage().partition("\n")[0]
        record.msg = f"{first}: the database fails ({type(cause).__name__})"
        record.args = ()
        record.exc_info = record.exc_text = None
    return True

"""What can befall a database at this size, as a sentence for a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError

from backend.errors import ConnectionLostError, RecordsError


@contextmanager
def told() -> Iterator[None]:
    """Turn a full disk into ``RecordsError`` and a lost connection into ``ConnectionLostError``.

    Everything else goes through; in any case the transaction around is rolled back.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if _says_full(cause):
            raise RecordsError(
                "The disk of the database is full. Free some space and try again. "
                "Nothing was stored."
            ) from error
        if _says_lost(cause):
            raise ConnectionLostError("The database has closed the connection.") from error
        raise


def _says_lost(cause: BaseException | None) -> bool:
    # Class 57P of PostgreSQL: the server ends the session; without a code nobody answers.
    code = getattr(cause, "sqlstate", "")
    return isinstance(cause, psycopg.OperationalError) and (code or "57P").startswith("57P")


def _says_full(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(cause, psycopg.errors.DiskFull)

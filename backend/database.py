"""Opening the database: SQLite for one machine, PostgreSQL for more, the same promises on both.

``write`` is one transaction that happens whole or not at all; ``read`` is one consistent view
that holds nobody up.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.durability import flush, flush_names
from backend.errors import ConfigurationError, ConnectionLostError, DatabaseUnreachableError

DEFAULT_URL = "sqlite:///var/zoldszam.db"

BUSY_SECONDS = 10
"""How long a SQLite writer waits for the others; below the 15 s after which a carrier gives up."""

POOL_SIZE = 5
POOL_OVERFLOW = 10
"""Connections a process keeps, and may add for a moment; a blocking thread uses one at a time."""

READ_ONLY = "zoldszam_read_only"
KEY_OPTION = "zoldszam_key"
"""The execution option that holds the process's ``SECRET_KEY``; see ``backend/stop_keys.py``."""

_sqlite_writers = threading.Lock()


def open_database(url: str = DEFAULT_URL, *, secret: str | None = None) -> Engine:
    """Make the engine for ``DATABASE_URL``; no connection is made yet.

    Takes ``sqlite:///FILE`` (the folder is made when it is missing), ``postgresql://`` and
    ``postgres://``; anything else raises ``ConfigurationError``. ``secret`` is ``SECRET_KEY``,
    under which the stopped numbers are kept.
    """
    parsed = _parse(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    engine = _open_sqlite(parsed) if is_sqlite else _open_postgresql(parsed)
    engine.update_execution_options(**{KEY_OPTION: secret})
    return engine


def _open_postgresql(parsed: URL) -> Engine:
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        # What callers typed must not get into the text of an error.
        hide_parameters=True,
    )


@contextmanager
def write(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back when anything is raised.

    When the block has ended, what it wrote survives a loss of power. With ``durable=False`` that
    is not waited for: whoever promises something afterwards calls ``flush`` first.

    On SQLite the process's writers queue here rather than in the file's lock, where they would
    sleep and poll (p99 30 instead of 246 ms); a writer must therefore not open a second one.
    """
    try:
        with writers_turn(engine), engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ConnectionLostError("The database has closed the connection.") from error
        raise
    if durable:
        # The turn to write is given back already: nobody else waits for this disk.
        flush(engine)


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection to look things up with; on SQLite it never waits for a writer."""
    with engine.connect() as connection:
        connection.execution_options(**{READ_ONLY: True})
        yield connection


@contextmanager
def writers_turn(engine: Engine) -> Iterator[None]:
    """Hold the process's turn to write where the database has room for one writer only."""
    if engine.dialect.name != "sqlite":
        yield
        return
    if not _sqlite_writers.acquire(timeout=BUSY_SECONDS):
        raise DatabaseUnreachableError(
            f"Another write to the database has taken more than {BUSY_SECONDS} seconds. Try again."
        )
    try:
        yield
    finally:
        _sqlite_writers.release()


def upserting(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into the table that can say what to do ``ON CONFLICT``, in the database's dialect.

    On PostgreSQL its count of rows is not kept: ask ``returning`` whether a row was added.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table)


class Driver(NamedTuple):
    """The driver's own connection, for statements that every webhook makes.

    ``connection`` is of ``sqlite3`` or psycopg; both have ``execute(sql, parameters)`` that returns
    a cursor. Through SQLAlchemy the same statements cost three times as much.
    """

    name: str
    connection: Any


def driver_of(connection: Connection) -> Driver:
    """The driver's connection under a SQLAlchemy one, in the same transaction."""
    return Driver(connection.dialect.name, connection.connection.dbapi_connection)


@contextmanager
def single_statements(engine: Engine) -> Iterator[Driver]:
    """The driver's connection, on which each statement is a transaction of its own.

    Raises ``ConnectionLostError`` when the server has closed the connection meanwhile.
    """
    pooled = engine.raw_connection()
    driver = Driver(engine.dialect.name, pooled.dbapi_connection)
    transactional = driver.name == "postgresql"
    try:
        if transactional:
            driver.connection.autocommit = True
        yield driver
        if transactional:
            driver.connection.autocommit = False
    except psycopg.OperationalError as error:
        # The others in the pool were open as long and are closed as well.
        pooled.invalidate()
        engine.dispose()
        raise ConnectionLostError("The database has closed the connection.") from error
    except BaseException:
        # Whatever state it is in, nobody gets this connection again.
        pooled.invalidate()
        raise
    finally:
        pooled.close()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend = ""
    if backend == "postgres":
        parsed = parsed.set(drivername="postgresql")
        backend = "postgresql"
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigurationError(
            "DATABASE_URL is not an address that we know. Write sqlite:///var/zoldszam.db or "
            "postgresql://user:password@host/name."
        )
    return parsed


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "DATABASE_URL names no file. Write sqlite:/// and then the file, for example "
            f"{DEFAULT_URL}."
        )
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f'The folder "{folder}" of the database cannot be made: {error.strerror}. '
            "Name another one in DATABASE_URL."
        ) from error
    engine = create_engine(
        url.set(drivername="sqlite"),
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        # What callers typed must not get into the text of an error.
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )
    file = url.database
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", lambda *_: flush_names(file))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # Python's driver would begin transactions by itself, late and without a lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit waits for no disk; what is promised afterwards calls ``flush`` (decision 0008).
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail, not wait, when another has
    # written in between; so every one that may write takes the lock at once.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    try:
        # Straight to the driver: a tenth of the cost of the same statement through SQLAlchemy.
        driver_of(connection).connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise DatabaseUnreachableError(f"The database is busy or broken: {error}.") from error

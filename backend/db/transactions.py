"""Opening the database: SQLite for one machine, PostgreSQL for more, the same promises on both.

``write`` is one transaction that happens whole or not at all; ``read`` is one consistent view
that holds nobody up.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import PoolProxiedConnection

from backend.db.deadline import at_most
from backend.db.durability import flush
from backend.db.failures import telling_failures
from backend.db.postgres_engine import open_postgresql
from backend.db.sqlite_engine import BUSY_SECONDS, DEFAULT_URL, READ_ONLY, limit_wait, open_sqlite
from common.errors import ConfigurationError, DatabaseBusyError

KEY_OPTION = "zoldszam_key"
"""The execution option that holds the process's ``SECRET_KEY``; see ``records.stop_keys``."""

_sqlite_writers = threading.Lock()


def open_database(
    url: str = DEFAULT_URL, *, secret: str | None = None, serves_callers: bool = False
) -> Engine:
    """Make the engine for ``DATABASE_URL``; no connection is made yet.

    Takes ``sqlite:///FILE``, ``postgresql://`` and ``postgres://``; anything else raises
    ``ConfigurationError``. ``secret`` is ``SECRET_KEY``, under which the stopped numbers are kept.
    With ``serves_callers`` slow statements are given up by the server.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = open_sqlite(parsed)
    else:
        engine = open_postgresql(parsed, serves_callers=serves_callers)
    engine.update_execution_options(**{KEY_OPTION: secret})
    return engine


@contextmanager
def write(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back when anything is raised.

    When the block has ended, what it wrote survives a loss of power. With ``durable=False`` that
    is not waited for: whoever promises something afterwards calls ``flush`` first.

    On SQLite the process's writers queue here rather than in the file's lock, where they would
    sleep and poll (p99 30 instead of 246 ms); a writer must therefore not open a second one.

    Raises ``DatabaseUnreachableError`` or a narrower kind when the database fails.
    """
    with telling_failures(), writers_turn(engine), engine.begin() as connection:
        yield connection
    if durable:
        # The turn to write is given back already: nobody else waits for this disk.
        flush(engine)


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection to look things up with; on SQLite it never waits for a writer."""
    with telling_failures(), engine.connect() as connection:
        connection.execution_options(**{READ_ONLY: True})
        yield connection


@contextmanager
def read_only(engine: Engine) -> Iterator[Connection]:
    """As ``read``, over a connection on which the database itself refuses to write."""
    with read(engine) as connection:
        if engine.dialect.name != "sqlite":
            connection.execution_options(postgresql_readonly=True)
            yield connection
            return
        driver = driver_of(connection).connection
        driver.execute("PRAGMA query_only = ON")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA query_only = OFF")


@contextmanager
def writers_turn(engine: Engine) -> Iterator[None]:
    """Hold the process's turn to write where the database has room for one writer only."""
    if engine.dialect.name != "sqlite":
        yield
        return
    if not _sqlite_writers.acquire(timeout=at_most(BUSY_SECONDS)):
        raise DatabaseBusyError("Another write to the database takes too long. Try again.")
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
    a cursor. Through SQLAlchemy the same statements cost three times as much. ``pooled`` is the
    same connection as SQLAlchemy's pool lends it.
    """

    name: str
    connection: Any
    pooled: PoolProxiedConnection


def driver_of(connection: Connection) -> Driver:
    """The driver's connection under a SQLAlchemy one, in the same transaction."""
    pooled = connection.connection
    return Driver(connection.dialect.name, pooled.dbapi_connection, pooled)


@contextmanager
def single_statements(engine: Engine) -> Iterator[Driver]:
    """The driver's connection, on which each statement is a transaction of its own.

    ``transaction_on`` makes one of several. Raises ``DatabaseUnreachableError`` or a narrower kind
    when the database fails.
    """
    with telling_failures():
        pooled = engine.raw_connection()
        driver = Driver(engine.dialect.name, pooled.dbapi_connection, pooled)
        transactional = driver.name == "postgresql"
        try:
            if transactional:
                driver.connection.autocommit = True
            else:
                limit_wait(pooled)
            yield driver
        except psycopg.OperationalError:
            # The others in the pool were open as long and are closed as well.
            pooled.invalidate()
            engine.dispose()
            raise
        except BaseException as error:
            if isinstance(error, (psycopg.Error, sqlite3.Error)) or not _is_idle(driver):
                # Whatever state it is in, nobody gets this connection again.
                pooled.invalidate()
            raise
        finally:
            if transactional and pooled.is_valid:
                driver.connection.autocommit = False
            pooled.close()


@contextmanager
def transaction_on(engine: Engine, driver: Driver) -> Iterator[Connection]:
    """A write transaction on a connection of ``single_statements``, like ``write``.

    It is not waited for until the disk has it: whoever promises something calls ``flush``.
    """
    with telling_failures(), writers_turn(engine):
        if driver.name == "postgresql":
            driver.connection.autocommit = False
        connection = Connection(engine, connection=driver.pooled)
        with connection.begin():
            yield connection
        if driver.name == "postgresql":
            driver.connection.autocommit = True


def _is_idle(driver: Driver) -> bool:
    if driver.name == "postgresql":
        return bool(driver.connection.info.transaction_status == TransactionStatus.IDLE)
    return not driver.connection.in_transaction


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

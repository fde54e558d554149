"""The driver's own connection, for what every webhook of a call reads and writes.

Through SQLAlchemy its statements cost three times as much, and so does a connection that goes back
to the pool after each of them: see docs/decisions/0010-hot-path.md.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import PoolProxiedConnection

from backend.db.failures import telling_failures
from backend.db.pool import POOL_SIZE
from backend.db.sqlite_engine import limit_wait
from backend.db.transactions import writers_turn
from common.errors import ConnectionLostError


class Driver(NamedTuple):
    """The driver's own connection.

    ``connection`` is of ``sqlite3`` or psycopg; both have ``execute(sql, parameters)`` that returns
    a cursor. ``pooled`` is the same connection as SQLAlchemy's pool lends it.
    """

    name: str
    connection: Any
    pooled: PoolProxiedConnection


_kept: WeakKeyDictionary[Engine, deque[Driver]] = WeakKeyDictionary()
"""SQLite's connections between two webhooks: lending one costs as much as its statements."""


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
        driver = _lend(engine)
        try:
            yield driver
        except (psycopg.OperationalError, ConnectionLostError):
            # The others were open as long and are closed as well.
            driver.pooled.invalidate()
            engine.dispose()
            raise
        except (psycopg.Error, sqlite3.Error):
            # Whatever state it is in, nobody gets this connection again.
            driver.pooled.invalidate()
            raise
        finally:
            _take_back(engine, driver)


@contextmanager
def transaction_on(engine: Engine, driver: Driver) -> Iterator[Connection]:
    """A write transaction on a connection of ``single_statements``, like ``write``.

    It is not waited for until the disk has it: whoever promises something calls ``flush``.
    """
    with telling_failures(), writers_turn(engine):
        if driver.name == "postgresql":
            driver.connection.autocommit = False
        else:
            limit_wait(driver.pooled)
            driver.connection.execute("BEGIN IMMEDIATE")
        try:
            # SQLAlchemy finds the transaction begun, by the driver or with its first statement.
            yield Connection(engine, connection=driver.pooled)
            driver.connection.commit()
        except BaseException:
            with suppress(psycopg.Error, sqlite3.Error):
                driver.connection.rollback()
            raise
        if driver.name == "postgresql":
            driver.connection.autocommit = True


def _lend(engine: Engine) -> Driver:
    if engine.dialect.name == "postgresql":
        driver = _from_pool(engine)
        driver.connection.autocommit = True
        return driver
    kept = _kept.get(engine)
    if kept is None:
        kept = _kept.setdefault(engine, deque())
        event.listen(engine, "engine_disposed", _give_back_kept)
    try:
        driver = kept.pop()
    except IndexError:
        driver = _from_pool(engine)
    limit_wait(driver.pooled)
    return driver


def _from_pool(engine: Engine) -> Driver:
    pooled = engine.raw_connection()
    return Driver(engine.dialect.name, pooled.dbapi_connection, pooled)


def _take_back(engine: Engine, driver: Driver) -> None:
    if driver.pooled.is_valid and not _is_idle(driver):
        driver.pooled.invalidate()
    if driver.name == "postgresql":
        if driver.pooled.is_valid:
            driver.connection.autocommit = False
    elif driver.pooled.is_valid and len(kept := _kept[engine]) < POOL_SIZE:
        kept.append(driver)
        return
    driver.pooled.close()


def _give_back_kept(engine: Engine) -> None:
    kept = _kept.get(engine)
    while kept:
        kept.pop().pooled.close()


def _is_idle(driver: Driver) -> bool:
    if driver.name == "postgresql":
        return bool(driver.connection.info.transaction_status == TransactionStatus.IDLE)
    return not driver.connection.in_transaction

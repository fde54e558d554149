"""Connections that webhooks keep between two of them, and their transactions.

A connection that goes back to SQLAlchemy's pool after each statement costs three times as much as
the statement: see docs/decisions/0010-hot-path.md.
"""

from collections import deque
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from backend.db.driver import Driver, driver_of
from backend.db.failures import driver_errors, postgres_errors, telling_failures
from backend.db.pool import POOL_SIZE
from backend.db.sqlite.sqlite_engine import limit_wait
from backend.db.transactions import writers_turn
from common.errors import ConnectionLostError

_Kind: TypeAlias = "type[BaseException] | None"
_Trace: TypeAlias = "TracebackType | None"

_kept: WeakKeyDictionary[Engine, deque[Connection]] = WeakKeyDictionary()
"""Connections between two webhooks: lending one of the pool's costs as much as its statements."""


def single_statements(engine: Engine) -> AbstractContextManager[Connection]:
    """A connection on whose driver (``driver_of``) each statement is a transaction of its own.

    ``transaction_on`` makes one of several. Raises ``DatabaseUnreachableError`` or a narrower kind
    when the database fails.
    """
    return _SingleStatements(engine)


class _SingleStatements:
    """A class and not a generator: every webhook of a call passes it."""

    __slots__ = ("_connection", "_engine", "_kept")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Connection:
        with telling_failures():
            self._kept = _kept_of(self._engine)
            connection = self._connection = _lend(self._engine, self._kept)
            try:
                driver_of(connection).keep()
            except BaseException as error:
                self._end(error)
                raise
        return connection

    def __exit__(self, kind: _Kind, error: BaseException | None, trace: _Trace) -> None:
        with telling_failures():
            self._end(error)
        telling_failures().__exit__(kind, error, trace)

    def _end(self, error: BaseException | None) -> None:
        connection = self._connection
        try:
            if error is None:
                return
            if isinstance(error, _session_ended()):
                # The others were open as long and are closed as well.
                connection.invalidate()
                self._engine.dispose()
            elif isinstance(error, driver_errors("Error")):
                # Whatever state it is in, nobody gets this connection again.
                connection.invalidate()
        finally:
            _take_back(self._kept, connection)


def _session_ended() -> tuple[type[BaseException], ...]:
    return (ConnectionLostError, *postgres_errors("OperationalError"))


def transaction_on(engine: Engine, connection: Connection) -> AbstractContextManager[None]:
    """A write transaction on a connection of ``single_statements``, like ``write``.

    It is not waited for until the disk has it: whoever promises something calls ``flush``.
    """
    return _Transaction(engine, connection)


class _Transaction:
    """A class and not a generator: every turn that asks or stores something passes it."""

    __slots__ = ("_connection", "_driver", "_turn")

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self._turn = writers_turn(engine)
        self._connection = connection
        self._driver = driver_of(connection)

    def __enter__(self) -> None:
        with telling_failures():
            self._turn.__enter__()
            try:
                if self._driver.name == "sqlite":
                    limit_wait(self._connection.connection)
                self._driver.begin()
                if self._connection.in_transaction():
                    # SQLAlchemy has begun before, and tells its beginning once only.
                    self._driver.settle()
            except BaseException:
                self._turn.__exit__(None, None, None)
                raise

    def __exit__(self, kind: _Kind, error: BaseException | None, trace: _Trace) -> None:
        with telling_failures():
            try:
                if error is None:
                    self._commit()
                else:
                    self._roll_back()
            finally:
                self._turn.__exit__(None, None, None)
        telling_failures().__exit__(kind, error, trace)

    def _commit(self) -> None:
        try:
            self._ends().commit()
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(*driver_errors("Error"), DBAPIError):
            self._ends().rollback()

    def _ends(self) -> Connection | Driver:
        """Who is to end it: SQLAlchemy, if it has executed anything, has found it begun."""
        connection = self._connection
        return connection if connection.in_transaction() else self._driver


def _kept_of(engine: Engine) -> deque[Connection]:
    kept = _kept.get(engine)
    if kept is None:
        kept = _kept.setdefault(engine, deque())
        event.listen(engine, "engine_disposed", _give_back_kept)
    return kept


def _lend(engine: Engine, kept: deque[Connection]) -> Connection:
    try:
        connection = kept.pop()
    except IndexError:
        connection = engine.connect()
    if engine.dialect.name == "sqlite":
        limit_wait(connection.connection)
    return connection


def _take_back(kept: deque[Connection], connection: Connection) -> None:
    if connection.invalidated:
        connection.close()
        return
    driver = driver_of(connection)
    if not (driver.is_usable() and driver.is_idle()) or connection.in_transaction():
        connection.invalidate()
        connection.close()
    elif len(kept) < POOL_SIZE:
        kept.append(connection)
    else:
        driver.give_back()
        connection.close()


def _give_back_kept(engine: Engine) -> None:
    kept = _kept.get(engine)
    while kept:
        # Those of the pool are closed at the same time.
        connection = kept.pop()
        connection.invalidate()
        connection.close()

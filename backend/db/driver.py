"""The driver's own connection, for what every webhook of a call reads and writes.

Through SQLAlchemy its statements cost three times as much, and so does a connection that goes back
to the pool after each of them: see docs/decisions/0010-hot-path.md.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from backend.db.failures import driver_errors, postgres_errors, telling_failures
from backend.db.pool import POOL_SIZE
from backend.db.sqlite.sqlite_engine import limit_wait
from backend.db.transactions import writers_turn
from common.errors import ConnectionLostError


class Driver(ABC):
    """The driver's own connection, ``connection``: of ``sqlite3`` or psycopg.

    Parameters are ``?`` on SQLite and ``$1``, ``$2``, … on PostgreSQL. The driver's own errors come
    out: see ``failures``.
    """

    __slots__ = ("connection",)
    name: Literal["sqlite", "postgresql"]

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @abstractmethod
    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Execute a statement; the rows that it returns."""

    @abstractmethod
    def run(self, sql: str, values: Sequence[Any]) -> int:
        """Execute a statement; how many rows it has changed."""

    @abstractmethod
    def typed_rows(
        self, sql: str, values: Sequence[Any]
    ) -> tuple[list[tuple[Any, ...]], Sequence[int | None]]:
        """As ``rows``, with what the database tells of the columns' types."""

    @abstractmethod
    def begin(self) -> None:
        """Begin a transaction that may write."""

    def commit(self) -> None:
        """Commit what ``begin`` has begun."""
        self.connection.commit()

    def rollback(self) -> None:
        """Take back what was done since ``begin``."""
        self.connection.rollback()

    @abstractmethod
    def keep(self) -> None:
        """Make each statement a transaction of its own."""

    @abstractmethod
    def give_back(self) -> None:
        """Make the connection again what SQLAlchemy's pool has lent."""

    @abstractmethod
    def is_idle(self) -> bool:
        """Whether no transaction is open."""

    @abstractmethod
    def is_usable(self) -> bool:
        """Whether the connection can be used again, as far as can be seen from here."""


class _SqliteDriver(Driver):
    __slots__ = ()
    name = "sqlite"

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, values).fetchall()
        return rows

    def run(self, sql: str, values: Sequence[Any]) -> int:
        changed: int = self.connection.execute(sql, values).rowcount
        return changed

    def typed_rows(
        self, sql: str, values: Sequence[Any]
    ) -> tuple[list[tuple[Any, ...]], Sequence[int | None]]:
        cursor = self.connection.execute(sql, values)
        return cursor.fetchall(), [None] * len(cursor.description)

    def begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def keep(self) -> None:
        """Nothing: it is one where none is begun."""

    def give_back(self) -> None:
        """Nothing."""

    def is_idle(self) -> bool:
        return not self.connection.in_transaction

    def is_usable(self) -> bool:
        return True


class _PostgresDriver(Driver):
    __slots__ = ("_statements",)
    name = "postgresql"

    def __init__(self, connection: Any) -> None:
        # psycopg is loaded on PostgreSQL only: it would take a fifth of a command's start.
        from backend.db.postgres.postgres_statements import PostgresStatements

        super().__init__(connection)
        self._statements = PostgresStatements(connection)

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._statements.rows(self._statements.execute(sql, values))

    def run(self, sql: str, values: Sequence[Any]) -> int:
        return self._statements.execute(sql, values).command_tuples or 0

    def typed_rows(
        self, sql: str, values: Sequence[Any]
    ) -> tuple[list[tuple[Any, ...]], Sequence[int | None]]:
        result = self._statements.execute(sql, values)
        types = [result.ftype(column) for column in range(result.nfields)]
        return self._statements.rows(result), types

    def begin(self) -> None:
        self._statements.command(b"BEGIN")

    def commit(self) -> None:
        self._statements.command(b"COMMIT")

    def keep(self) -> None:
        if not self.connection.autocommit:
            self.connection.autocommit = True

    def give_back(self) -> None:
        self.connection.autocommit = False

    def is_idle(self) -> bool:
        return self._statements.is_idle()

    def is_usable(self) -> bool:
        return not self.connection.closed


_kept: WeakKeyDictionary[Engine, deque[Connection]] = WeakKeyDictionary()
"""Connections between two webhooks: lending one of the pool's costs as much as its statements."""

_DRIVER = "zoldszam_driver"
"""Under what a pooled connection keeps its driver, with the statements that it has prepared."""


def driver_of(connection: Connection) -> Driver:
    """The driver's connection under a SQLAlchemy one, in the same transaction."""
    pooled = connection.connection
    driver: Driver | None = pooled.info.get(_DRIVER)
    if driver is None:
        kind = _PostgresDriver if connection.dialect.name == "postgresql" else _SqliteDriver
        driver = pooled.info[_DRIVER] = kind(pooled.dbapi_connection)
    return driver


@contextmanager
def single_statements(engine: Engine) -> Iterator[Connection]:
    """A connection on whose driver (``driver_of``) each statement is a transaction of its own.

    ``transaction_on`` makes one of several. Raises ``DatabaseUnreachableError`` or a narrower kind
    when the database fails.
    """
    with telling_failures():
        connection = _lend(engine)
        try:
            driver_of(connection).keep()
            yield connection
        except _session_ended():
            # The others were open as long and are closed as well.
            connection.invalidate()
            engine.dispose()
            raise
        except driver_errors("Error"):
            # Whatever state it is in, nobody gets this connection again.
            connection.invalidate()
            raise
        finally:
            _take_back(engine, connection)


def _session_ended() -> tuple[type[BaseException], ...]:
    return (ConnectionLostError, *postgres_errors("OperationalError"))


@contextmanager
def transaction_on(engine: Engine, connection: Connection) -> Iterator[None]:
    """A write transaction on a connection of ``single_statements``, like ``write``.

    It is not waited for until the disk has it: whoever promises something calls ``flush``.
    """
    with telling_failures(), writers_turn(engine):
        driver = driver_of(connection)
        if driver.name == "sqlite":
            limit_wait(connection.connection)
        driver.begin()
        try:
            yield
            # SQLAlchemy has found the transaction begun, if it has executed anything.
            (connection if connection.in_transaction() else driver).commit()
        except BaseException:
            with suppress(*driver_errors("Error"), DBAPIError):
                (connection if connection.in_transaction() else driver).rollback()
            raise


def _lend(engine: Engine) -> Connection:
    kept = _kept.get(engine)
    if kept is None:
        kept = _kept.setdefault(engine, deque())
        event.listen(engine, "engine_disposed", _give_back_kept)
    try:
        connection = kept.pop()
    except IndexError:
        connection = engine.connect()
    if engine.dialect.name == "sqlite":
        limit_wait(connection.connection)
    return connection


def _take_back(engine: Engine, connection: Connection) -> None:
    if connection.invalidated:
        connection.close()
        return
    driver = driver_of(connection)
    if not (driver.is_usable() and driver.is_idle()) or connection.in_transaction():
        connection.invalidate()
        connection.close()
    elif len(kept := _kept[engine]) < POOL_SIZE:
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

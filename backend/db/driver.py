"""The driver's own connection, for what every webhook of a call reads and writes.

Through SQLAlchemy its statements cost three times as much: see docs/decisions/0010-hot-path.md.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection

Made = TypeVar("Made")


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
    def ahead(
        self, sql: str, values: Sequence[Any], made: Callable[[list[tuple[Any, ...]]], Made]
    ) -> Callable[[], Made]:
        """Execute a statement now or with the one after it; what is returned gives what is made.

        It is to be asked for once; it is ``made`` of the rows as soon as they are there.
        """

    @abstractmethod
    def run_last(self, sql: str, values: Sequence[Any]) -> bool:
        """Execute the last statement of a transaction of ``begin``; whether it changed anything.

        It may be committed with it, so it fails by a division by zero where it changes nothing:
        that is ``False``, and all is to be rolled back.
        """

    @abstractmethod
    def later(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement now or, in a transaction of ``begin``, with the one after it."""

    @abstractmethod
    def settle(self) -> None:
        """Execute what ``later`` has kept back, before anything goes past this driver."""

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

    def ahead(
        self, sql: str, values: Sequence[Any], made: Callable[[list[tuple[Any, ...]]], Made]
    ) -> Callable[[], Made]:
        it = made(self.rows(sql, values))
        return lambda: it

    def run_last(self, sql: str, values: Sequence[Any]) -> bool:
        return self.run(sql, values) > 0

    def later(self, sql: str, values: Sequence[Any]) -> None:
        self.connection.execute(sql, values)

    def settle(self) -> None:
        """Nothing: nothing is kept back."""

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

    def ahead(
        self, sql: str, values: Sequence[Any], made: Callable[[list[tuple[Any, ...]]], Made]
    ) -> Callable[[], Made]:
        result = self._statements.ahead(sql, values)
        return lambda: made(self._statements.rows(result()))

    def run_last(self, sql: str, values: Sequence[Any]) -> bool:
        return self._statements.last(sql, values)

    def later(self, sql: str, values: Sequence[Any]) -> None:
        self._statements.later(sql, values)

    def settle(self) -> None:
        self._statements.settle()

    def typed_rows(
        self, sql: str, values: Sequence[Any]
    ) -> tuple[list[tuple[Any, ...]], Sequence[int | None]]:
        result = self._statements.execute(sql, values)
        types = [result.ftype(column) for column in range(result.nfields)]
        return self._statements.rows(result), types

    def begin(self) -> None:
        self._statements.begin()

    def commit(self) -> None:
        self._statements.commit()

    def rollback(self) -> None:
        self._statements.forget()
        super().rollback()

    def keep(self) -> None:
        if not self.connection.autocommit:
            self.connection.autocommit = True

    def give_back(self) -> None:
        self.connection.autocommit = False

    def is_idle(self) -> bool:
        return self._statements.is_idle()

    def is_usable(self) -> bool:
        return not self.connection.closed


_DRIVER = "zoldszam_driver"
"""Under what a pooled connection keeps its driver, with the statements that it has prepared."""


def settle(connection: Connection) -> None:
    """Have the connection's driver execute what it has kept back, if there is any."""
    driver: Driver | None = connection.connection.info.get(_DRIVER)
    if driver is not None:
        driver.settle()


def driver_of(connection: Connection) -> Driver:
    """The driver's connection under a SQLAlchemy one, in the same transaction."""
    pooled = connection.connection
    driver: Driver | None = pooled.info.get(_DRIVER)
    if driver is None:
        kind = _PostgresDriver if connection.dialect.name == "postgresql" else _SqliteDriver
        driver = pooled.info[_DRIVER] = kind(pooled.dbapi_connection)
    return driver

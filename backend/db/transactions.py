"""Opening the database: SQLite for one machine, PostgreSQL for more, the same promises on both.

``write`` is one transaction that happens whole or not at all; ``read`` is one consistent view
that holds nobody up.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from backend.db.default_url import DEFAULT_URL
from backend.db.durability import flush
from backend.db.failures import telling_failures
from backend.db.sqlite.sqlite_engine import BUSY_SECONDS, READ_ONLY, open_sqlite
from backend.db.sqlite.writers_turn import WritersTurn
from common.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

KEY_OPTION = "zoldszam_key"
"""The execution option that holds the process's ``SECRET_KEY``; see ``stop_keys.py``."""

_turns: WeakKeyDictionary[Engine, WritersTurn] = WeakKeyDictionary()


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
        # Its driver, loaded where it is used: see ``failures.driver_errors``.
        from backend.db.postgres.postgres_engine import open_postgresql

        engine = open_postgresql(parsed, serves_callers=serves_callers)
    engine.update_execution_options(**{KEY_OPTION: secret})
    return engine


@contextmanager
def write(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back when anything is raised.

    When the block has ended, what it wrote survives a loss of power. With ``durable=False`` that
    is not waited for: whoever promises something afterwards calls ``flush`` first.

    On SQLite writers queue for their turn (``writers_turn``); one must not open a second.

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
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA query_only = ON")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA query_only = OFF")


_NO_TURN: AbstractContextManager[None] = nullcontext()


def writers_turn(engine: Engine) -> AbstractContextManager[None]:
    """Hold the turn to write where the database has room for one writer only."""
    if engine.dialect.name != "sqlite":
        return _NO_TURN
    turn = _turns.get(engine)
    if turn is None:
        turn = _turns.setdefault(engine, WritersTurn(str(engine.url.database), BUSY_SECONDS))
    return turn


def upserting(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT into the table that can say what to do ``ON CONFLICT``, in the database's dialect.

    On PostgreSQL its count of rows is not kept: ask ``returning`` whether a row was added.
    """
    return upsert(connection.dialect.name, table)


def upsert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """As ``upserting``, for a statement that is made before there is a connection."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    # Loaded where it is used: a command on SQLite does without.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


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

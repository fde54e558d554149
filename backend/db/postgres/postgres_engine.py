"""Opening PostgreSQL, so that no caller waits for a server that has stopped."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from backend.db.deadline import at_most, seconds_left
from backend.db.driver import settle
from backend.db.pool import POOL_SECONDS, pooled_engine
from common.errors import DatabaseUnreachableError

PATIENT_SECONDS = 30
"""How long a command waits for a connection; nobody is on the telephone."""

CONNECT_SECONDS = 3
"""How long each address of the server is tried; psycopg takes whole seconds, from 2 on."""

STATEMENT_SECONDS = 6
"""After this the server itself gives a webhook's statement up, locks that it waits for included."""

IDLE_SECONDS = 20
"""After this the server ends a webhook's transaction whose process has stopped in its middle."""

_KEEP_ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that has gone without a word is noticed within half a minute, also by commands."""

_INTERVAL = 0.1

_NO_ENCODING = "SQL_ASCII"
_NEEDS_UTF8 = (
    "The database was made without an encoding (SQL_ASCII), as a server that was set up in the "
    "locale C makes them. Make it anew: CREATE DATABASE zoldszam TEMPLATE template0 "
    "ENCODING 'UTF8'."
)


class PunctualConnection(psycopg.Connection[Any]):
    """A connection that gives up by itself when the time for the answer is over.

    The server's own limits do not help when the server has stopped, and the network's do not when
    its machine still answers.
    """

    deallocations = 0
    """How often psycopg has let the server forget all prepared statements, ours among them."""

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        # psycopg does so at a rollback, once it has prepared statements of its own.
        if name is None:
            self.deallocations += 1
        return super()._deallocate(name)

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:
        """As psycopg waits, but no longer than the budget; then the connection is closed."""
        left = seconds_left()
        if left is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.errors.QueryCanceled("no answer in time") from None


def open_postgresql(url: URL, *, serves_callers: bool) -> Engine:
    """Make the engine; with ``serves_callers`` the server gives slow statements up."""
    engine = pooled_engine(
        url.set(drivername="postgresql+psycopg"),
        seconds=POOL_SECONDS if serves_callers else PATIENT_SECONDS,
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _limit if serves_callers else _step_back)
    # What a turn's driver keeps back comes before SQLAlchemy's own statements.
    event.listen(engine, "begin", settle)
    return engine


def _connect(
    _dialect: Dialect, _entry: ConnectionPoolEntry, given: Sequence[Any], named: dict[str, Any]
) -> PunctualConnection:
    asked = float(named.get("connect_timeout") or CONNECT_SECONDS)
    options = {**_KEEP_ALIVE, **named, "connect_timeout": ceil(at_most(asked) or 1)}
    connection = PunctualConnection.connect(*given, **options)
    if connection.info.parameter_status("server_encoding") == _NO_ENCODING:
        connection.close()
        raise DatabaseUnreachableError(_NEEDS_UTF8)
    return connection


def _limit(connection: Any, _entry: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    connection.commit()


def _step_back(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """One processor of the server a statement: what counts for staff leaves callers the others."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()

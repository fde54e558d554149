"""Statements of one PostgreSQL connection, run by libpq's own functions.

psycopg's cursors cost three times as much as libpq and the conversion of values together, and every
turn of a call runs several statements. What is sent and received is the same: statements that the
server has prepared, values converted by psycopg. See docs/decisions/0096-cost-of-a-turn.md.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_FAILED = ExecStatus.FATAL_ERROR
_TEXT = PyFormat.TEXT


class PostgresStatements:
    """Runs statements whose parameters are ``$1``, ``$2``, …; for one thread at a time.

    Everything raises psycopg's own errors, and waits no longer than ``PunctualConnection`` does.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._transformer = Transformer(connection)
        self._names: dict[str, bytes] = {}
        self._deallocations = 0

    def is_idle(self) -> bool:
        """Whether no transaction is open."""
        return self._connection.pgconn.transaction_status == TransactionStatus.IDLE

    def execute(self, sql: str, values: Sequence[Any]) -> PGresult:
        """Run one statement; it begins a transaction where the connection is set to do so."""
        connection = self._connection
        pgconn = connection.pgconn
        if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            self.command(b"BEGIN")
        name = self._name(sql)
        if name is None:
            name = self._prepare(sql)
        dumped = self._transformer.dump_sequence(values, [_TEXT] * len(values))
        pgconn.send_query_prepared(name, dumped)
        return self._result()

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """The rows of a result, as psycopg gives them."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def command(self, sql: bytes) -> None:
        """Run a statement without values, such as COMMIT."""
        self._connection.pgconn.send_query(sql)
        self._result()

    def _name(self, sql: str) -> bytes | None:
        """Under what name the server has prepared the statement, if it has."""
        deallocations = getattr(self._connection, "deallocations", 0)
        if deallocations != self._deallocations:
            self._deallocations = deallocations
            self._names.clear()
        return self._names.get(sql)

    def _prepare(self, sql: str) -> bytes:
        # psycopg's own names begin with "_pg3_".
        name = f"zoldszam_{len(self._names)}".encode()
        self._connection.pgconn.send_prepare(name, sql.encode())
        self._result()
        self._names[sql] = name
        return name

    def _result(self) -> PGresult:
        pgconn = self._connection.pgconn
        result: PGresult = self._connection.wait(generators.execute(pgconn))[-1]
        if result.status == _FAILED:
            raise error_from_result(result, encoding=self._connection.info.encoding)
        return result

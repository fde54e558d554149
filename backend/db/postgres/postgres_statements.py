"""Statements of one PostgreSQL connection, run by libpq's own functions.

psycopg's cursors cost three times as much as libpq and the conversion of values together, and every
turn of a call runs several statements. What is sent and received is the same: statements that the
server has prepared, values converted by psycopg. See docs/decisions/0096-cost-of-a-turn.md.

What nobody waits for yet is kept back and sent with the next statement that somebody waits for, in
libpq's pipeline: the way to the server and back wakes a process on either side, which costs more
than the statement. See docs/decisions/0123-pipelined-writes.md.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import DivisionByZero, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_FAILED = ExecStatus.FATAL_ERROR
_TEXT = PyFormat.TEXT


class _Bound(NamedTuple):
    """A prepared statement with its values, as libpq takes them.

    Where its result is asked for later, it is put into ``asked``.
    """

    name: bytes
    values: Sequence[Any]
    asked: list[PGresult] | None = None


class PostgresStatements:
    """Runs statements whose parameters are ``$1``, ``$2``, …; for one thread at a time.

    Everything raises psycopg's own errors, and waits no longer than ``PunctualConnection`` does.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._transformer = Transformer(connection)
        self._names: dict[str, bytes] = {}
        self._deallocations = 0
        self._kept_back: list[_Bound] = []
        self._keeps_back = False

    def is_idle(self) -> bool:
        """Whether no transaction is open, nor begun here without the server's knowing."""
        status = self._connection.pgconn.transaction_status
        return status == TransactionStatus.IDLE and not self._kept_back

    def begin(self) -> None:
        """Begin a transaction, of which the server is told with its first statement."""
        self._keeps_back = True
        self._kept_back.append(self._bound("BEGIN", ()))

    def later(self, sql: str, values: Sequence[Any]) -> None:
        """Run a statement of which no result is wanted, together with the one after it.

        Its errors are raised there. At once where there is no transaction of ``begin``.
        """
        if self._keeps_back:
            self._kept_back.append(self._bound(sql, values))
        else:
            self.execute(sql, values)

    def ahead(self, sql: str, values: Sequence[Any]) -> Callable[[], PGresult]:
        """Run a statement together with the one after it; what is returned gives its result.

        Its errors are raised there, or when the result is asked for before.
        """
        asked: list[PGresult] = []
        self._kept_back.append(self._bound(sql, values)._replace(asked=asked))

        def result() -> PGresult:
            if not asked:
                self._pipeline()
            return asked[0]

        return result

    def settle(self) -> None:
        """Send what is kept back, and keep nothing back until the next ``begin``."""
        self._keeps_back = False
        if self._kept_back:
            self._pipeline()

    def last(self, sql: str, values: Sequence[Any]) -> bool:
        """Run a statement and commit the transaction of ``begin`` with it.

        ``False`` where it has divided by zero: all is to be rolled back then, as after an error.
        """
        self._kept_back.append(self._bound(sql, values))
        try:
            self.commit()
        except DivisionByZero:
            return False
        return True

    def commit(self) -> None:
        """Commit the transaction with what is kept back, unless ``last`` has committed it."""
        self._keeps_back = False
        if not self.is_idle():
            self.execute("COMMIT", ())

    def forget(self) -> None:
        """Take back what the server has not been told; the rest is to be rolled back."""
        self._keeps_back = False
        self._kept_back.clear()

    def execute(self, sql: str, values: Sequence[Any]) -> PGresult:
        """Run one statement; it begins a transaction where the connection is set to do so."""
        connection = self._connection
        pgconn = connection.pgconn
        if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            self.command(b"BEGIN")
        bound = self._bound(sql, values)
        if self._kept_back:
            self._kept_back.append(bound)
            return self._pipeline()
        pgconn.send_query_prepared(bound.name, bound.values)
        return self._result()

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """The rows of a result, as psycopg gives them."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def command(self, sql: bytes) -> None:
        """Run a statement without values, such as COMMIT."""
        self._connection.pgconn.send_query(sql)
        self._result()

    def _pipeline(self) -> PGresult:
        """Run all that is kept back, on one way to the server and back; the last one's result.

        Once one has failed, none of those behind it is run.
        """
        statements, self._kept_back = self._kept_back, []
        pgconn = self._connection.pgconn
        pgconn.enter_pipeline_mode()
        for each in statements:
            pgconn.send_query_prepared(each.name, each.values)
        pgconn.pipeline_sync()
        results = [self._next_result() for _ in statements]
        self._next_result()  # of the end of the pipeline
        pgconn.exit_pipeline_mode()
        for each, result in zip(statements, results, strict=True):
            self._raise_failed(result)
            if each.asked is not None:
                each.asked.append(result)
        return results[-1]

    def _bound(self, sql: str, values: Sequence[Any]) -> _Bound:
        name = self._name(sql)
        if name is None:
            name = self._prepare(sql)
        return _Bound(name, self._transformer.dump_sequence(values, [_TEXT] * len(values)))

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
        result = self._next_result()
        self._raise_failed(result)
        return result

    def _next_result(self) -> PGresult:
        result: PGresult = self._connection.wait(generators.execute(self._connection.pgconn))[-1]
        return result

    def _raise_failed(self, result: PGresult) -> None:
        if result.status == _FAILED:
            raise error_from_result(result, encoding=self._connection.info.encoding)

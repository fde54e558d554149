"""Statements of calls and of sending: compiled once a process, executed by the driver itself.

A statement is written with SQLAlchemy's Core like any other; only its execution goes past
SQLAlchemy, which costs more there than the driver and the database together. Used where calls
pass and where each message of a campaign does, and nowhere else: see
docs/decisions/0010-hot-path.md and 0097-cost-of-a-message.md.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import CompoundSelect, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

from backend.db.driver import Driver, Made, driver_of
from backend.db.failures import postgres_errors

Statement: TypeAlias = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
Build: TypeAlias = Callable[[str], Statement]
"""Makes a statement for the dialect of that name."""

_Convert: TypeAlias = Callable[[Any], Any]


class _Compiled(NamedTuple):
    """A statement in one database's dialect: each parameter's name, in order, and its conversion.

    ``constants`` are the values that stand in the statement itself, converted.
    """

    sql: str
    parameters: tuple[tuple[str, _Convert | None], ...]
    constants: Mapping[str, Any]
    compiler: SQLCompiler


class _Result(NamedTuple):
    """How a row of the driver becomes one of ours: columns to convert, and its tuple."""

    converters: tuple[tuple[int, _Convert], ...]
    row: _Convert

    def of(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        if self.converters:
            return [self.row(_converted(row, self.converters)) for row in rows]
        return list(map(self.row, rows))


class Prepared:
    """A statement whose parameters are named by ``bindparam`` or, of an insert, by its columns.

    Values are converted as SQLAlchemy converts them, both ways; for lists of values see
    ``list_parameters``. The driver's own errors come out: see ``failures``.
    """

    def __init__(
        self,
        statement: Statement | Build,
        *columns: str,
    ) -> None:
        """``columns`` are those that an insert fills; ``Build`` is for what dialects differ in."""
        self._statement = statement
        self._columns = columns or None
        self._compiled: dict[str, _Compiled] = {}
        self._results: dict[str, _Result] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[Any]:
        """Execute it; the rows that it returns, each a named tuple."""
        name = connection.dialect.name
        compiled = self._compiled.get(name) or self._compile(connection.dialect)
        driver = driver_of(connection)
        values = _values(compiled, parameters)
        result = self._results.get(name)
        try:
            if result is None:
                rows, types = driver.typed_rows(compiled.sql, values)
                result = self._result(connection.dialect, types)
            else:
                rows = driver.rows(compiled.sql, values)
        except postgres_errors("OperationalError") as error:
            _give_up_closed(connection, driver, error)
            raise
        return result.of(rows)

    def ahead(
        self, connection: Connection, made: Callable[[list[Any]], Made], **parameters: Any
    ) -> Callable[[], Made]:
        """Execute it now or with the statement after it; what is returned gives what is made.

        It is to be asked for once; it is ``made`` of the rows as soon as they are there. An error
        may be raised by the statement after it, or where it is asked for.
        """
        name = connection.dialect.name
        compiled, result = self._compiled.get(name), self._results.get(name)
        if compiled is None or result is None or connection.in_transaction():
            # Nothing is kept back where SQLAlchemy executes something next.
            it = made(self.rows(connection, **parameters))
            return lambda: it
        values = _values(compiled, parameters)
        return driver_of(connection).ahead(compiled.sql, values, lambda rows: made(result.of(rows)))

    def run(self, connection: Connection, **parameters: Any) -> int:
        """Execute it; how many rows it has changed."""
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compile(connection.dialect)
        driver = driver_of(connection)
        try:
            return driver.run(compiled.sql, _values(compiled, parameters))
        except postgres_errors("OperationalError") as error:
            _give_up_closed(connection, driver, error)
            raise

    def later(self, connection: Connection, **parameters: Any) -> None:
        """Execute it, its result unasked for: in a webhook's transaction with what comes next.

        An error may be raised by the statement that comes next, or by the end of the transaction.
        """
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compile(connection.dialect)
        driver = driver_of(connection)
        try:
            driver.later(compiled.sql, _values(compiled, parameters))
        except postgres_errors("OperationalError") as error:
            _give_up_closed(connection, driver, error)
            raise

    def _compile(self, dialect: Dialect) -> _Compiled:
        chosen = self._statement
        statement = chosen(dialect.name) if callable(chosen) else chosen
        # As the drivers take parameters: ``?``, and libpq's ``$1``.
        written = _numbered() if dialect.name == "postgresql" else dialect
        compiler = statement.compile(dialect=written, column_keys=self._columns)
        constants: dict[str, Any] = {}
        converters: dict[str, _Convert | None] = {}
        for bind, name in compiler.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                converters[name] = convert
            else:
                constants[name] = convert(bind.value) if convert else bind.value
        order = compiler.positiontup or ()
        compiled = _Compiled(
            compiler.string,
            tuple((name, converters.get(name)) for name in order),
            constants,
            compiler,
        )
        self._compiled[dialect.name] = compiled
        return compiled

    def _result(self, dialect: Dialect, types: Sequence[int | None]) -> _Result:
        """What is to be done with the rows, whose types the driver tells with the first ones."""
        columns = self._compiled[dialect.name].compiler._result_columns
        converters: list[tuple[int, _Convert]] = []
        for index, (column, told) in enumerate(zip(columns, types, strict=True)):
            convert = column.type.dialect_impl(dialect).result_processor(dialect, told)
            if convert is not None:
                converters.append((index, convert))
        names = [str(each.keyname) for each in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # made at run time
        result = _Result(tuple(converters), row._make)
        self._results[dialect.name] = result
        return result


@cache
def _numbered() -> Dialect:
    """PostgreSQL's dialect with the parameters that libpq takes."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    dialect: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    return dialect


def _values(compiled: _Compiled, parameters: dict[str, Any]) -> list[Any]:
    given = {**compiled.constants, **parameters} if compiled.constants else parameters
    return [
        given[name] if convert is None else convert(given[name])
        for name, convert in compiled.parameters
    ]


def _give_up_closed(connection: Connection, driver: Driver, error: BaseException) -> None:
    if not driver.is_usable():
        # Or the rollback's failure would hide this one.
        connection.invalidate(error)


def _converted(row: Any, converters: tuple[tuple[int, _Convert], ...]) -> list[Any]:
    values = list(row)
    for index, convert in converters:
        values[index] = convert(values[index])
    return values

"""Statements of the turns of calls: compiled once a process, executed by the driver itself.

A statement is written with SQLAlchemy's Core like any other; only its execution goes past
SQLAlchemy, which costs more there than the driver and the database together. Used where calls
pass, and nowhere else: see docs/decisions/0010-hot-path.md.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import psycopg
from sqlalchemy import CompoundSelect, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

from backend.db.driver import driver_of

Statement: TypeAlias = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
_Convert: TypeAlias = Callable[[Any], Any]


class _Compiled(NamedTuple):
    """A statement in one database's dialect; ``order`` where its parameters have no names."""

    sql: str
    constants: Mapping[str, Any]
    converters: tuple[tuple[str, _Convert], ...]
    order: tuple[str, ...] | None
    compiler: SQLCompiler


class _Result(NamedTuple):
    """How a row of the driver becomes one of ours: columns to convert, and its tuple."""

    converters: tuple[tuple[int, _Convert], ...]
    row: _Convert


class Prepared:
    """A statement whose parameters are named by ``bindparam`` or, of an insert, by its columns.

    Values are converted as SQLAlchemy converts them, both ways. Lists of values are not taken.
    The driver's own errors come out: see ``failures``.
    """

    def __init__(
        self,
        statement: Select[Any]
        | CompoundSelect[Any]
        | Insert
        | Update
        | Delete
        | Mapping[str, Insert],
        *columns: str,
    ) -> None:
        """``columns`` are those that an insert fills; a mapping has a statement a dialect."""
        self._statement = statement
        self._columns = columns or None
        self._compiled: dict[str, _Compiled] = {}
        self._results: dict[str, _Result] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[Any]:
        """Execute it; the rows that it returns, each a named tuple."""
        cursor = self._execute(connection, parameters)
        rows: list[Any] = cursor.fetchall()
        result = self._results.get(connection.dialect.name)
        if result is None:
            result = self._result(connection.dialect, cursor.description)
        if result.converters:
            rows = [_converted(row, result.converters) for row in rows]
        return list(map(result.row, rows))

    def run(self, connection: Connection, **parameters: Any) -> int:
        """Execute it; how many rows it has changed."""
        changed: int = self._execute(connection, parameters).rowcount
        return changed

    def _execute(self, connection: Connection, parameters: dict[str, Any]) -> Any:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compile(connection.dialect)
        for name, convert in compiled.converters:
            parameters[name] = convert(parameters[name])
        values: Any = {**compiled.constants, **parameters}
        if compiled.order is not None:
            values = [values[name] for name in compiled.order]
        driver = driver_of(connection).connection
        try:
            return driver.execute(compiled.sql, values)
        except psycopg.OperationalError as error:
            if driver.closed:
                # Or the rollback's failure would hide this one.
                connection.invalidate(error)
            raise

    def _compile(self, dialect: Dialect) -> _Compiled:
        chosen = self._statement
        statement = chosen[dialect.name] if isinstance(chosen, Mapping) else chosen
        compiler = statement.compile(dialect=dialect, column_keys=self._columns)
        constants: dict[str, Any] = {}
        converters: dict[str, _Convert] = {}
        for bind, name in compiler.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required:
                constants[name] = convert(bind.value) if convert else bind.value
            elif convert is not None:
                converters[name] = convert
        order = compiler.positiontup
        compiled = _Compiled(
            compiler.string,
            constants,
            tuple(converters.items()),
            None if order is None else tuple(order),
            compiler,
        )
        self._compiled[dialect.name] = compiled
        return compiled

    def _result(self, dialect: Dialect, description: list[Any]) -> _Result:
        """What is to be done with the rows, whose types the driver tells with the first ones."""
        columns = self._compiled[dialect.name].compiler._result_columns
        converters: list[tuple[int, _Convert]] = []
        for index, (column, told) in enumerate(zip(columns, description, strict=True)):
            convert = column.type.dialect_impl(dialect).result_processor(dialect, told[1])
            if convert is not None:
                converters.append((index, convert))
        names = [str(each.keyname) for each in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # made at run time
        result = _Result(tuple(converters), row._make)
        self._results[dialect.name] = result
        return result


def _converted(row: Any, converters: tuple[tuple[int, _Convert], ...]) -> list[Any]:
    values = list(row)
    for index, convert in converters:
        values[index] = convert(values[index])
    return values

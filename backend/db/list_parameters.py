"""Lists as parameters of prepared statements: arrays on PostgreSQL, JSON on SQLite."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    FromClause,
    Text,
    bindparam,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeDecorator


class _JsonList(TypeDecorator[Sequence[Any]]):
    """A list as JSON's text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, _dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(list(value))


def is_one_of(
    dialect: str, what: ColumnElement[Any], name: str, kind: type[BigInteger | Text] = Text
) -> ColumnElement[bool]:
    """Whether a column is among the values of the list parameter of that name."""
    if dialect == "postgresql":
        return what == func.any(_array(name, kind))
    each = func.json_each(bindparam(name, type_=_JsonList)).table_valued(
        "value", name=f"listed_{name}"
    )
    return what.in_(select(each.c.value))


def rows_of_lists(dialect: str, lists: Mapping[str, type[BigInteger | Text]]) -> FromClause:
    """A table with a column for each list parameter, which are of the same length."""
    names = list(lists)
    if dialect == "postgresql":
        arrays = [_array(name, kind) for name, kind in lists.items()]
        columns = [column(name, kind) for name, kind in lists.items()]
        return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    first = func.json_each(bindparam(names[0], type_=_JsonList)).table_valued(
        "key", "value", name="listed"
    )
    place: ColumnElement[str] = literal_column("'$[' || listed.key || ']'")
    others = [
        func.json_extract(bindparam(name, type_=_JsonList), place).label(name) for name in names[1:]
    ]
    return select(first.c.value.label(names[0]), *others).subquery("given")


def _array(name: str, kind: type[BigInteger | Text]) -> BindParameter[Any]:
    # Loaded where it is used: on SQLite the dialect of PostgreSQL stays away.
    from sqlalchemy.dialects.postgresql import ARRAY

    return bindparam(name, type_=ARRAY(kind))

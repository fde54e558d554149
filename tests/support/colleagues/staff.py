"""Colleagues for tests: with roles, and with passwords that cost nothing to hash."""

from collections.abc import Callable
from random import Random
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, Table, insert, select

from backend.db.tables.messages import acts, users
from backend.db.transactions import read, write
from backend.staff.administration import add_user
from backend.staff.authentication.passwords import new_password
from tests.support.databases.records import budapest

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = budapest("2026-11-23T10:00")


_kept: dict[object, tuple[dict[str, str], list[tuple[Table, list[dict[str, Any]]]]]] = {}


def added_once(
    connection: Connection, key: object, add: Callable[[], dict[str, str]]
) -> dict[str, str]:
    """Let ``add`` add the first users of a database; gives what it gives.

    With the same key it is done once a run: then the rows are written that it has left.
    """
    if key not in _kept:
        given = add()
        columns = [column for column in acts.c if column is not acts.c.number]
        left = [
            (table, [dict(row) for row in connection.execute(found).mappings()])
            for table, found in (
                (users, select(users)),
                (acts, select(*columns).order_by(acts.c.number)),
            )
        ]
        _kept[key] = given, left
        return given
    given, left = _kept[key]
    for table, rows in left:
        connection.execute(insert(table), rows)
    return given


def add_staff(engine: Engine, **roles: str) -> dict[str, str]:
    """Add users by their names with these roles; gives their one-time passwords."""
    rng = Random()  # noqa: S311 - nothing in a test is secret
    with write(engine) as connection:

        def add() -> dict[str, str]:
            return {
                name: add_user(connection, name, role, None, NOW, new_password(rng, CHEAP))
                for name, role in roles.items()
            }

        if connection.execute(select(acts.c.number).limit(1)).first() is not None:
            return add()
        return added_once(connection, tuple(roles.items()), add)


def acts_of(engine: Engine) -> list[tuple[str, str, str, str | None]]:
    """Who did what, to what, with which detail, in the order in which it was done."""
    found = select(acts.c.by, acts.c.act, acts.c.subject, acts.c.detail).order_by(acts.c.number)
    with read(engine) as connection:
        return [(row.by, row.act, row.subject, row.detail) for row in connection.execute(found)]


def colleague(connection: Connection, name: str = "anna", role: str = "sender") -> str:
    """The name of a user with that role, who is added when there is none of that name."""
    if connection.scalar(select(users.c.name).where(users.c.name == name)) is None:
        rng = Random()  # noqa: S311 - nothing in a test is secret
        add_user(connection, name, role, None, NOW, new_password(rng, CHEAP))
    return name

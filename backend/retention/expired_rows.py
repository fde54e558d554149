"""Rows that are past their time: counted, or deleted a few hundred at a time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Engine, delete, func, select

from backend.db.transactions import read, write

AT_ONCE = 500
"""Rows of one transaction, so that nobody waits for long."""
PAUSE_SECONDS = 0.05
"""Between two transactions; on SQLite whoever waits in another process polls for its turn."""


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: ``key`` names each, and ``are_past`` tells which began before a moment.

    ``with_them`` are columns of other tables that refer to the key; those rows go first.
    """

    key: Column[Any]
    are_past: Callable[[datetime], ColumnElement[bool]]
    with_them: tuple[Column[Any], ...] = ()

    @classmethod
    def since(cls, key: Column[Any], moment: ColumnElement[Any]) -> "Rows":
        """Rows that began at the moment that one of their columns holds."""
        return cls(key, lambda before: moment < before)

    def count(self, engine: Engine, before: datetime) -> int:
        past = select(func.count()).select_from(self.key.table).where(self.are_past(before))
        with read(engine) as connection:
            return connection.execute(past).scalar_one()

    def forget(self, engine: Engine, before: datetime, going_on: Callable[[], bool]) -> int:
        """Delete what is past, while that goes on; how many, without what went with them."""
        past = select(self.key).where(self.are_past(before)).limit(AT_ONCE)
        forgotten = 0
        while going_on():
            # Looked for outside of the transaction: to look takes longer than to delete.
            with read(engine) as connection:
                keys = connection.scalars(past).all()
            if keys:
                forgotten += self._delete(engine, keys, before)
            if len(keys) < AT_ONCE:
                break
            time.sleep(PAUSE_SECONDS)
        return forgotten

    def _delete(self, engine: Engine, keys: Sequence[Any], before: datetime) -> int:
        # Whoever has called meanwhile is remembered.
        still_past = select(self.key).where(self.key.in_(keys), self.are_past(before))
        with write(engine) as connection:
            going = connection.scalars(still_past.with_for_update()).all()
            for column in self.with_them:
                connection.execute(delete(column.table).where(column.in_(going)))
            connection.execute(delete(self.key.table).where(self.key.in_(going)))
        return len(going)

"""Recurring work: done once a deployment, by whichever worker finds it due (decision 0110).

One row says when it is due. A worker takes it by a conditional UPDATE and holds a lease on it,
which others wait for when that worker dies.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, exists, or_, update

from backend.db.tables.staff import recurring_work
from backend.db.transactions import upserting, write
from common.errors import DatabaseUnreachableError

_ROW = recurring_work.c


@dataclass(frozen=True, slots=True)
class RecurringWork:
    """What is done every so often; ``lease`` is how long its worker need not be heard of.

    It is not put off by more than the longer of the two.
    """

    name: str
    every: timedelta
    lease: timedelta

    @property
    def longest(self) -> timedelta:
        """A moment further ahead than this was written by a clock that was put back since."""
        return max(self.every, self.lease)


@dataclass
class Turn:
    """One time that recurring work is done, by this worker alone while its lease is kept.

    ``again_in`` is how long after its end the work is due again.
    """

    engine: Engine
    work: RecurringWork
    clock: Callable[[], datetime]
    holder: str
    kept_at: datetime
    again_in: timedelta

    def goes_on(self) -> bool:
        """Keep the lease; ``False`` when another worker has taken the work over.

        Written when a quarter of the lease is over, so it may be asked often. Raises
        ``DatabaseUnreachableError``.
        """
        now = self.clock()
        if abs(now - self.kept_at) < self.work.lease / 4:
            return True
        self.kept_at = now
        return self._put(now + self.work.lease, self.holder)

    def end(self) -> None:
        """Let it be due again after ``again_in``; without a database its lease ends by itself."""
        with suppress(DatabaseUnreachableError):
            self._put(self.clock() + self.again_in, None)

    def _put(self, due_at: datetime, holder: str | None) -> bool:
        mine = update(recurring_work).where(_ROW.name == self.work.name, _ROW.holder == self.holder)
        with write(self.engine, durable=False) as connection:
            put = connection.execute(mine.values(due_at=due_at, holder=holder))
        return bool(put.rowcount)


@contextmanager
def recurring_turn(
    engine: Engine, work: RecurringWork, clock: Callable[[], datetime]
) -> Iterator[Turn | None]:
    """Take the work for the time of the block; ``None`` when it is not due or another is at it.

    What fails is due again as soon as its lease would have ended, or earlier. Raises
    ``DatabaseUnreachableError``.
    """
    now, holder = clock(), secrets.token_hex(8)
    with write(engine, durable=False) as connection:
        taken = take(connection, work, now, now + work.lease, holder)
    if not taken:
        yield None
        return
    turn = Turn(engine, work, clock, holder, now, work.every)
    try:
        yield turn
    except BaseException:
        turn.again_in = min(work.every, work.lease)
        raise
    finally:
        turn.end()


def is_due(work: RecurringWork, now: datetime) -> ColumnElement[bool]:
    """Whether nobody is at it and it is to be done."""
    # Work that was never done has no row.
    return ~exists().where(_ROW.name == work.name, ~_due(work, now))


def take(
    connection: Connection,
    work: RecurringWork,
    now: datetime,
    due_at: datetime,
    holder: str | None = None,
) -> bool:
    """Take what is due in this transaction, and say when others may; whether it was still due."""
    taken = update(recurring_work).where(_ROW.name == work.name, _due(work, now))
    values = {"due_at": due_at, "holder": holder}
    if connection.execute(taken.values(values)).rowcount:
        return True
    first = upserting(connection, recurring_work).values(name=work.name, **values)
    added = first.on_conflict_do_nothing().returning(_ROW.name)
    return connection.execute(added).first() is not None


def _due(work: RecurringWork, now: datetime) -> ColumnElement[bool]:
    return or_(_ROW.due_at <= now, _ROW.due_at > now + work.longest)

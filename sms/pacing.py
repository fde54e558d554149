"""The pace of a sender: so many segments a second, over all workers together.

One row a sender says when its next segment may go (the generic cell rate algorithm without a
burst). A worker moves it on in one UPDATE and waits for the moment that it got.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, literal, update

from backend.database import upserting
from backend.message_tables import pace

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def take_slot(
    connection: Connection, sender: str, segments: int, per_second: float, now: datetime
) -> datetime:
    """Reserve the time of ``segments`` and return the moment from which they may be sent."""
    cost = round(segments * 1_000_000 / per_second)
    after = _move(connection, sender, now, cost)
    return EPOCH + (after - cost) * _MICROSECOND


def hold_back(connection: Connection, sender: str, until: datetime) -> None:
    """Let nobody send for this sender before ``until``: the carrier has asked us to slow down."""
    _move(connection, sender, until, 0)


def _move(connection: Connection, sender: str, earliest: datetime, cost: int) -> int:
    floor = literal((earliest - EPOCH) // _MICROSECOND, pace.c.free_at.type)
    moved = (
        update(pace)
        .where(pace.c.sender == sender)
        .values(free_at=case((pace.c.free_at > floor, pace.c.free_at), else_=floor) + cost)
        .returning(pace.c.free_at)
    )
    free_at: int | None = connection.scalar(moved)
    if free_at is None:
        first = (
            upserting(connection, pace).values(sender=sender, free_at=0).on_conflict_do_nothing()
        )
        connection.execute(first)
        free_at = int(connection.execute(moved).scalar_one())
    return free_at

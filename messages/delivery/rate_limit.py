"""Rate limit of a sender: segments a second, over all workers together.

One row a sender says when its next segment may go (the generic cell rate algorithm without a
burst). A worker moves it on in one UPDATE and waits for the moment that it got. A moment that is
further ahead than workers can have reserved was set by another clock, and is put back to now.
"""

import logging
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Connection, bindparam, case, update

from backend.db.prepared import Prepared
from backend.db.tables.messages import pace
from backend.db.transactions import upserting

logger = logging.getLogger(__name__)

LONGEST_HOLD = timedelta(minutes=1)
"""No sender is held back for longer at a time."""
MOST_RESERVED = 1_000
"""Segments that wait for their slots at the same time: a hundred threads with ten each."""

_FLOOR = bindparam("floor", type_=BigInteger)
_MOVE = Prepared(
    update(pace)
    .where(pace.c.sender == bindparam("of_sender"))
    .values(
        free_at=case((pace.c.free_at > _FLOOR, pace.c.free_at), else_=_FLOOR)
        + bindparam("cost", type_=BigInteger)
    )
    .returning(pace.c.free_at)
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_silent_until = 0.0


def take_slot(
    connection: Connection, sender: str, segments: int, per_second: float, now: datetime
) -> datetime:
    """Reserve the time of ``segments`` and return the moment from which they may be sent.

    It is at most ``LONGEST_HOLD`` and the time of ``MOST_RESERVED`` segments from ``now``.
    """
    cost = _microseconds(segments, per_second)
    latest = _since_epoch(now + LONGEST_HOLD) + _microseconds(MOST_RESERVED, per_second)
    slot = _move(connection, sender, now, cost) - cost
    if slot > latest:
        _tell((slot - _since_epoch(now)) // 1_000_000)
        connection.execute(
            update(pace).where(pace.c.sender == sender).values(free_at=_since_epoch(now))
        )
        slot = _move(connection, sender, now, cost) - cost
    return EPOCH + slot * _MICROSECOND


def hold_back(connection: Connection, sender: str, now: datetime, wait: timedelta) -> None:
    """Let nobody send for this sender for that long: the carrier has asked us to slow down.

    ``LONGEST_HOLD`` at most.
    """
    _move(connection, sender, now + min(wait, LONGEST_HOLD), 0)


def _tell(seconds: int) -> None:
    """Log a reset once a minute: machines whose clocks differ reset each other's at every slot."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    _silent_until = time.monotonic() + 60
    logger.warning(
        "the next slot was %d seconds ahead, more than can be reserved: a clock was put back, or "
        "two machines' clocks differ. It is reset to now",
        seconds,
        extra={"event": "rate_limit_reset"},
    )


def _move(connection: Connection, sender: str, earliest: datetime, cost: int) -> int:
    wanted = {"of_sender": sender, "floor": _since_epoch(earliest), "cost": cost}
    moved = _MOVE.rows(connection, **wanted)
    if not moved:
        first = (
            upserting(connection, pace).values(sender=sender, free_at=0).on_conflict_do_nothing()
        )
        connection.execute(first)
        moved = _MOVE.rows(connection, **wanted)
    return int(moved[0].free_at)


def _since_epoch(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def _microseconds(segments: int, per_second: float) -> int:
    return round(segments * 1_000_000 / per_second)

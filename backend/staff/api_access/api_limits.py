"""Rate limit of a key: one row for all processes (the generic cell rate algorithm)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, literal, select, update

from backend.db.tables.api import api_keys
from common.timezone import local_date

PER_SECOND = 10
BURST = 100
"""Requests that may come at once after a pause."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COST = 1_000_000 // PER_SECOND


def take_request(connection: Connection, name: str, now: datetime) -> timedelta | None:
    """Count one request of the key, and note the day; ``None``, or how long it has to wait.

    A key whose row is further ahead than it can be was counted by another clock: it begins anew.
    """
    moment = (now - _EPOCH) // _MICROSECOND
    latest = moment + (BURST - 1) * _COST
    free_at = api_keys.c.free_at
    begins = case(
        # Within what could be reserved; else a clock was put back.
        (free_at.between(moment, latest + _COST), free_at),
        else_=literal(moment, free_at.type),
    )
    counted = (
        update(api_keys)
        .where(
            api_keys.c.name == name,
            (free_at <= latest) | (free_at > latest + _COST),
        )
        .values(free_at=begins + _COST, last_used_on=local_date(now))
    )
    if connection.execute(counted).rowcount:
        return None
    reserved: int = connection.execute(select(free_at).where(api_keys.c.name == name)).scalar_one()
    return max(reserved - latest, 1) * _MICROSECOND

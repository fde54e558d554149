"""Reads the suppression list; ``records.stops`` writes it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from backend.db.message_tables import stops
from backend.records.stop_keys import stop_keys
from backend.records.stops import Origin, StopReason
from messages.campaigns.exclusion_reasons import Reason


@dataclass(frozen=True, slots=True)
class Stop:
    """One reason why a number gets no message, since when, and who told us."""

    reason: StopReason
    since: datetime
    origin: Origin


def stops_of(connection: Connection, phone: str) -> list[Stop]:
    """Every stop of this number (E.164), the oldest first."""
    key = stop_keys(connection).of(phone)
    found = select(stops.c.reason, stops.c.since, stops.c.origin).where(stops.c.phone_key == key)
    return [Stop(*row) for row in connection.execute(found.order_by(stops.c.since))]


def stopped_for(connection: Connection, phone: str) -> Reason | None:
    """Why this number gets no message, the weightiest reason first, or ``None``."""
    key = stop_keys(connection).of(phone)
    found = set(connection.scalars(select(stops.c.reason).where(stops.c.phone_key == key)))
    order = (Reason.WRONG_ADDRESSEE, Reason.OPTED_OUT, Reason.UNREACHABLE)
    return next((reason for reason in order if reason.value in found), None)

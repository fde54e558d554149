"""Suppression list: opt-outs, wrong addressees and numbers that cannot be reached.

They are kept as keyed hashes, so that a stop outlives the deletion of the number from the
records, holds against every later import, and the list names nobody (CO-17). A stop works at once:
what waits for the number in any campaign is suppressed in the same transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, null, select, update

from backend.db.list_parameters import is_one_of
from backend.db.prepared import Prepared
from backend.db.tables.messages import campaigns, outbox, stops
from backend.db.transactions import upserting
from backend.interface.codes import StopOrigin, StopReason
from backend.records.suppression.stop_keys import stop_keys

_NOT_OVER = ("draft", "approved", "scheduled", "running", "paused")


def _reasons(dialect: str) -> Select[Any]:
    """What is kept under any of the keys."""
    return select(stops.c.phone_key, stops.c.reason).where(
        is_one_of(dialect, stops.c.phone_key, "phone_keys")
    )


_REASONS = Prepared(_reasons)


@dataclass(frozen=True, slots=True)
class Stop:
    """One reason why a number gets no message, since when, and who told us."""

    reason: StopReason
    since: datetime
    origin: StopOrigin


def stops_of(connection: Connection, phone: str) -> list[Stop]:
    """Every stop of this number (E.164), the oldest first."""
    key = stop_keys(connection).of(phone)
    found = select(stops.c.reason, stops.c.since, stops.c.origin).where(stops.c.phone_key == key)
    return [Stop(*row) for row in connection.execute(found.order_by(stops.c.since))]


def stopped_for(connection: Connection, phone: str) -> StopReason | None:
    """Why this number gets no message, the weightiest reason first, or ``None``."""
    return stopped_among(connection, [phone]).get(phone)


def stopped_among(connection: Connection, phones: Collection[str]) -> dict[str, StopReason]:
    """Which of the numbers get no message, each with the weightiest reason."""
    keys = stop_keys(connection)
    phone_of = {keys.of(phone): phone for phone in phones}
    found: dict[str, set[str]] = {}
    for stop in _REASONS.rows(connection, phone_keys=list(phone_of)):
        found.setdefault(phone_of[stop.phone_key], set()).add(stop.reason)
    return {
        phone: next(reason for reason in StopReason if reason in reasons)
        for phone, reasons in found.items()
    }


def add_stop(
    connection: Connection, phone: str, reason: StopReason, origin: StopOrigin, now: datetime
) -> bool:
    """Stop a number (E.164) for all campaigns at once; whether it was not stopped so before."""
    row = {
        "phone_key": stop_keys(connection).of(phone),
        "reason": reason,
        "since": now,
        "origin": origin,
    }
    added = upserting(connection, stops).values(row).on_conflict_do_nothing()
    return connection.execute(added.returning(stops.c.reason)).first() is not None


def lift_stop(connection: Connection, phone: str, reason: StopReason) -> bool:
    """Take a stop back; whether there was one."""
    key = stop_keys(connection).of(phone)
    lifted = delete(stops).where(stops.c.phone_key == key, stops.c.reason == reason)
    return bool(connection.execute(lifted).rowcount)


def stop_number(
    connection: Connection, phone: str, reason: StopReason, origin: StopOrigin, now: datetime
) -> bool:
    """Stop a number (E.164) and suppress what is queued for it; whether it is newly stopped so.

    A message that a worker holds already is looked at once more just before it goes out.
    """
    # Rows before stops, as a receipt has it: two that meet cannot wait for each other.
    open_campaigns = connection.scalars(
        select(campaigns.c.campaign_id).where(campaigns.c.state.in_(_NOT_OVER))
    ).all()
    if open_campaigns:
        connection.execute(
            update(outbox)
            .where(
                # The campaigns by name: so the index of campaign and phone finds each row.
                outbox.c.campaign_id.in_(open_campaigns),
                outbox.c.phone == phone,
                outbox.c.state == "queued",
            )
            .values(state="suppressed", reason=reason, settled_at=now, next_attempt_at=null())
        )
    return add_stop(connection, phone, reason, origin, now)

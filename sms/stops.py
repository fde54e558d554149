"""Numbers that get no message: who opted out, wrong addressees, and what cannot be reached.

They are kept as salted hashes, so that a stop outlives the deletion of the number from the
records, holds against every later import, and the list names nobody (CO-17).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from backend.message_tables import salts, stops
from sms.reasons import Reason

StopReason = Literal["opted_out", "wrong_addressee", "unreachable"]
Origin = Literal["sms", "call", "staff", "carrier"]

_SALT = "stops"


def stop_key(salt: str, phone: str) -> str:
    """The key under which a number (E.164) is kept; ``recipients.judging`` has the same in SQL."""
    return hashlib.sha256(f"{salt}:{phone}".encode()).hexdigest()


def stop_salt(connection: Connection) -> str:
    """The database's salt, made when it is first asked for.

    It lives beside the stops: a key from the settings would lose them all when it is changed.
    """
    found = select(salts.c.value).where(salts.c.name == _SALT)
    value = connection.scalar(found)
    if value is None:
        row = {"name": _SALT, "value": secrets.token_hex(16)}
        connection.execute(_insert(connection, salts).values(row).on_conflict_do_nothing())
        value = connection.execute(found).scalar_one()
    return str(value)


def add_stop(
    connection: Connection, phone: str, reason: StopReason, origin: Origin, now: datetime
) -> bool:
    """Stop a number (E.164) for all campaigns at once; whether it was not stopped so before."""
    row = {
        "phone_key": stop_key(stop_salt(connection), phone),
        "reason": reason,
        "since": now,
        "origin": origin,
    }
    added = _insert(connection, stops).values(row).on_conflict_do_nothing()
    # An INSERT's count of rows is not kept on PostgreSQL.
    return connection.execute(added.returning(stops.c.reason)).first() is not None


def lift_stop(connection: Connection, phone: str, reason: StopReason) -> bool:
    """Take a stop back; whether there was one."""
    key = stop_key(stop_salt(connection), phone)
    lifted = delete(stops).where(stops.c.phone_key == key, stops.c.reason == reason)
    return bool(connection.execute(lifted).rowcount)


@dataclass(frozen=True, slots=True)
class Stop:
    """One reason why a number gets no message, since when, and who told us."""

    reason: StopReason
    since: datetime
    origin: Origin


def stops_of(connection: Connection, phone: str) -> list[Stop]:
    """Every stop of this number (E.164), the oldest first."""
    key = stop_key(stop_salt(connection), phone)
    found = select(stops.c.reason, stops.c.since, stops.c.origin).where(stops.c.phone_key == key)
    return [Stop(*row) for row in connection.execute(found.order_by(stops.c.since))]


def stopped_for(connection: Connection, phone: str) -> Reason | None:
    """Why this number gets no message, the weightiest reason first, or ``None``."""
    key = stop_key(stop_salt(connection), phone)
    found = set(connection.scalars(select(stops.c.reason).where(stops.c.phone_key == key)))
    order = (Reason.WRONG_ADDRESSEE, Reason.OPTED_OUT, Reason.UNREACHABLE)
    return next((reason for reason in order if reason.value in found), None)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

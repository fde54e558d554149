"""Settling what is unknown: by receipt if one comes, else by the carrier's own list of messages.

A message is sent again only when the list, asked long enough after the attempt, does not have it.
What the list cannot tell either goes to a person.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, or_, select, update

from backend.database import read, write
from backend.message_tables import campaigns, outbox
from backend.tasks import open_task
from sms import outbox as rows
from sms.gateway import CarrierUnavailableError, Gateway, Listed
from sms.policy import SendingPolicy
from sms.states import FROM_CARRIER, RANKS

logger = logging.getLogger(__name__)

BATCH = 50
CLOCKS_APART = timedelta(minutes=2)
"""How far the carrier's clock may be behind ours."""
LOOK_AGAIN = timedelta(seconds=60)
MOST_ATTEMPTS = 10
"""A message that got lost so often is a matter for a person."""

NEEDS_PERSON = "needs_person"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one run has found out, and how many are still to be looked for later."""

    found: int = 0
    absent: int = 0
    for_people: int = 0
    undecided: int = 0


def reconcile(
    engine: Engine,
    gateway: Gateway,
    policy: SendingPolicy,
    clock: Callable[[], datetime],
    going_on: Callable[[], bool] = lambda: True,
) -> Reconciled:
    """Judge the unknown whose time has come; safe to run twice and at the same time.

    Raises ``CarrierRefusesError`` when the carrier refuses our credentials.
    """
    tally = {"found": 0, "absent": 0, "for_people": 0}
    with write(engine) as connection:
        rows.expire_leases(connection, clock())
    while going_on() and (due := _due(engine, clock() - policy.reconcile_after, clock())):
        for row in due:
            try:
                listed = gateway.find(row.phone)
            except CarrierUnavailableError as error:
                logger.warning("message %s is still unknown: %s", row.number, error)
                _postpone(engine, row, clock() + min(LOOK_AGAIN, policy.reconcile_after))
                continue
            with write(engine) as connection:
                tally[_judge(connection, row, listed, clock())] += 1
    return Reconciled(**tally, undecided=_undecided(engine))


def _due(engine: Engine, before: datetime, now: datetime) -> list[Row[*tuple[Any, ...]]]:
    waiting = (
        select(
            outbox.c.number,
            outbox.c.phone,
            outbox.c.worker,
            outbox.c.attempt,
            outbox.c.attempted_at,
            campaigns.c.message,
        )
        .join(campaigns)
        .where(
            rows.UNKNOWN,
            outbox.c.reason.is_(None),
            outbox.c.settled_at <= before,
            or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now),
        )
        .order_by(outbox.c.number)
        .limit(BATCH)
    )
    with read(engine) as connection:
        return list(connection.execute(waiting).all())


def _judge(
    connection: Connection, row: Row[*tuple[Any, ...]], listed: list[Listed], now: datetime
) -> str:
    number, attempt = row.number, row.attempt
    for message in listed:
        if not _may_be(message, row) or _is_anothers(connection, message, number):
            continue
        state = FROM_CARRIER.get(message.status, "accepted")
        rows.accept(connection, number, message.message_sid, state, RANKS[state], now)
        if message.code is not None:
            coded = update(outbox).where(outbox.c.number == number, outbox.c.code.is_(None))
            connection.execute(coded.values(code=message.code))
        return "found"
    claimed = rows.Claim(number, "", row.phone, None, None, row.worker or "")
    if attempt < MOST_ATTEMPTS:
        rows.queue_again(connection, claimed, None)
        return "absent"
    person = update(outbox).where(outbox.c.number == number, rows.UNKNOWN)
    if connection.execute(person.values(reason=NEEDS_PERSON)).rowcount:
        open_task(connection, "find_message", row.phone, now, outbox_number=number)
    return "for_people"


def _may_be(message: Listed, row: Row[*tuple[Any, ...]]) -> bool:
    """Whether it can be the row's message; what the list does not tell speaks for it."""
    earliest = row.attempted_at - CLOCKS_APART
    early = message.created_at is not None and message.created_at < earliest
    return not early and message.body in (None, row.message)


def _is_anothers(connection: Connection, message: Listed, number: int) -> bool:
    owner = select(outbox.c.number).where(outbox.c.message_sid == message.message_sid)
    found = connection.scalar(owner)
    return found is not None and found != number


def _postpone(engine: Engine, row: Row[*tuple[Any, ...]], until: datetime) -> None:
    with write(engine) as connection:
        later = update(outbox).where(outbox.c.number == row.number, rows.UNKNOWN)
        connection.execute(later.values(next_attempt_at=until))


def _undecided(engine: Engine) -> int:
    waiting = select(func.count()).where(rows.UNKNOWN, outbox.c.reason.is_(None))
    with read(engine) as connection:
        return connection.execute(waiting).scalar_one()

"""Reconciliation of unknown rows: by delivery receipt, else by the carrier's list of messages.

A message is sent again only when the list, asked long enough after the attempt, does not have it.
Both, how long ago the attempt was and whether a listed message can be of it, are judged in the
carrier's own time: our clock proves nothing. What the list cannot tell goes to a person
(decision 0035).
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)

from backend.db.tables.messages import campaigns, outbox
from backend.db.transactions import read, write
from backend.interface.codes import OutboxState, TaskKind
from backend.records.work_list.tasks import open_task
from messages.campaigns import outbox as rows
from messages.campaigns.outbox_lots import Acceptance, accept_all
from messages.campaigns.outbox_states import FROM_CARRIER
from messages.campaigns.policy import SendingPolicy
from messages.delivery.gateway import CarrierUnavailableError, Gateway, Listed, Listing
from telemetry.log_context import bound

logger = logging.getLogger(__name__)

BATCH = 50
SERVERS_APART = timedelta(minutes=2)
"""How far the clocks of the carrier's own servers may be apart."""
SURELY_EARLIER = timedelta(days=1)
"""A message that is older than our first request by this was not made by it."""
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
    tally = Counter[str]()
    with write(engine) as connection:
        rows.expire_leases(connection, clock(), policy.attempt_lease)
    while going_on() and (due := _due(engine, policy, clock())):
        for row in due:
            if not going_on():
                break
            with bound(outbox_row=row.number):
                tally[_ask(engine, gateway, row, policy, clock)] += 1
    return Reconciled(
        tally["found"], tally["absent"], tally["for_people"], undecided=_undecided(engine)
    )


def _ask(
    engine: Engine,
    gateway: Gateway,
    row: Row[*tuple[Any, ...]],
    policy: SendingPolicy,
    clock: Callable[[], datetime],
) -> str:
    """Ask the carrier's list about a row; what came of it."""
    try:
        listing = gateway.find(row.phone)
    except CarrierUnavailableError as error:
        logger.warning(
            "message %s is still unknown: %s",
            row.number,
            error,
            extra={"event": "message_still_unknown"},
        )
        _postpone(engine, row, clock() + min(LOOK_AGAIN, policy.reconcile_after))
        return "postponed"
    with write(engine) as connection:
        return _judge(connection, row, listing, policy, clock())


def _due(engine: Engine, policy: SendingPolicy, now: datetime) -> list[Row[*tuple[Any, ...]]]:
    """The rows to ask about."""
    waiting = (
        select(
            outbox.c.number,
            outbox.c.phone,
            outbox.c.worker,
            outbox.c.attempt,
            outbox.c.first_asked_at,
            outbox.c.asked_until,
            campaigns.c.message,
        )
        .join(campaigns)
        .where(_is_to_judge(policy, now))
        .order_by(outbox.c.number)
        .limit(BATCH)
    )
    with read(engine) as connection:
        return list(connection.execute(waiting).all())


def unknown_are_due(policy: SendingPolicy, now: datetime) -> ColumnElement[bool]:
    """Whether ``reconcile`` has any row to ask about."""
    return exists().where(_is_to_judge(policy, now))


def _is_to_judge(policy: SendingPolicy, now: datetime) -> ColumnElement[bool]:
    """By our clock, so it may be too early, which the list's own time says.

    What lies ahead of us was written by a clock that was put back since.
    """
    settled = outbox.c.settled_at
    return and_(
        rows.UNKNOWN,
        outbox.c.reason.is_(None),
        or_(settled <= now - policy.reconcile_after, settled > now),
        rows.is_due(outbox.c.next_attempt_at, now, LOOK_AGAIN),
    )


def _judge(
    connection: Connection,
    row: Row[*tuple[Any, ...]],
    listing: Listing,
    policy: SendingPolicy,
    now: datetime,
) -> str:
    number, attempt = row.number, row.attempt
    doubtful = False
    for message in listing.messages:
        likeness = _likeness(message, row)
        if likeness == "no" or _is_anothers(connection, message, number):
            continue
        if likeness == "perhaps":
            doubtful = True
            continue
        state = FROM_CARRIER.get(message.status, OutboxState.ACCEPTED)
        accept_all(connection, [Acceptance(number, message.message_sid, state)], now)
        if message.code is not None:
            coded = update(outbox).where(outbox.c.number == number, outbox.c.code.is_(None))
            connection.execute(coded.values(code=message.code))
        return "found"
    if _is_too_early(connection, row, listing.as_of, policy, now):
        return "too_early"
    if attempt < MOST_ATTEMPTS and not doubtful:
        claimed = rows.Claim(number, "", row.phone, None, None, row.worker or "")
        rows.queue_again(connection, claimed, None)
        return "absent"
    person = update(outbox).where(_as_read(row))
    if connection.execute(person.values(reason=NEEDS_PERSON)).rowcount:
        open_task(connection, TaskKind.FIND_MESSAGE, row.phone, now, outbox_number=number)
    return "for_people"


def _is_too_early(
    connection: Connection,
    row: Row[*tuple[Any, ...]],
    as_of: datetime,
    policy: SendingPolicy,
    now: datetime,
) -> bool:
    """Whether the list may still lack the message, by the carrier's time; then it is asked later.

    Where the carrier's time of the attempt is not known, it was noted before this list was asked.
    """
    asked_until = row.asked_until or as_of + policy.attempt_lease
    remains = asked_until + policy.reconcile_after - as_of
    if remains <= timedelta():
        return False
    later = update(outbox).where(_as_read(row))
    again = now + min(LOOK_AGAIN, remains)
    connection.execute(later.values(asked_until=asked_until, next_attempt_at=again))
    return True


def _likeness(message: Listed, row: Row[*tuple[Any, ...]]) -> Literal["yes", "perhaps", "no"]:
    """Whether it can be the row's message; what is not told speaks for it."""
    if message.body not in (None, row.message):
        return "no"
    if message.created_at is None or row.first_asked_at is None:
        return "yes"
    if message.created_at >= row.first_asked_at - SERVERS_APART:
        return "yes"
    surely_earlier = message.created_at < row.first_asked_at - SURELY_EARLIER
    return "no" if surely_earlier else "perhaps"


def _is_anothers(connection: Connection, message: Listed, number: int) -> bool:
    owner = select(outbox.c.number).where(outbox.c.message_sid == message.message_sid)
    found = connection.scalar(owner)
    return found is not None and found != number


def _postpone(engine: Engine, row: Row[*tuple[Any, ...]], until: datetime) -> None:
    with write(engine) as connection:
        later = update(outbox).where(_as_read(row))
        connection.execute(later.values(next_attempt_at=until))


def _as_read(row: Row[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """The row, if it is still unknown by the attempt that was asked about.

    Another may have judged it meanwhile, and it may be unknown by its next attempt: that one's time
    must not be overwritten.
    """
    same = and_(outbox.c.number == row.number, outbox.c.attempt == row.attempt)
    return and_(rows.UNKNOWN, same)


def _undecided(engine: Engine) -> int:
    waiting = select(func.count()).where(rows.UNKNOWN, outbox.c.reason.is_(None))
    with read(engine) as connection:
        return connection.execute(waiting).scalar_one()

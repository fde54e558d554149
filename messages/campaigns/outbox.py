"""The outbox: claim, release, settle. Each is one conditional UPDATE.

A claim carries a token of its own, so that a worker that slept past its lease cannot touch a row
that another has taken over. Nothing is decided by what was read before: every condition stands in
the WHERE.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from backend.db.tables.messages import campaigns, outbox

QUEUED = outbox.c.state == literal_column("'queued'")
_IN_HAND = outbox.c.state.in_([literal_column("'claimed'"), literal_column("'unknown'")])
CLAIMED = and_(_IN_HAND, outbox.c.state == literal_column("'claimed'"))
UNKNOWN = and_(_IN_HAND, outbox.c.state == literal_column("'unknown'"))
"""As literals, so that the partial indexes serve prepared plans too.

SQLite takes the index of rows in hand only where the index's own condition is repeated; without it
each batch and each tick would read the whole outbox.
"""

LONGEST_BACK_OFF = timedelta(minutes=5)
CLOCKS_APART = timedelta(minutes=5)
"""A moment further ahead than anything sets it, by more than this, was set by a clock that was put
back since, or by another machine's. It is past: what waits for it would wait in silence."""

_RUNNING = exists().where(
    campaigns.c.campaign_id == bindparam("campaign"), campaigns.c.state == "running"
)
_QUEUE_AGAIN = case(
    (
        select(campaigns.c.state)
        .where(campaigns.c.campaign_id == outbox.c.campaign_id)
        .with_for_update(read=True)
        .scalar_subquery()
        == "cancelled",
        "cancelled",
    ),
    else_="queued",
)
"""Where an unsent row goes: back into the queue, unless its campaign was cancelled meanwhile.

The campaign's row is held: either we find it cancelled, or who cancels finds our row queued.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that this worker may send until its lease ends; ``token`` is of this claim alone."""

    number: int
    campaign_id: str
    phone: str
    case_id: str | None
    customer_id: str | None
    token: str


def claim(
    connection: Connection,
    campaign_id: str,
    token: str,
    most: int,
    now: datetime,
    lease: timedelta,
) -> list[Claim]:
    """Take up to ``most`` queued rows of a running campaign; none when it does not run.

    Several workers claim side by side: on PostgreSQL each skips what the others hold.
    """
    waiting = (
        select(outbox.c.number)
        .where(
            QUEUED,
            outbox.c.campaign_id == bindparam("campaign"),
            is_due(outbox.c.next_attempt_at, now, LONGEST_BACK_OFF),
            _RUNNING,
        )
        .order_by(outbox.c.number)
        .limit(most)
        .with_for_update(skip_locked=True)
        # On its own: inside the UPDATE's condition PostgreSQL may look anew for every row.
        .cte("waiting")
    )
    taken = (
        update(outbox)
        .where(outbox.c.number.in_(select(waiting.c.number)), QUEUED)
        .values(state="claimed", worker=token, lease_until=now + lease, attempted_at=null())
        .returning(
            outbox.c.number,
            outbox.c.campaign_id,
            outbox.c.phone,
            outbox.c.case_id,
            outbox.c.customer_id,
        )
    )
    rows = connection.execute(taken, {"campaign": campaign_id}).all()
    claims = [
        Claim(row.number, row.campaign_id, row.phone, row.case_id, row.customer_id, token)
        for row in rows
    ]
    return sorted(claims, key=lambda each: each.number)


def suppress(connection: Connection, claimed: Claim, reason: str, now: datetime) -> None:
    """This person gets no message, and why."""
    _settle(connection, _held(claimed), CLAIMED, state="suppressed", reason=reason, settled_at=now)


def release_claims(connection: Connection, token: str) -> int:
    """Give back what was claimed and not attempted."""
    given_back = (
        update(outbox)
        .where(outbox.c.worker == token, CLAIMED, outbox.c.attempted_at.is_(None))
        .values(state=_QUEUE_AGAIN, worker=null(), lease_until=null())
    )
    return connection.execute(given_back).rowcount


def refuse(connection: Connection, claimed: Claim, code: int | None, now: datetime) -> None:
    """The carrier will never take this message for this number."""
    _settle(
        connection,
        _held(claimed),
        or_(CLAIMED, UNKNOWN),
        state="failed",
        code=code,
        settled_at=now,
        lease_until=null(),
    )


def queue_again(connection: Connection, claimed: Claim, next_attempt: datetime | None) -> None:
    """The carrier has surely not taken it and may later: it waits until ``next_attempt``."""
    _settle(
        connection,
        _held(claimed),
        or_(CLAIMED, UNKNOWN),
        state=_QUEUE_AGAIN,
        worker=null(),
        lease_until=null(),
        attempted_at=null(),
        next_attempt_at=next_attempt,
    )


def mark_unknown(
    connection: Connection, claimed: Claim, now: datetime, carrier_time: datetime | None
) -> None:
    """The carrier may have taken it: it is not sent again before that is known.

    The request is over by ``carrier_time``.
    """
    _settle(
        connection,
        _held(claimed),
        CLAIMED,
        state="unknown",
        settled_at=now,
        lease_until=null(),
        next_attempt_at=null(),
        asked_until=func.coalesce(carrier_time, outbox.c.asked_until),
    )


def expire_leases(
    connection: Connection, now: datetime, longest: timedelta = timedelta(days=1)
) -> tuple[int, int]:
    """Take over from workers that died: rows queued again, and rows that are unknown now.

    ``longest`` is the longest lease there is. To take over too early, by a clock that is wrong,
    harms nobody: a claim that is lost sends nothing, and the unknown are judged by the carrier.
    """
    late = _is_left(now, longest)
    unsent = _settle(
        connection,
        late,
        outbox.c.attempted_at.is_(None),
        state=_QUEUE_AGAIN,
        worker=null(),
        lease_until=null(),
    )
    attempted = _settle(
        connection,
        late,
        outbox.c.attempted_at.is_not(None),
        state="unknown",
        settled_at=now,
        lease_until=null(),
        next_attempt_at=null(),
    )
    return unsent, attempted


def leases_have_ended(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether ``expire_leases`` has anything to do."""
    return exists().where(_is_left(now, longest))


def _is_left(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    ahead = outbox.c.lease_until > now + longest + CLOCKS_APART
    return and_(CLAIMED, or_(outbox.c.lease_until < now, ahead))


def is_due(
    column: ColumnElement[datetime | None], now: datetime, longest: timedelta
) -> ColumnElement[bool]:
    """Whether a moment to wait for has come, is not set, or is later than ``longest`` explains."""
    return or_(column.is_(None), column <= now, column > now + longest + CLOCKS_APART)


def open_rows(campaign_id: str | ColumnElement[str]) -> Select[tuple[int]]:
    """A query for one row that still has something to wait for, if there is any.

    What was handed to a person to find out is not waited for.
    """
    return (
        select(outbox.c.number)
        .where(
            outbox.c.campaign_id == campaign_id,
            or_(QUEUED, CLAIMED, and_(UNKNOWN, outbox.c.reason.is_(None))),
        )
        .limit(1)
    )


def _held(claimed: Claim) -> ColumnElement[bool]:
    return and_(outbox.c.number == claimed.number, outbox.c.worker == claimed.token)


def _settle(
    connection: Connection,
    row: ColumnElement[bool],
    condition: ColumnElement[bool],
    **values: object,
) -> int:
    return connection.execute(update(outbox).where(row, condition).values(values)).rowcount

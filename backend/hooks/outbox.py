"""The outbox of events: written with the event, claimed, sent and settled by a worker.

A message is delivered at least once; its id is the same each time, so a receiver that keeps the ids
does each event exactly once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, bindparam, or_, select, update

from backend.db.prepared import Prepared
from backend.db.tables.api import webhook_messages, webhooks
from backend.db.tables.column_types import UtcDateTime
from backend.db.transactions import upsert
from backend.hooks.subscriptions import decrypted
from backend.interface.codes import EventKind

LEASE = timedelta(minutes=1)
"""Longer than an attempt can take; a message whose worker has died is due again after it."""

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt (Standard Webhooks); behind the last, three days on, it is given up."""

_FIRST_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=10)

_TOLD = ["webhook_id", "kind", "subject", "at", "due_at"]
_RECEIVERS = select(
    webhooks.c.webhook_id,
    bindparam("kind", type_=Text),
    bindparam("subject", type_=Text),
    bindparam("at", type_=UtcDateTime),
    bindparam("due_at", type_=UtcDateTime),
).where(webhooks.c.disabled_at.is_(None))
# Part of a call's turn: a second message of one event must not undo what a caller has settled.
_NOTE = Prepared(
    lambda dialect: (
        upsert(dialect, webhook_messages).from_select(_TOLD, _RECEIVERS).on_conflict_do_nothing()
    )
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that this worker has claimed, with all that is needed to send it.

    ``secret`` is ``None`` where it was made under another ``SECRET_KEY``.
    """

    number: int
    webhook_id: str
    url: str
    secret: bytes | None
    kind: EventKind
    subject: str
    at: datetime
    attempts: int


def note_event(connection: Connection, kind: EventKind, subject: str, now: datetime) -> None:
    """Let every receiver be told, in the transaction of the event itself."""
    _NOTE.later(connection, kind=kind.value, subject=subject, at=now, due_at=now)


def message_is_due(now: datetime) -> ColumnElement[bool]:
    return _due(now).exists()


def claim_message(
    connection: Connection, now: datetime, apart_from: Collection[str] = ()
) -> Outgoing | None:
    """The message that has waited longest, for ``LEASE``; ``None`` when nothing is due.

    Receivers whose ids are in ``apart_from`` are asked already.
    """
    due = _due(now).where(webhooks.c.webhook_id.not_in(list(apart_from)))
    due = due.order_by(webhook_messages.c.due_at, webhook_messages.c.number).limit(1)
    due = due.with_for_update(of=webhook_messages, skip_locked=True)
    row = connection.execute(due).first()
    if row is None:
        return None
    claimed = update(webhook_messages).where(webhook_messages.c.number == row.number)
    connection.execute(claimed.values(due_at=now + LEASE, attempts=row.attempts + 1))
    return Outgoing(
        row.number,
        row.webhook_id,
        row.url,
        decrypted(connection, row.webhook_id, row.secret),
        EventKind(row.kind),
        row.subject,
        row.at,
        row.attempts + 1,
    )


def settle_delivered(connection: Connection, sent: Outgoing, now: datetime) -> None:
    # The receiver before its messages, as it is disabled: each would wait for the other otherwise.
    receiver = update(webhooks).where(webhooks.c.webhook_id == sent.webhook_id)
    failing = webhooks.c.failures > 0
    connection.execute(receiver.where(failing).values(failures=0, resting_until=None))
    mine = update(webhook_messages).where(webhook_messages.c.number == sent.number)
    connection.execute(mine.values(due_at=None, delivered_at=now))


def settle_failed(connection: Connection, sent: Outgoing, now: datetime) -> bool:
    """The attempt has failed: it is due again later, or given up; whether it is given up.

    Its receiver rests for a while, so that one that is away holds up no other.
    """
    given_up = sent.attempts > len(RETRIES)
    later = None if given_up else now + RETRIES[sent.attempts - 1]
    receiver = webhooks.c.webhook_id == sent.webhook_id
    # Not its key: a caller's turn that notes an event need not wait for this.
    held = select(webhooks.c.failures).where(receiver).with_for_update(key_share=True)
    failures = connection.execute(held).scalar_one() + 1
    rest = min(_FIRST_REST * 2 ** min(failures - 1, 10), _LONGEST_REST)
    rests = update(webhooks).where(receiver).values(failures=failures, resting_until=now + rest)
    connection.execute(rests)
    # Not where the receiver was disabled meanwhile.
    mine = (webhook_messages.c.number == sent.number) & webhook_messages.c.due_at.is_not(None)
    connection.execute(update(webhook_messages).where(mine).values(due_at=later))
    return given_up


def _due(now: datetime) -> Select[Any]:
    return (
        select(webhook_messages, webhooks.c.url, webhooks.c.secret)
        .join_from(webhook_messages, webhooks)
        .where(
            webhook_messages.c.due_at <= now,
            webhooks.c.disabled_at.is_(None),
            or_(webhooks.c.resting_until.is_(None), webhooks.c.resting_until <= now),
        )
    )

"""Reply quota: how much was answered to a number within a day, against forged senders."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from backend.db.locks import lock_subjects
from backend.db.recent import within
from backend.db.tables.messages import inbound_messages
from backend.interface.codes import ReplyMeaning

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CountedReplies:
    """How many answers that a limit counts, and their parts, as they are paid for."""

    answers: int
    parts: int


def lock_and_count_replies(
    connection: Connection, phone: str, understood: ReplyMeaning, now: datetime
) -> CountedReplies:
    """Take a lock on the number until the transaction ends, then count its answered replies.

    Counts what a limit counts of the answers to replies of that meaning within ``DAY``.
    """
    lock_subjects(connection, phone)
    counted = select(
        func.count(), func.coalesce(func.sum(inbound_messages.c.counted_parts), 0)
    ).where(
        inbound_messages.c.phone == phone,
        within(inbound_messages.c.received_at, now, DAY),
        inbound_messages.c.meaning == understood,
        inbound_messages.c.counted_parts > 0,
    )
    return CountedReplies(*connection.execute(counted).one())


def note_answer(connection: Connection, message_sid: str, text: str, **values: object) -> None:
    """Note what this reply was answered with: the same webhook again gets the same."""
    connection.execute(
        update(inbound_messages)
        .where(inbound_messages.c.message_sid == message_sid)
        .values(acknowledged=True, answer=text, **values)
    )


def note_body(connection: Connection, message_sid: str, body: str) -> None:
    """Keep what was written after all: a person has to read it."""
    connection.execute(
        update(inbound_messages)
        .where(inbound_messages.c.message_sid == message_sid)
        .values(body=body)
    )

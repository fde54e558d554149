"""What was answered to a number within a day: whoever forges one floods nobody at our cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from backend.db.locks import take_turns
from backend.db.message_tables import inbound_messages
from sms.keywords import Meaning

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """How many answers that a limit counts, and their parts, as they are paid for."""

    answers: int
    parts: int


def answered(connection: Connection, phone: str, understood: Meaning, now: datetime) -> Answered:
    """What a limit counts of the answers to this number's replies of that meaning within ``DAY``.

    Nobody else answers this number before the transaction has ended.
    """
    take_turns(connection, phone)
    counted = select(
        func.count(), func.coalesce(func.sum(inbound_messages.c.counted_parts), 0)
    ).where(
        inbound_messages.c.phone == phone,
        inbound_messages.c.received_at > now - DAY,
        inbound_messages.c.meaning == understood,
        inbound_messages.c.counted_parts > 0,
    )
    return Answered(*connection.execute(counted).one())


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

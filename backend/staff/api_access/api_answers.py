"""Answers kept for repeats: a request with an ``Idempotency-Key`` is done once, and told again.

The answer is written in the transaction of what was done: so either both are there or neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from backend.db.tables.api import api_answers
from backend.db.transactions import upserting
from common.error_codes import ErrorCode
from common.errors import RecordsError

KEPT = timedelta(hours=48)
"""So long a repeat is known; after that the key is as good as new."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come again: under what its answer is kept, and what it asks for."""

    answer_key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered."""

    status: int
    body: str


class AnsweredMeanwhileError(Exception):
    """The same request was done by another process; what this one did is to be undone."""


def repeatable(key_name: str, idempotency_key: str, address: str, body: bytes) -> Repeatable:
    """Tell requests by the key that sends them, by their own key, and by what they ask for."""
    # No name of a key has a blank.
    own = hashlib.sha256(f"{key_name} {idempotency_key}".encode()).hexdigest()
    asked = hashlib.sha256(address.encode() + b"\n" + body).hexdigest()
    return Repeatable(own, asked)


def kept_answer(connection: Connection, asked: Repeatable, now: datetime) -> KeptAnswer | None:
    """What this request was answered before, if it was.

    Raises ``RecordsError`` when another request came under the same key.
    """
    found = select(api_answers.c.fingerprint, api_answers.c.status, api_answers.c.body).where(
        api_answers.c.answer_key == asked.answer_key,
        api_answers.c.at > now - KEPT,
    )
    row = connection.execute(found).one_or_none()
    if row is None:
        return None
    if row.fingerprint != asked.fingerprint:
        raise RecordsError(
            "Another request was sent under this Idempotency-Key. Take a new key for each request, "
            "and the same one only to repeat it unchanged.",
            code=ErrorCode.IDEMPOTENCY_KEY_REUSED,
        )
    return KeptAnswer(row.status, row.body)


def keep_answer(
    connection: Connection, asked: Repeatable, answer: KeptAnswer, now: datetime
) -> None:
    """Keep what is answered, in the transaction of what was done.

    Raises ``AnsweredMeanwhileError`` when the request was done already, and undoes the transaction
    by it. On PostgreSQL that waits for the other one's end.
    """
    row = {
        "answer_key": asked.answer_key,
        "fingerprint": asked.fingerprint,
        "status": answer.status,
        "body": answer.body,
        "at": now,
    }
    added = upserting(connection, api_answers).values(row)
    added = added.on_conflict_do_update(
        index_elements=["answer_key"],
        set_=row,
        where=api_answers.c.at <= now - KEPT,
    )
    if connection.execute(added.returning(api_answers.c.status)).first() is None:
        raise AnsweredMeanwhileError

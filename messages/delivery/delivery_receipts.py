"""Delivery receipts: the carrier's reports about an accepted message.

They come in any order, more than once, and also before our own note that the carrier took the
message. A receipt proves that the message exists, so it wins over whatever we meant to do with the
row: what was queued again or cancelled meanwhile is not sent a second time.
"""

import logging
import re
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    null,
    select,
    update,
)

from backend.db.tables.messages import outbox
from backend.interface.codes import OutboxState, StopOrigin, StopReason
from backend.records.suppression.stops import add_stop
from messages.campaigns.outbox_states import FROM_CARRIER, RANKS, rank_of_row

logger = logging.getLogger(__name__)

_REFERENCE = re.compile(r"([0-9]{1,18})\.([A-Za-z0-9_-]{16,128})")


def make_reference(number: int, reference: str) -> str:
    """What tells a row of the outbox in a callback's address; only we can have written it."""
    return f"{number}.{reference}"


def parse_reference(text: str) -> tuple[int, str] | None:
    """The row's number and its secret, or ``None`` when the text is not of this form."""
    match = _REFERENCE.fullmatch(text)
    return None if match is None else (int(match[1]), match[2])


def callback_url(public_url: str, number: int, reference: str) -> str:
    """Where the carrier sends the receipts of this row's message."""
    return f"{public_url}/sms/status?m={make_reference(number, reference)}"


def record_receipt(
    connection: Connection,
    *,
    number: int | None,
    reference: str | None,
    message_sid: str,
    status: str,
    code: int | None,
    stop: StopReason | None,
    now: datetime,
) -> bool:
    """Take in one receipt; ``False`` when no row is known to which it belongs.

    A row is found by its number and reference, or by ``message_sid`` when there is none. What is
    repeated, late or unknown as a status changes nothing. ``stop`` is what the code says of the
    number: a failure stops the number for that reason.
    """
    if number is not None and reference is not None:
        row = and_(outbox.c.number == number, outbox.c.reference == reference)
    else:
        row = outbox.c.message_sid == message_sid
    state = FROM_CARRIER.get(status)
    if state is not None and _settle(connection, row, message_sid, state, code, stop, now):
        return True
    held = connection.execute(select(outbox.c.number, outbox.c.message_sid).where(row)).first()
    if held is None:
        return False
    _compare(held.number, held.message_sid, message_sid)
    return True


def _settle(
    connection: Connection,
    row: ColumnElement[bool],
    message_sid: str,
    state: OutboxState,
    code: int | None,
    stop: StopReason | None,
    now: datetime,
) -> bool:
    failed = state is OutboxState.FAILED
    other = outbox.alias()
    # The list of messages may have given this id to a twin; the receipt must not break on it.
    is_free = ~exists().where(other.c.message_sid == message_sid)
    settled = connection.execute(
        update(outbox)
        .where(row, rank_of_row() < RANKS[state])
        .values(
            state=state,
            code=code if failed else null(),
            reason=null(),
            message_sid=case(
                (and_(outbox.c.message_sid.is_(None), is_free), message_sid),
                else_=outbox.c.message_sid,
            ),
            # What was queued again had lost it, but counts for how often a person is reminded.
            attempted_at=func.coalesce(outbox.c.attempted_at, now),
            settled_at=now,
            lease_until=null(),
            next_attempt_at=null(),
        )
        .returning(outbox.c.number, outbox.c.phone, outbox.c.message_sid)
    ).first()
    if settled is None:
        return False
    _compare(settled.number, settled.message_sid, message_sid)
    if failed and stop is not None:
        add_stop(connection, settled.phone, stop, StopOrigin.CARRIER, now)
    return True


def _compare(number: int, held: str | None, told: str) -> None:
    """Two ids for one row are two messages to one person: nothing may hide that."""
    if held != told:
        logger.error(
            "row %s of the outbox: a receipt names message %s, but we hold %s",
            number,
            told,
            held,
            extra={"event": "two_ids_for_one_message"},
        )

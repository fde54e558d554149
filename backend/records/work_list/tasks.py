"""The work list of staff: opens tasks; ``task_list`` lists and ``task_outcomes`` finishes it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from backend.db.locks import lock_subjects
from backend.db.recent import within
from backend.db.tables.messages import inbound_messages, outbox, tasks
from backend.interface.codes import StopReason, TaskKind

VERIFIED_BY: Mapping[StopReason, TaskKind] = {
    StopReason.OPTED_OUT: TaskKind.VERIFY_OPT_OUT,
    StopReason.WRONG_ADDRESSEE: TaskKind.VERIFY_WRONG_ADDRESSEE,
}
"""The reasons for which a person stops a number, and the task in which a colleague checks it."""
MOST_MESSAGE_TASKS = 200
"""Tasks to read a number's messages that are opened within a day; further ones share one task."""
_DAY = timedelta(hours=24)

logger = logging.getLogger(__name__)


def open_task(
    connection: Connection,
    kind: TaskKind,
    phone: str,
    now: datetime,
    *,
    outbox_number: int | None = None,
    message_sid: str | None = None,
    subject: str | None = None,
) -> bool:
    """Open a task, unless one is open for the same; whether it was opened.

    The same is the row to find, the ``subject`` (a site id or customer code) that identification is
    locked for, else the kind and the number: further messages of a number join its open task.
    Beyond ``MOST_MESSAGE_TASKS`` messages to read join one task of all numbers, so that nobody
    floods the colleagues by sending under many.
    """
    number = _open_number(connection, kind, phone, outbox_number, subject)
    if number is None and kind == "read_message" and _too_many(connection, now):
        kind, phone, outbox_number = TaskKind.MANY_MESSAGES, "", None
        number = _open_number(connection, kind, phone, outbox_number)
        if number is None:
            logger.warning(
                "more than %d numbers have written within a day: further messages are in one task",
                MOST_MESSAGE_TASKS,
                extra={"event": "many_messages"},
            )
    opened = number is None
    if opened:
        row = {
            "kind": kind,
            "phone": phone,
            "outbox_number": outbox_number,
            "message_sid": message_sid,
            "opened_at": now,
            "subject": subject,
        }
        added = tasks.insert().values(row).returning(tasks.c.number)
        number = connection.execute(added).scalar_one()
    if message_sid is not None:
        mine = update(inbound_messages).where(inbound_messages.c.message_sid == message_sid)
        connection.execute(mine.values(task_number=number))
    return opened


def _open_number(
    connection: Connection,
    kind: TaskKind,
    phone: str,
    outbox_number: int | None,
    subject: str | None = None,
) -> int | None:
    """The open task for the same; nobody else opens one before this transaction has ended."""
    if kind == "find_message":
        same, name = tasks.c.outbox_number == outbox_number, str(outbox_number)
    elif kind == "identification_locked":
        same, name = tasks.c.subject == subject, str(subject)
    else:
        same, name = tasks.c.phone == phone, phone
    lock_subjects(connection, f"task {kind} {name}")
    is_open = select(tasks.c.number).where(tasks.c.kind == kind, same, tasks.c.done_at.is_(None))
    return connection.scalar(is_open.order_by(tasks.c.number).limit(1))


def _too_many(connection: Connection, now: datetime) -> bool:
    lately = (
        select(func.count())
        .select_from(tasks)
        .where(tasks.c.kind == "read_message", within(tasks.c.opened_at, now, _DAY))
    )
    return connection.execute(lately).scalar_one() >= MOST_MESSAGE_TASKS


def last_message_to(connection: Connection, phone: str) -> int | None:
    """The row of the outbox of which this number (E.164) most likely speaks."""
    last = (
        select(outbox.c.number)
        .where(outbox.c.phone == phone, outbox.c.attempted_at.is_not(None))
        .order_by(outbox.c.attempted_at.desc())
        .limit(1)
    )
    return connection.scalar(last)

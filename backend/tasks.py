"""Opening what waits for a colleague; ``sms/tasks.py`` lists and finishes it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_, select, text

from backend.message_tables import outbox, tasks

TaskKind = Literal["verify_opt_out", "verify_wrong_addressee", "read_message", "find_message"]

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 1707))")


def open_task(
    connection: Connection,
    kind: TaskKind,
    phone: str,
    now: datetime,
    *,
    outbox_number: int | None = None,
    message_sid: str | None = None,
) -> bool:
    """Open a task, unless one is open for the same; whether it was opened.

    The same is the number to verify, the row to find, or the reply to read.
    """
    if kind == "find_message":
        same, subject = tasks.c.outbox_number == outbox_number, str(outbox_number)
    elif kind == "read_message":
        same = and_(tasks.c.phone == phone, tasks.c.message_sid == message_sid)
        subject = f"{phone} {message_sid}"
    else:
        same, subject = tasks.c.phone == phone, phone
    if connection.dialect.name == "postgresql":
        # On SQLite there is one writer anyway.
        connection.execute(_ONE_AT_A_TIME, {"subject": f"{kind} {subject}"})
    is_open = select(tasks.c.number).where(tasks.c.kind == kind, same, tasks.c.done_at.is_(None))
    if connection.execute(is_open.limit(1)).first() is not None:
        return False
    row = {
        "kind": kind,
        "phone": phone,
        "outbox_number": outbox_number,
        "message_sid": message_sid,
        "opened_at": now,
    }
    connection.execute(tasks.insert().values(row))
    return True


def last_message_to(connection: Connection, phone: str) -> int | None:
    """The row of the outbox of which this number (E.164) most likely speaks."""
    last = (
        select(outbox.c.number)
        .where(outbox.c.phone == phone, outbox.c.attempted_at.is_not(None))
        .order_by(outbox.c.attempted_at.desc())
        .limit(1)
    )
    return connection.scalar(last)

"""The note that somebody is writing on a task: kept as they type, whoever takes the task over."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from backend.db.tables.messages import tasks
from backend.records.work_list.task_list import IDLE, find_task
from backend.records.work_list.task_outcomes import FINISHERS, check_note, keep_task, note_id_of
from backend.staff.drafts import DraftError, StoredDraft, drafts_of, find_draft, keep_draft
from backend.staff.users import require_role


def keep_note(
    connection: Connection,
    number: int,
    by: str,
    outcome: str,
    note: str,
    version: int,
    now: datetime,
) -> StoredDraft:
    """Keep what this user has written on a task so far, since ``version`` of it (0: nothing).

    Their time with the task begins anew, if it is theirs. Raises ``TaskError`` for a task that
    there is not and for a telephone number in the note, ``DraftError`` when another window of
    theirs has kept something else meanwhile, and ``UserError``.
    """
    require_role(connection, by, *FINISHERS)
    find_task(connection, number)
    check_note(note)
    keep_task(connection, number, by, now)
    data = {"outcome": outcome, "note": note}
    draft_id = note_id_of(number, by)
    return keep_draft(connection, draft_id, "note", by, str(number), data, version, now)


def note_of(connection: Connection, number: int, by: str) -> StoredDraft | None:
    """What this user has written on a task so far; nobody else reads it."""
    try:
        return find_draft(connection, note_id_of(number, by), by, "note")
    except DraftError:
        return None


def tasks_with_notes(connection: Connection, by: str, now: datetime) -> list[int]:
    """The open tasks on which this user has begun a note and that they do not hold any more."""
    numbers = [int(draft.step) for draft in drafts_of(connection, by, "note")]
    if not numbers:
        return []
    elsewhere = or_(
        tasks.c.taken_by.is_(None), tasks.c.taken_by != by, tasks.c.taken_at <= now - IDLE
    )
    left = select(tasks.c.number).where(
        tasks.c.number.in_(numbers), tasks.c.done_at.is_(None), elsewhere
    )
    return list(connection.scalars(left.order_by(tasks.c.number)))

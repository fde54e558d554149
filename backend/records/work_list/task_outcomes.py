"""Working on tasks: numbers to verify, replies to read, messages to find.

A number is stopped at once, but deleted from the records only after a colleague has checked, and
the debtor's case stays open: a letter can still reach them (CO-17).
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, null, or_, update

from backend.db.tables.messages import tasks
from backend.db.tables.records import customers, debts
from backend.interface.codes import StopOrigin, StopReason, TaskKind, TaskOutcome
from backend.records.suppression.stops import lift_stop, stop_number
from backend.records.work_list.task_list import IDLE, Task, TaskMessage, find_task, messages_of
from backend.records.work_list.tasks import VERIFIED_BY
from backend.staff.audit import count_acts, record_act
from backend.staff.drafts import discard_own_draft, draft_id_of
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import TaskError
from common.phone_numbers import holds_telephone_number

_OUTCOMES: dict[str, tuple[TaskOutcome, ...]] = {
    TaskKind.VERIFY_OPT_OUT: tuple(TaskOutcome),
    TaskKind.VERIFY_WRONG_ADDRESSEE: tuple(TaskOutcome),
    TaskKind.READ_MESSAGE: (TaskOutcome.DELETED, TaskOutcome.DONE),
    TaskKind.MANY_MESSAGES: (TaskOutcome.DONE,),
    TaskKind.REPLY_BUDGET: (TaskOutcome.DONE,),
    TaskKind.FIND_MESSAGE: (TaskOutcome.DONE,),
    TaskKind.IDENTIFICATION_LOCKED: (TaskOutcome.DONE,),
}
_STOP_OF: dict[str, StopReason] = {
    **{kind: reason for reason, kind in VERIFIED_BY.items()},
    # A colleague has read that the person is the wrong one.
    TaskKind.READ_MESSAGE: StopReason.WRONG_ADDRESSEE,
}
MOST_LOOKS_AN_HOUR = 20
"""Numbers that one user may look at within an hour."""

FINISHERS = ("sender", "approver", "admin")


def outcomes_of(kind: TaskKind) -> tuple[TaskOutcome, ...]:
    return _OUTCOMES[kind]


def show_task(
    connection: Connection, number: int, by: str, now: datetime
) -> tuple[Task, list[TaskMessage]]:
    """A task with its number and messages in full; that it was looked at is recorded.

    Raises ``TaskError``, also for the 21st look of a user within an hour, and ``UserError``.
    """
    require_role(connection, by, *FINISHERS)
    task = find_task(connection, number)
    if count_acts(connection, by, "task show", now - timedelta(hours=1)) >= MOST_LOOKS_AN_HOUR:
        raise TaskError(
            f"{by} has looked at {MOST_LOOKS_AN_HOUR} numbers within an hour. Wait a while.",
            code=ErrorCode.TASK_SHOWN_TOO_OFTEN,
            number=number,
        )
    keep_task(connection, number, by, now)
    record_act(connection, by, "task show", str(number), None, now)
    return task, messages_of(connection, number)


def note_refused_look(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Record that a number was not shown, because it would have been one too many."""
    record_act(connection, by, "task show refused", str(number), None, now)


def take_task(connection: Connection, number: int, by: str, now: datetime) -> Task:
    """Work on a task, so that colleagues leave it alone; again renews the time.

    Raises ``TaskError`` for one that somebody else holds, that is finished or that there is not,
    and ``UserError``.
    """
    require_role(connection, by, *FINISHERS)
    free = or_(_is_free(now), tasks.c.taken_by == by)
    taken = update(tasks).where(tasks.c.number == number, tasks.c.done_at.is_(None), free)
    if not connection.execute(taken.values(taken_by=by, taken_at=now)).rowcount:
        _require_workable(find_task(connection, number), by, now)
    record_act(connection, by, "task take", str(number), None, now)
    return find_task(connection, number)


def keep_task(connection: Connection, number: int, by: str, now: datetime) -> bool:
    """Renew the time for which its holder keeps a task: they are at it; whether they hold it."""
    mine = update(tasks).where(
        tasks.c.number == number, tasks.c.done_at.is_(None), tasks.c.taken_by == by
    )
    return connection.execute(mine.values(taken_at=now)).rowcount == 1


def require_held(connection: Connection, number: int, by: str, now: datetime) -> Task:
    """The task, which this user works on; nobody else changes it before the transaction ends.

    Raises ``TaskError`` for one that is finished, that another works on or that nobody has taken.
    """
    keep_task(connection, number, by, now)
    task = find_task(connection, number)
    require_mine(task, by, now)
    return task


def require_mine(task: Task, by: str, now: datetime) -> None:
    """Raise ``TaskError`` unless this user has taken the task, and nobody else since."""
    _require_workable(task, by, now)
    if task.taken_by != by:
        raise TaskError(
            f"{by} does not work on task {task.number}. Take it first.",
            code=ErrorCode.TASK_NOT_TAKEN,
            number=task.number,
        )


def give_task_back(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Leave a task to the colleagues; nothing happens to one that another holds."""
    require_role(connection, by, *FINISHERS)
    mine = update(tasks).where(tasks.c.number == number, tasks.c.taken_by == by)
    if connection.execute(mine.values(taken_by=null(), taken_at=null())).rowcount:
        record_act(connection, by, "task give back", str(number), None, now)


def finish_task(
    connection: Connection,
    number: int,
    by: str,
    outcome: TaskOutcome,
    now: datetime,
    note: str | None = None,
) -> None:
    """Finish a task, once, and write it to the acts; a viewer may not.

    ``deleted`` takes the number out of the records and keeps it stopped, so that no import brings
    it back into a campaign; ``released`` lifts the stop: it was the right person after all.
    Raises ``TaskError``, also while another works on it, and ``UserError``.
    """
    require_role(connection, by, *FINISHERS)
    task = find_task(connection, number)
    _check_outcome(number, task.kind, outcome)
    check_note(note)
    free = or_(_is_free(now), tasks.c.taken_by == by)
    finished = connection.execute(_finish(now, by, outcome).where(tasks.c.number == number, free))
    if finished.rowcount == 0:
        _require_workable(find_task(connection, number), by, now)
    _write_down(connection, number, task.kind, by, outcome, now, note)
    discard_own_draft(connection, note_id_of(number, by), by)
    if outcome == "deleted":
        stop_number(connection, task.phone, _STOP_OF[task.kind], StopOrigin.STAFF, now)
        for table in (debts, customers):
            connection.execute(update(table).where(table.c.phone == task.phone).values(phone=None))
    elif outcome == "released":
        lift_stop(connection, task.phone, _STOP_OF[task.kind])


def note_id_of(number: int, by: str) -> str:
    """Under which id the note that this user is writing on a task is kept."""
    return draft_id_of("note", by, str(number))


def release_tasks(connection: Connection, phone: str, by: str, now: datetime) -> None:
    """End what is open to verify an opt-out: the person has taken it back."""
    released = connection.scalars(
        _finish(now, by, TaskOutcome.RELEASED)
        .where(tasks.c.kind == "verify_opt_out", tasks.c.phone == phone)
        .returning(tasks.c.number)
    )
    for number in released.all():
        _write_down(connection, number, "verify_opt_out", by, "released", now)


def _finish(now: datetime, by: str, outcome: TaskOutcome) -> Update:
    return (
        update(tasks)
        .where(tasks.c.done_at.is_(None))
        .values(done_at=now, done_by=by, outcome=outcome)
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(tasks.c.taken_by.is_(None), tasks.c.taken_at <= now - IDLE)


def _require_workable(task: Task, by: str, now: datetime) -> None:
    if task.done_at is not None:
        raise TaskError(
            f"Task {task.number} is finished already.",
            code=ErrorCode.TASK_FINISHED,
            number=task.number,
            by=task.done_by,
        )
    holder = task.holder(now)
    if holder is not None and holder != by:
        raise TaskError(
            f"{holder} works on task {task.number}. Ask them, or wait until they give it back.",
            code=ErrorCode.TASK_HELD,
            number=task.number,
            by=holder,
        )


def check_note(note: str | None) -> None:
    """Raise ``TaskError`` for a telephone number in a note, which is kept longer than numbers."""
    if note and holds_telephone_number(note):
        raise TaskError(
            "The note holds what reads as a telephone number. Write it without: notes are kept.",
            code=ErrorCode.TASK_NOTE_HOLDS_NUMBER,
        )


def _check_outcome(number: int, kind: str, outcome: str) -> None:
    allowed = _OUTCOMES[kind]
    if outcome in allowed:
        return
    if outcome not in tuple(TaskOutcome):
        raise TaskError(
            f'"{outcome}" is no outcome of a task. Choose {" or ".join(allowed)}.',
            code=ErrorCode.TASK_OUTCOME_UNKNOWN,
            allowed=allowed,
        )
    raise TaskError(
        f'Task {number} ({kind}) cannot end with "{outcome}". Choose {" or ".join(allowed)}.',
        code=ErrorCode.TASK_OUTCOME_NOT_ALLOWED,
        number=number,
        allowed=allowed,
    )


def _write_down(
    connection: Connection,
    number: int,
    kind: str,
    by: str,
    outcome: str,
    now: datetime,
    note: str | None = None,
) -> None:
    detail = f"{kind} {outcome}" if not note else f"{kind} {outcome}: {note}"
    record_act(connection, by, "task finish", str(number), detail, now)

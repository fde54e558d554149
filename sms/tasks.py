"""What waits for a colleague: numbers to verify, replies to read, messages to find.

A number is stopped at once, but deleted from the records only after a colleague has checked, and
the debtor's case stays open: a letter can still reach them (CO-17).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, Update, func, select, update

from backend.db.message_tables import TaskKind, inbound_messages, outbox, tasks
from backend.db.tables import customers, debts
from backend.records.stops import StopReason, lift_stop, stop_number
from backend.staff.users import record_act, require_role
from common.errors import TaskError

Outcome = Literal["deleted", "released", "done"]

_OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    "verify_opt_out": ("deleted", "released", "done"),
    "verify_wrong_addressee": ("deleted", "released", "done"),
    "read_message": ("deleted", "done"),
    "many_messages": ("done",),
    "reply_budget": ("done",),
    "find_message": ("done",),
    "identification_locked": ("done",),
}
_STOP_OF: dict[str, StopReason] = {
    "verify_opt_out": "opted_out",
    "verify_wrong_addressee": "wrong_addressee",
    # A colleague has read that the person is the wrong one.
    "read_message": "wrong_addressee",
}
FINISHERS = ("sender", "approver", "admin")


@dataclass(frozen=True, slots=True)
class Task:
    """One task with what a colleague needs to see: the reply, and the message that it may be to.

    ``phone`` is in E.164, or what the carrier gave in place of a number, or empty. ``body`` is the
    first of its ``messages``. ``case_id`` and ``message_state`` are those of the row
    ``outbox_number``; ``subject`` is the site id or customer code that is locked.
    """

    number: int
    kind: TaskKind
    phone: str
    outbox_number: int | None
    message_sid: str | None
    opened_at: datetime
    done_at: datetime | None
    done_by: str | None
    outcome: Outcome | None
    body: str | None
    case_id: str | None
    message_state: str | None
    messages: int
    subject: str | None


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """A message that waits in a task. Its ``pictures`` are at the carrier, under its id."""

    message_sid: str
    received_at: datetime
    phone: str
    body: str
    pictures: int


_OF_THE_TASK = (
    select(func.count())
    .select_from(inbound_messages)
    .where(inbound_messages.c.task_number == tasks.c.number)
    .correlate(tasks)
    .scalar_subquery()
)
_FIRST = inbound_messages.alias()
_TASKS: Select[Any] = (
    select(
        tasks.c.number,
        tasks.c.kind,
        tasks.c.phone,
        tasks.c.outbox_number,
        tasks.c.message_sid,
        tasks.c.opened_at,
        tasks.c.done_at,
        tasks.c.done_by,
        tasks.c.outcome,
        _FIRST.c.body,
        outbox.c.case_id,
        outbox.c.state,
        _OF_THE_TASK,
        tasks.c.subject,
    )
    .outerjoin(_FIRST, _FIRST.c.message_sid == tasks.c.message_sid)
    .outerjoin(outbox, outbox.c.number == tasks.c.outbox_number)
    .order_by(tasks.c.number)
)


def list_tasks(
    connection: Connection,
    *,
    all: bool = False,  # noqa: A002 - reads as the command's --all
) -> list[Task]:
    """The open tasks, the oldest first; with ``all`` the finished ones as well."""
    wanted = _TASKS if all else _TASKS.where(tasks.c.done_at.is_(None))
    return [Task(*row) for row in connection.execute(wanted)]


def messages_of(connection: Connection, number: int) -> list[TaskMessage]:
    """The messages that a colleague reads in this task, the oldest first."""
    found = (
        select(
            inbound_messages.c.message_sid,
            inbound_messages.c.received_at,
            inbound_messages.c.phone,
            inbound_messages.c.body,
            inbound_messages.c.pictures,
        )
        .where(inbound_messages.c.task_number == number)
        .order_by(inbound_messages.c.received_at, inbound_messages.c.message_sid)
    )
    return [TaskMessage(*row) for row in connection.execute(found)]


def finish_task(
    connection: Connection, number: int, by: str, outcome: Outcome, now: datetime
) -> None:
    """Finish a task, once, and write it to the acts; a viewer may not.

    ``deleted`` takes the number out of the records and keeps it stopped, so that no import brings
    it back into a campaign; ``released`` lifts the stop: it was the right person after all.
    Raises ``TaskError`` and ``UserError``.
    """
    require_role(connection, by, *FINISHERS)
    task = connection.execute(_TASKS.where(tasks.c.number == number)).first()
    if task is None:
        raise TaskError(f"There is no task {number}. List the open ones.")
    _check_outcome(number, task.kind, outcome)
    finished = connection.execute(_finish(now, by, outcome).where(tasks.c.number == number))
    if finished.rowcount == 0:
        raise TaskError(f"Task {number} is finished already. List the open ones.")
    _write_down(connection, number, task.kind, by, outcome, now)
    if outcome == "deleted":
        stop_number(connection, task.phone, _STOP_OF[task.kind], "staff", now)
        for table in (debts, customers):
            connection.execute(update(table).where(table.c.phone == task.phone).values(phone=None))
    elif outcome == "released":
        lift_stop(connection, task.phone, _STOP_OF[task.kind])


def release_tasks(connection: Connection, phone: str, by: str, now: datetime) -> None:
    """End what is open to verify an opt-out: the person has taken it back."""
    released = connection.scalars(
        _finish(now, by, "released")
        .where(tasks.c.kind == "verify_opt_out", tasks.c.phone == phone)
        .returning(tasks.c.number)
    )
    for number in released.all():
        _write_down(connection, number, "verify_opt_out", by, "released", now)


def _finish(now: datetime, by: str, outcome: Outcome) -> Update:
    return (
        update(tasks)
        .where(tasks.c.done_at.is_(None))
        .values(done_at=now, done_by=by, outcome=outcome)
    )


def _check_outcome(number: int, kind: str, outcome: str) -> None:
    allowed = _OUTCOMES[kind]
    if outcome in allowed:
        return
    if outcome not in get_args(Outcome):
        raise TaskError(f'"{outcome}" is no outcome of a task. Choose {" or ".join(allowed)}.')
    raise TaskError(
        f'Task {number} ({kind}) cannot end with "{outcome}". Choose {" or ".join(allowed)}.'
    )


def _write_down(
    connection: Connection, number: int, kind: str, by: str, outcome: str, now: datetime
) -> None:
    record_act(connection, by, "task finish", str(number), f"{kind} {outcome}", now)

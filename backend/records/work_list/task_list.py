"""The tasks that wait for a colleague, as lists and one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from backend.db.tables.messages import campaigns, inbound_messages, outbox, tasks
from backend.interface.codes import NOT_COMING, TaskKind, TaskOutcome
from backend.records.work_list.tasks import last_message_to
from common.error_codes import ErrorCode
from common.errors import TaskError

PAGE = 50
IDLE = timedelta(minutes=30)
"""A task that its holder has left alone for so long is everybody's again."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task with what a colleague needs to see: the reply, and the message that it may be to.

    ``phone`` is in E.164, or what the carrier gave in place of a number, or empty. ``body`` is the
    first of its ``messages``. ``case_id`` and ``message_state`` are those of the row
    ``outbox_number``; ``subject`` is the site id or customer code that is locked. ``is_answered``
    is whether a colleague's reply has arrived or is on its way.
    """

    number: int
    kind: TaskKind
    phone: str
    outbox_number: int | None
    message_sid: str | None
    opened_at: datetime
    done_at: datetime | None
    done_by: str | None
    outcome: TaskOutcome | None
    body: str | None
    case_id: str | None
    message_state: str | None
    messages: int
    subject: str | None
    taken_by: str | None
    taken_at: datetime | None
    is_answered: bool

    def holder(self, now: datetime) -> str | None:
        """Who works on it now, if anybody does."""
        idle = self.taken_at is None or self.taken_at <= now - IDLE
        return None if idle or self.done_at is not None else self.taken_by


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """A message that waits in a task. Its ``pictures`` are at the carrier, under its id."""

    message_sid: str
    received_at: datetime
    phone: str
    body: str
    pictures: int


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The message of ours that a task is about; ``sent_at`` is ``None`` before it goes out."""

    campaign_id: str
    text: str
    state: str
    sent_at: datetime | None


_OF_THE_TASK = (
    select(func.count())
    .select_from(inbound_messages)
    .where(inbound_messages.c.task_number == tasks.c.number)
    .correlate(tasks)
    .scalar_subquery()
)
_FIRST, _REPLY = inbound_messages.alias(), outbox.alias()
_TASKS: Select[Any] = (
    select(
        tasks,
        _FIRST.c.body,
        outbox.c.case_id,
        outbox.c.state.label("message_state"),
        _OF_THE_TASK.label("messages"),
        exists()
        .where(
            campaigns.c.reply_to == tasks.c.number,
            _REPLY.c.campaign_id == campaigns.c.campaign_id,
            _REPLY.c.state.not_in(NOT_COMING),
        )
        .label("is_answered"),
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
    return [Task(**row) for row in connection.execute(wanted).mappings()]


def page_of_tasks(
    connection: Connection,
    *,
    done: bool = False,
    kind: str | None = None,
    taken_by: str | None = None,
    now: datetime | None = None,
    beyond: int | None = None,
    limit: int = PAGE,
) -> list[Task]:
    """A page of the open tasks, the oldest first, or of the finished ones, the newest first.

    With ``now``, what ``taken_by`` has left alone for ``IDLE`` is left out. ``beyond`` is the
    number of the last task of the page before.
    """
    wanted = _TASKS.where(tasks.c.done_at.is_not(None) if done else tasks.c.done_at.is_(None))
    if kind is not None:
        wanted = wanted.where(tasks.c.kind == kind)
    if taken_by is not None:
        wanted = wanted.where(tasks.c.taken_by == taken_by)
        if now is not None:
            wanted = wanted.where(tasks.c.taken_at > now - IDLE)
    if beyond is not None:
        wanted = wanted.where(tasks.c.number < beyond if done else tasks.c.number > beyond)
    order = tasks.c.number.desc() if done else tasks.c.number
    found = connection.execute(wanted.order_by(None).order_by(order).limit(limit))
    return [Task(**row) for row in found.mappings()]


def count_open_tasks(
    connection: Connection, *, since: int | None = None
) -> tuple[int, datetime | None]:
    """How many tasks are open, and since when the oldest; with ``since`` those behind that one."""
    found = select(func.count(), func.min(tasks.c.opened_at)).where(tasks.c.done_at.is_(None))
    if since is not None:
        found = found.where(tasks.c.number > since)
    number, oldest = connection.execute(found).one()
    return number, oldest


def count_held_tasks(connection: Connection, by: str, now: datetime) -> int:
    held = (tasks.c.done_at.is_(None), tasks.c.taken_by == by, tasks.c.taken_at > now - IDLE)
    return connection.scalar(select(func.count()).where(*held)) or 0


def newest_task(connection: Connection) -> int:
    """The number of the task that was opened last, 0 when there was none yet."""
    return connection.scalar(select(func.max(tasks.c.number))) or 0


def find_task(connection: Connection, number: int) -> Task:
    """The task of that number. Raises ``TaskError``."""
    row = connection.execute(_TASKS.where(tasks.c.number == number)).mappings().first()
    if row is None:
        raise TaskError(f"There is no task {number}.", code=ErrorCode.TASK_UNKNOWN, number=number)
    return Task(**row)


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


def sent_message_of(connection: Connection, task: Task) -> SentMessage | None:
    """The message that the task names, else the last one to its number, if there is one."""
    number = task.outbox_number
    if number is None and task.phone:
        number = last_message_to(connection, task.phone)
    if number is None:
        return None
    found = (
        select(outbox.c.campaign_id, campaigns.c.message, outbox.c.state, outbox.c.attempted_at)
        .join_from(outbox, campaigns, campaigns.c.campaign_id == outbox.c.campaign_id)
        .where(outbox.c.number == number)
    )
    row = connection.execute(found).first()
    return None if row is None else SentMessage(*row)

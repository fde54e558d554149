"""Replies to people who wrote: one text of the library to one number, from the task they wait in.

A reply is a campaign of its own with one row in the outbox, as a text that a caller asked for, so
that pre-send check, contact hours, rate limit and receipts are those of every message. It needs no
approval: the text is a service template that somebody else has written (four eyes), it holds
nothing of anybody, and it goes to the one person who has written to us.
"""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Connection, select

from backend.db.locks import lock_subjects
from backend.db.tables.messages import campaigns, outbox
from backend.interface.codes import NOT_COMING, MessageKind
from backend.records.suppression.stops import stopped_for
from backend.records.work_list.task_list import Task, messages_of
from backend.records.work_list.task_outcomes import FINISHERS, require_held
from backend.records.work_list.tasks import last_message_to
from backend.rules.contact_hours import ContactCalendar
from backend.staff.audit import record_act
from backend.staff.users import is_same_user, require_role
from common.error_codes import ErrorCode
from common.errors import TaskError
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import Draft, about_text, create_running_campaign
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.number_checks import why_not
from messages.campaigns.template_library import (
    StoredTemplate,
    find_template,
    list_templates,
    look_up_template,
)
from messages.content.desk_facts import DeskFacts, Slot
from messages.content.render import BRACES

REPLY = "reply"
"""The source of a campaign that replies to one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRules:
    """What a reply goes by: the facts that service messages name, and the policy of sending."""

    facts: DeskFacts
    policy: SendingPolicy
    calendar: ContactCalendar


@dataclass(frozen=True, slots=True)
class PreparedReply:
    """A reply as it would go out; ``begins`` is when, if that is not at once."""

    template: StoredTemplate
    message: str
    begins: datetime | None


@dataclass(frozen=True, slots=True)
class SentReply:
    """A reply and what has become of it: ``state``, ``reason`` and ``code`` of its outbox row."""

    campaign_id: str
    template: str
    message: str
    by: str
    at: datetime
    starts_at: datetime | None
    campaign_state: str
    state: str
    reason: str | None
    code: int | None
    settled_at: datetime | None


def reply_templates(connection: Connection, by: str) -> list[StoredTemplate]:
    """The newest texts that this user may reply with."""
    return [each for each in list_templates(connection) if _is_for_replies(each, by)]


def require_answerable(connection: Connection, task: Task, policy: SendingPolicy) -> None:
    """Raise ``TaskError`` when nobody can be answered in this task, or a stop forbids it."""
    if not task.phone or not messages_of(connection, task.number):
        raise TaskError(
            f"Nobody has written in task {task.number}, so there is nobody to reply to.",
            code=ErrorCode.REPLY_TO_NOBODY,
            number=task.number,
        )
    stop = stopped_for(connection, task.phone)
    if stop is not None:
        raise TaskError(
            f"The number of task {task.number} is stopped ({stop}): it gets no message.",
            code=ErrorCode.REPLY_TO_STOPPED_NUMBER,
            number=task.number,
            reason=str(stop),
        )
    unfit = why_not(task.phone, voip_allowed=policy.voip_allowed)
    if unfit is not None:
        raise TaskError(
            f"The number of task {task.number} gets no text messages: {unfit}.",
            code=ErrorCode.REPLY_TO_UNFIT_NUMBER,
            number=task.number,
            reason=str(unfit),
        )


def prepare_reply(
    connection: Connection, template: str, rules: ReplyRules, actor: Actor
) -> PreparedReply:
    """The reply that this user would send now; nothing is stored.

    Raises ``TaskError`` for a text that is not for this user's replies, ``RecordsError`` for one
    that there is not, ``TemplateRefusedError`` for one that breaks a rule by now, and
    ``CampaignError`` where no hour is permitted.
    """
    stored = look_up_template(connection, template)
    if not _is_for_replies(stored, actor.by):
        raise TaskError(
            f'"{template}" is no text for replies of {actor.by}: it must be a service template '
            "that a colleague has written and that leaves nothing open.",
            code=ErrorCode.REPLY_TEXT_UNFIT,
            name=template,
        )
    begins = rules.policy.next_permitted(actor.now, rules.calendar)
    message = Draft(stored.name, stored, rules.facts).message()
    return PreparedReply(stored, message, begins if begins > actor.now else None)


def send_reply(
    connection: Connection,
    number: int,
    template: str,
    version: int,
    rules: ReplyRules,
    actor: Actor,
    rng: Random,
) -> str:
    """Queue that version of a text for the person who wrote in a task; the campaign's id.

    The task must be this user's. Raises what ``require_answerable`` and ``prepare_reply`` do, and
    ``TaskError`` also for a text that has another version by now or is on its way already.
    """
    require_role(connection, actor.by, *FINISHERS)
    task = require_held(connection, number, actor.by, actor.now)
    lock_subjects(connection, task.phone)
    require_answerable(connection, task, rules.policy)
    reply = prepare_reply(connection, template, rules, actor)
    if reply.template.version != version:
        raise TaskError(
            f'"{template}" has a newer version. Read it before it goes out.',
            code=ErrorCode.REPLY_TEXT_CHANGED,
            name=template,
        )
    _require_new(connection, number, reply.message)
    return _queue(connection, task, reply, actor, rng)


def _queue(
    connection: Connection, task: Task, reply: PreparedReply, actor: Actor, rng: Random
) -> str:
    name, version = reply.template.name, reply.template.version
    # A shipped text is stored with the first campaign that uses it.
    stored = find_template(connection, name, version, now=actor.now)
    about = about_text(stored, reply.message) | {"source": REPLY, "reply_to": task.number}
    campaign_id = create_running_campaign(
        connection,
        about,
        [task.phone],
        actor,
        rng,
        customer_id=_customer_of(connection, task),
        starts_at=reply.begins,
    )
    record_act(connection, actor.by, "campaign create", campaign_id, name, actor.now)
    detail = f"{campaign_id} {name} version {version}"
    record_act(connection, actor.by, "task reply", str(task.number), detail, actor.now)
    return campaign_id


def replies_to(connection: Connection, number: int) -> list[SentReply]:
    """The replies of a task, the oldest first."""
    found = (
        select(
            campaigns.c.campaign_id,
            campaigns.c.template,
            campaigns.c.message,
            campaigns.c.created_by,
            campaigns.c.created_at,
            campaigns.c.starts_at,
            campaigns.c.state,
            outbox.c.state,
            outbox.c.reason,
            outbox.c.code,
            outbox.c.settled_at,
        )
        .join_from(campaigns, outbox, outbox.c.campaign_id == campaigns.c.campaign_id)
        .where(campaigns.c.reply_to == number)
        .order_by(campaigns.c.created_at, campaigns.c.campaign_id)
    )
    return [SentReply(*row) for row in connection.execute(found)]


def _is_for_replies(template: StoredTemplate, by: str) -> bool:
    leaves_open = {slot[1] for slot in BRACES.finditer(template.text)} - set(Slot)
    own = is_same_user(template.created_by, by)
    return template.kind is MessageKind.SERVICE and not leaves_open and not own


def _require_new(connection: Connection, number: int, message: str) -> None:
    coming = [each for each in replies_to(connection, number) if each.state not in NOT_COMING]
    for each in coming:
        if each.message == message:
            raise TaskError(
                f"{each.by} has sent this reply in task {number} already.",
                code=ErrorCode.REPLY_SENT_ALREADY,
                number=number,
                by=each.by,
            )


def _customer_of(connection: Connection, task: Task) -> str | None:
    """Whom the message was meant for that is answered here, as far as one can tell."""
    row = task.outbox_number or last_message_to(connection, task.phone)
    if row is None:
        return None
    meant_for = select(outbox.c.customer_id).where(outbox.c.number == row)
    return connection.execute(meant_for).scalar_one_or_none()

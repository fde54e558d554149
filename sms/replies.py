"""Replies: what a person writes back takes effect at once, and once (CO-17)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from backend.database import upserting
from backend.message_tables import inbound_messages
from backend.phone_numbers import NotAPhoneNumberError, to_e164
from backend.stops import StopReason, lift_stop, stop_number
from backend.tasks import TaskKind, last_message_to, open_task
from sms.answered import answered, note_answer, note_counted_answer
from sms.encoding import cost, soften
from sms.errors import TemplateRefusedError
from sms.keywords import Meaning, is_english_help, meaning, meaning_of_opt_out_type
from sms.reading_message import is_reading
from sms.readings import ReadingDesk
from sms.reasons import Reason
from sms.stops import stopped_for
from sms.tasks import release_tasks
from sms.templates.desk_facts import DeskFacts
from sms.templates.render import render
from sms.templates.safety import check_message
from sms.templates.shipped import shipped_templates

_ENGLISH_HELP = "help_en"
_TEMPLATES = {
    "opt_out": "opt_out_ack",
    "wrong_addressee": "wrong_addressee_ack",
    "help": "topics_help",
    _ENGLISH_HELP: "topics_help_en",
}
_STOPS: dict[Meaning, tuple[StopReason, TaskKind]] = {
    "opt_out": ("opted_out", "verify_opt_out"),
    "wrong_addressee": ("wrong_addressee", "verify_wrong_addressee"),
}
_TOLD_US = (Reason.OPTED_OUT, Reason.WRONG_ADDRESSEE)
_MAY_BE_TOPICS: tuple[Meaning, ...] = ("help", "other")
"""Everything else that a reply can mean comes before a topic of the same words."""

MOST_TOPIC_PARTS = 60
"""Parts of topics for a number within a day; what would be more is kept and not answered."""
MOST_REFUSED_READINGS = 10
"""Answers to a number within a day that only say what is wrong with a reading."""
_MOST_KEPT = 20
"""Signs of a reply that asks for a topic: a longer one says more than a number of the menu."""

_BY = "sms"
"""Who does what a reply does by itself, for the acts."""

MOST_HELP = 2
"""Calls for help that are answered within a day: one may have been in the wrong language."""

Acknowledgements = Mapping[str, str]
"""By the meaning of a reply; ``help_en`` is for who calls for help in English."""
Topics = Callable[[str], str | None]
"""From what was written to the topic's text as it goes out; ``None`` when it asks for none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An incoming message; ``opt_out_type`` is the carrier's reading, which it has answered."""

    message_sid: str
    from_: str
    body: str
    opt_out_type: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply was taken for, and what to answer, if anything."""

    meaning: Meaning
    acknowledgement: str | None


def acknowledgements(desk: DeskFacts) -> Acknowledgements:
    """What is answered to a stop, a wrong addressee and a call for help, alike for everybody.

    All are in soft form.

    Raises ``TemplateRefusedError`` when one of the texts may not be sent.
    """
    texts: dict[str, str] = {}
    for about, name in _TEMPLATES.items():
        template = shipped_templates()[name]
        text = soften(render(template.text, desk))
        findings = check_message(text, desk, kind=template.kind, lines=template.lines)
        if findings:
            broken = "; ".join(map(str, findings))
            raise TemplateRefusedError(
                f"The answer {name} may not be sent: {broken}. Correct the shipped text."
            )
        texts[about] = text
    return texts


def take_reply(
    connection: Connection,
    reply: Reply,
    texts: Acknowledgements,
    now: datetime,
    readings: ReadingDesk | None = None,
    topics: Topics | None = None,
) -> Understood | None:
    """Take in one reply; ``None`` when it was taken in before, and then nothing happens.

    Who asks to be left alone, or is the wrong person, is stopped for all campaigns in this
    transaction, and a colleague gets a task. That is acknowledged to a number once: not when it
    was stopped before, and not when the carrier has answered already. A meter reading is taken by
    ``readings``; what was written is not kept. Who asks for one of ``topics`` gets it, stopped or
    not, and no colleague is troubled; a call for help is answered twice a day, and a colleague
    reads it as well. ``MOST_TOPIC_PARTS`` and ``MOST_REFUSED_READINGS`` end in silence.
    """
    by_carrier = meaning_of_opt_out_type(reply.opt_out_type)
    understood = by_carrier or meaning(reply.body)
    phone = _e164(reply.from_)
    if by_carrier is None and phone and is_reading(reply.body):
        if readings is not None:
            return _take_reading(connection, reply, phone, readings, now)
    elif by_carrier is None and phone and topics is not None and understood in _MAY_BE_TOPICS:
        topic = topics(reply.body)
        if topic is not None:
            return _answer_topic(connection, reply, phone, topic, now)
    if not _keep(connection, reply, phone or reply.from_, understood, now):
        return None
    if phone is None:
        # A name or a short number: nothing to stop, but somebody may want something.
        open_task(connection, "read_message", reply.from_, now, message_sid=reply.message_sid)
        return Understood(understood, None)
    owed = _act(connection, reply.message_sid, phone, understood, now)
    if by_carrier is not None:
        return Understood(understood, None)
    if understood == "help":
        return _help(connection, reply, phone, texts, now) if topics else Understood("help", None)
    if not owed:
        return Understood(understood, None)
    note_answer(connection, reply.message_sid)
    return Understood(understood, texts[understood])


def _help(
    connection: Connection, reply: Reply, phone: str, texts: Acknowledgements, now: datetime
) -> Understood:
    if answered(connection, phone, "help", now).answers >= MOST_HELP:
        return Understood("help", None)
    text = texts[_ENGLISH_HELP if is_english_help(reply.body) else "help"]
    note_counted_answer(connection, reply.message_sid, text)
    return Understood("help", text)


def _take_reading(
    connection: Connection, reply: Reply, phone: str, readings: ReadingDesk, now: datetime
) -> Understood | None:
    if not _keep(connection, replace(reply, body=""), phone, "reading", now):
        return None
    answer = readings.take(connection, reply.body, reply.message_sid, phone, now)
    if not answer.only_refuses:
        note_answer(connection, reply.message_sid, body=answer.doubt)
    elif answered(connection, phone, "reading", now).answers >= MOST_REFUSED_READINGS:
        return Understood("reading", None)
    else:
        note_counted_answer(connection, reply.message_sid, answer.text)
    return Understood("reading", answer.text)


def _answer_topic(
    connection: Connection, reply: Reply, phone: str, topic: str, now: datetime
) -> Understood | None:
    kept = replace(reply, body=reply.body if len(reply.body) <= _MOST_KEPT else "")
    if not _keep(connection, kept, phone, "topic", now):
        return None
    parts = answered(connection, phone, "topic", now).parts + cost(topic).segments
    if parts > MOST_TOPIC_PARTS:
        return Understood("topic", None)
    note_counted_answer(connection, reply.message_sid, topic)
    return Understood("topic", topic)


def _act(
    connection: Connection, message_sid: str, phone: str, understood: Meaning, now: datetime
) -> bool:
    """Do what the reply asks for; whether it is the first from this number to ask for a stop."""
    kind: TaskKind = "read_message"
    first = False
    if understood in _STOPS:
        reason, kind = _STOPS[understood]
        told_before = stopped_for(connection, phone) in _TOLD_US
        first = stop_number(connection, phone, reason, "sms", now) and not told_before
    elif understood == "opt_in":
        lift_stop(connection, phone, "opted_out")
        release_tasks(connection, phone, _BY, now)
        if stopped_for(connection, phone) is None:
            return False
    open_task(
        connection,
        kind,
        phone,
        now,
        outbox_number=last_message_to(connection, phone),
        message_sid=message_sid,
    )
    return first


def _keep(
    connection: Connection, reply: Reply, phone: str, understood: Meaning, now: datetime
) -> bool:
    kept = (
        upserting(connection, inbound_messages)
        .values(
            message_sid=reply.message_sid,
            received_at=now,
            phone=phone,
            body=reply.body,
            meaning=understood,
            acknowledged=False,
        )
        .on_conflict_do_nothing()
        .returning(inbound_messages.c.message_sid)
    )
    return connection.execute(kept).first() is not None


def _e164(text: str) -> str | None:
    try:
        return to_e164(text)
    except NotAPhoneNumberError:
        return None

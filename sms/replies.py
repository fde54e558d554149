"""Incoming SMS: what a person writes back takes effect at once, and once (CO-17)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from backend.db.tables.messages import inbound_messages
from backend.db.transactions import upserting
from backend.interface.codes import ReplyMeaning, StopOrigin, StopReason, TaskKind
from backend.records.suppression.stops import lift_stop, stop_number, stopped_for
from backend.records.work_list.task_outcomes import release_tasks
from backend.records.work_list.tasks import VERIFIED_BY, last_message_to, open_task
from common.errors import TemplateRefusedError
from common.phone_numbers import NotAPhoneNumberError, to_e164
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import cost, soften
from messages.content.render import render
from messages.content.shipped import shipped_templates
from sms.answer_policy import AnswerPolicy
from sms.keywords import is_english_help, meaning, meaning_of_opt_out_type
from sms.reading_format import is_reading
from sms.reading_replies import ReadingReplies
from sms.reply_budget import spend
from sms.reply_quota import CountedReplies, lock_and_count_replies, note_answer, note_body

_ENGLISH_HELP = "help_en"
_TEMPLATES = {
    "opt_out": "opt_out_ack",
    "wrong_addressee": "wrong_addressee_ack",
    "help": "topics_help",
    _ENGLISH_HELP: "topics_help_en",
}
_STOPS: dict[ReplyMeaning, StopReason] = {
    ReplyMeaning.OPT_OUT: StopReason.OPTED_OUT,
    ReplyMeaning.WRONG_ADDRESSEE: StopReason.WRONG_ADDRESSEE,
}
_MAY_BE_TOPICS: tuple[ReplyMeaning, ...] = (ReplyMeaning.HELP, ReplyMeaning.OTHER)
"""Everything else that a reply can mean comes before a topic of the same words."""

MOST_TOPIC_PARTS = 60
"""Parts of topics for a number within a day; what would be more is kept and not answered."""
MOST_REFUSED_READINGS = 10
"""Answers to a number within a day that only say what is wrong with a reading."""
_MOST_KEPT = 20
"""Signs of a reply that asks for a topic: a longer one says more than a number of the menu."""

_BY = "sms"
"""Who does what a reply does by itself, for the acts."""

DEFAULT_POLICY = AnswerPolicy()

MOST_HELP = 2
"""Calls for help that are answered within a day: one may have been in the wrong language."""

Acknowledgements = Mapping[str, str]
"""By the meaning of a reply; ``help_en`` is for who calls for help in English."""
Topics = Callable[[str], str | None]
"""From what was written to the topic's text as it goes out; ``None`` when it asks for none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An incoming message; ``opt_out_type`` is the carrier's reading, which it has answered.

    ``to`` is our number that it was sent to; ``pictures`` came with it and stay at the carrier.
    """

    message_sid: str
    from_: str
    body: str
    opt_out_type: str | None = None
    to: str = ""
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply was taken for, and what to answer, if anything."""

    meaning: ReplyMeaning
    acknowledgement: str | None


def acknowledgements(desk: DeskFacts) -> Acknowledgements:
    """What is answered to a stop, a wrong addressee and a call for help, alike for everybody.

    All are in GSM-7 spelling.

    Raises ``TemplateRefusedError`` when one of the texts may not be sent.
    """
    texts: dict[str, str] = {}
    for about, name in _TEMPLATES.items():
        template = shipped_templates()[name]
        text = soften(render(template.text, desk))
        findings = check_message(text, desk, kind=template.kind, allowed_numbers=template.lines)
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
    readings: ReadingReplies | None = None,
    topics: Topics | None = None,
    policy: AnswerPolicy = DEFAULT_POLICY,
) -> Understood:
    """Take in one reply; a webhook that comes again changes nothing and gets the same answer.

    Who asks to be left alone, or is the wrong person, is stopped for all campaigns in this
    transaction, and a colleague gets a task. That is acknowledged to a number once: not when it
    was stopped before, and not when the carrier has answered already. A meter reading is taken by
    ``readings``; what was written is not kept. Who asks for one of ``topics`` gets it, stopped or
    not, and no colleague is troubled; a call for help is answered twice a day, and a colleague
    reads it as well. ``MOST_TOPIC_PARTS`` and ``MOST_REFUSED_READINGS`` end in silence, and so do
    ``policy``'s numbers and budget; a colleague then reads what was to be answered.
    """
    phone = _e164(reply.from_)
    desk = _ReplyDesk(connection, reply, phone, texts, now, policy)
    by_carrier = meaning_of_opt_out_type(reply.opt_out_type)
    understood = by_carrier or meaning(reply.body)
    if by_carrier is None and phone and is_reading(reply.body):
        if readings is not None:
            return desk.take_reading(readings)
    elif by_carrier is None and desk.is_answered and topics and understood in _MAY_BE_TOPICS:
        topic = topics(reply.body)
        if topic is not None:
            return desk.answer_topic(topic)
    if not desk.keep(understood):
        return desk.as_before()
    if phone is None:
        # A name or a short number: nothing to stop, but somebody may want something.
        desk.open_task(TaskKind.READ_MESSAGE)
        return Understood(understood, None)
    owed = _act(desk, phone, understood)
    if by_carrier is not None:
        return Understood(understood, None)
    if understood == "help":
        return desk.help() if topics else Understood(ReplyMeaning.HELP, None)
    return Understood(understood, desk.answer(texts[understood]) if owed else None)


@dataclass(frozen=True, slots=True)
class _ReplyDesk:
    """One reply in its transaction; ``phone`` is its sender in E.164, if it has a number."""

    connection: Connection
    reply: Reply
    phone: str | None
    texts: Acknowledgements
    now: datetime
    policy: AnswerPolicy

    @property
    def is_answered(self) -> bool:
        """Whether this sender gets answers at all."""
        phone = self.phone
        return phone is not None and self.policy.may_answer(phone, _e164(self.reply.to))

    def keep(self, understood: ReplyMeaning, body: str | None = None) -> bool:
        """Keep the reply; ``False`` when it has come before."""
        kept = (
            upserting(self.connection, inbound_messages)
            .values(
                message_sid=self.reply.message_sid,
                received_at=self.now,
                phone=self.phone or self.reply.from_,
                body=self.reply.body if body is None else body,
                meaning=understood,
                acknowledged=False,
                pictures=self.reply.pictures,
            )
            .on_conflict_do_nothing()
            .returning(inbound_messages.c.message_sid)
        )
        return self.connection.execute(kept).first() is not None

    def as_before(self) -> Understood:
        """What the same message was taken for, and answered with, when it came first."""
        first = select(inbound_messages.c.meaning, inbound_messages.c.answer).where(
            inbound_messages.c.message_sid == self.reply.message_sid
        )
        return Understood(*self.connection.execute(first).one())

    def answer(self, text: str, *, counted: bool = False, **values: object) -> str | None:
        """The answer, noted and paid for; ``None`` when this sender or the budget allows none."""
        parts = cost(text).segments
        if not self.is_answered or not self._pays(parts):
            return None
        values |= {"counted_parts": parts} if counted else {}
        note_answer(self.connection, self.reply.message_sid, text, **values)
        return text

    def _pays(self, parts: int) -> bool:
        return spend(self.connection, self.policy, self.phone or "", parts, self.now)

    def help(self) -> Understood:
        if self._answered(ReplyMeaning.HELP).answers >= MOST_HELP:
            return Understood(ReplyMeaning.HELP, None)
        text = self.texts[_ENGLISH_HELP if is_english_help(self.reply.body) else "help"]
        return Understood(ReplyMeaning.HELP, self.answer(text, counted=True))

    def take_reading(self, readings: ReadingReplies) -> Understood:
        if not self.keep(ReplyMeaning.READING, body=""):
            return self.as_before()
        phone, sid = self.phone or "", self.reply.message_sid
        answer = readings.take(self.connection, self.reply.body, sid, phone, self.now)
        if (
            answer.only_refuses
            and self._answered(ReplyMeaning.READING).answers >= MOST_REFUSED_READINGS
        ):
            return Understood(ReplyMeaning.READING, None)
        told = (
            self.answer(answer.text, counted=True)
            if answer.only_refuses
            else self.answer(answer.text, body=answer.doubt)
        )
        if told is None:
            # What cannot be confirmed in writing is read, and confirmed, by a person.
            note_body(self.connection, sid, self.reply.body)
            self.open_task(TaskKind.READ_MESSAGE)
        return Understood(ReplyMeaning.READING, told)

    def answer_topic(self, topic: str) -> Understood:
        body = self.reply.body
        if not self.keep(ReplyMeaning.TOPIC, body=body if len(body) <= _MOST_KEPT else ""):
            return self.as_before()
        parts = self._answered(ReplyMeaning.TOPIC).parts + cost(topic).segments
        told = self.answer(topic, counted=True) if parts <= MOST_TOPIC_PARTS else None
        return Understood(ReplyMeaning.TOPIC, told)

    def open_task(self, kind: TaskKind, outbox_number: int | None = None) -> None:
        open_task(
            self.connection,
            kind,
            self.phone or self.reply.from_,
            self.now,
            outbox_number=outbox_number,
            message_sid=self.reply.message_sid,
        )

    def _answered(self, understood: ReplyMeaning) -> CountedReplies:
        return lock_and_count_replies(self.connection, self.phone or "", understood, self.now)


def _act(desk: _ReplyDesk, phone: str, understood: ReplyMeaning) -> bool:
    """Do what the reply asks for; whether it is the first from this number to ask for a stop."""
    connection, now = desk.connection, desk.now
    kind = TaskKind.READ_MESSAGE
    first = False
    if understood in _STOPS:
        reason = _STOPS[understood]
        kind = VERIFIED_BY[reason]
        told_before = stopped_for(connection, phone) in VERIFIED_BY
        first = stop_number(connection, phone, reason, StopOrigin.SMS, now) and not told_before
    elif understood == "opt_in":
        lift_stop(connection, phone, StopReason.OPTED_OUT)
        release_tasks(connection, phone, _BY, now)
        if stopped_for(connection, phone) is None:
            return False
    desk.open_task(kind, last_message_to(connection, phone))
    return first


def _e164(text: str) -> str | None:
    try:
        return to_e164(text)
    except NotAPhoneNumberError:
        return None

"""Meter readings by SMS: the same rules as by telephone, and an answer that names nobody.

A message cannot ask back, so a doubt is answered with the sentence that says what to do: a value
far above the usual is taken when it comes a second time, a value below the last one is for people.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from backend.context import CallContext
from backend.db.recent import within
from backend.db.tables.messages import inbound_messages
from backend.interface.answers import Meter, Site, Window
from backend.interface.codes import Service
from backend.interface.commands import RecordReadings, RegisterReading
from backend.interface.queries import Identify
from backend.records.identification import identify
from backend.rules.plausibility import Verdict, judge
from backend.rules.registers import register_name
from backend.service import submit
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import soften
from messages.content.render import render, render_with_receipt
from messages.content.shipped import shipped_templates
from sms.reading_format import SINGLE, ReadingMessage, parse_reading
from sms.written_numbers import AmbiguousNumberError

CHANNEL = "sms"
SERVICE: Service = "electricity"
SECOND_TIME_WITHIN = timedelta(days=1)
"""How long a doubtful value is remembered, as a keyed hash."""

ContextOf = Callable[[str, str, datetime], CallContext]
"""Makes the context of a message from its id, the number that it came from, and the moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to write back. ``doubt`` is kept to know the same value again; it tells nothing.

    ``only_refuses``: it neither has a receipt nor waits for the same value to come again, so that
    it may be left out.
    """

    text: str
    doubt: str = ""
    only_refuses: bool = False


_FOR_PEOPLE = {Verdict.TOO_LOW, Verdict.TOO_LONG, Verdict.IMPOSSIBLE}
_FLAGS = {Verdict.TOO_HIGH: ("high",), Verdict.UNCHANGED: ("unchanged",)}


class ReadingReplies:
    """Takes readings that come by message. Raises ``TemplateError`` for unfit desk facts."""

    def __init__(self, facts: DeskFacts, context_of: ContextOf) -> None:
        self._facts = facts
        self._context_of = context_of

    def take(
        self, connection: Connection, body: str, message_sid: str, phone: str, now: datetime
    ) -> Answer:
        """Store the reading if everything is right; in the caller's one transaction.

        Which part was wrong is never told. Failures count for the number and the site as they do
        by telephone, so nobody can try ids by message.
        """
        try:
            given = parse_reading(body)
        except AmbiguousNumberError:
            return self._refuses("reading_ambiguous")
        if given is None:
            return self._refuses("reading_format")
        context = self._context_of(message_sid, phone, now)
        identity = Identify(given.site_id, given.serial, SERVICE)
        site = identify(connection, identity, context).site
        if site is None:
            return self._refuses("reading_refused")
        window = site.window
        if site.billing == "partial" or window is None:
            return self._refuses("reading_closed")
        meter = next((each for each in site.meters if each.has_serial(given.serial)), None)
        values = None if meter is None else _by_register(meter, given)
        if meter is None or values is None:
            return self._refuses("reading_refused")
        return self._judged(connection, context, site, meter, values, window)

    def _judged(
        self,
        connection: Connection,
        context: CallContext,
        site: Site,
        meter: Meter,
        values: Mapping[str, int],
        window: Window,
    ) -> Answer:
        verdicts = {
            register.register: judge(register, values[register.register], context.today)
            for register in meter.registers
        }
        if set(verdicts.values()) & _FOR_PEOPLE:
            return self._refuses("reading_doubtful")
        doubt = _doubt(context, site, meter, values)
        if Verdict.TOO_HIGH in verdicts.values() and not _came_before(connection, doubt, context):
            return Answer(self._text("reading_too_high"), doubt)
        readings = tuple(
            RegisterReading(name, values[name], _FLAGS.get(verdict, ()))
            for name, verdict in verdicts.items()
        )
        command = RecordReadings(
            site.site_id, site.customer_id, meter.serial, readings, context.today, window
        )
        receipts = submit(connection, command, context).receipts
        texts = [
            self._recorded(register_name(meter, register), receipt, values[register.register])
            for register, receipt in zip(meter.registers, receipts, strict=True)
        ]
        return Answer(soften(" ".join(texts)))

    def _recorded(self, name: str, receipt: str, value: int) -> str:
        template = shipped_templates()[f"reading_recorded_{name}"].text
        return render_with_receipt(template, self._facts, receipt, value)

    def _refuses(self, template: str) -> Answer:
        return Answer(self._text(template), only_refuses=True)

    def _text(self, template: str) -> str:
        return soften(render(shipped_templates()[template].text, self._facts))


def _by_register(meter: Meter, given: ReadingMessage) -> Mapping[str, int] | None:
    """The values by the meter's own registers; ``None`` when they do not fit it."""
    registers = [register.register for register in meter.registers]
    if len(registers) == 1 and SINGLE in given.values:
        return {registers[0]: given.values[SINGLE]}
    return given.values if set(registers) == set(given.values) else None


def _doubt(context: CallContext, site: Site, meter: Meter, values: Mapping[str, int]) -> str:
    told = f"{context.caller_key}:{site.site_id}:{meter.serial}:{sorted(values.items())}"
    return hmac.new(context.secret, told.encode(), hashlib.sha256).hexdigest()


def _came_before(connection: Connection, doubt: str, context: CallContext) -> bool:
    before = select(inbound_messages.c.message_sid).where(
        inbound_messages.c.body == doubt,
        inbound_messages.c.meaning == "reading",
        within(inbound_messages.c.received_at, context.now, SECOND_TIME_WITHIN),
    )
    return connection.execute(before.limit(1)).first() is not None

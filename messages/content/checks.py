"""Whether a text may be sent: checked when a template is saved and when a message is sent.

A reminder may hold nothing of its recipient and nothing of the debt, and must name the desk's
phone and e-mail address (CO-12, CO-13, CO-15). A service message is not about a debt: it keeps a
smaller set, in which figures of up to three digits (the keys of the menu) are free.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from backend.interface.codes import MessageKind
from messages.content.allowed_contacts import Cleared, clear_message, clear_template
from messages.content.desk_facts import DeskFacts, Slot
from messages.content.figures import amounts, dates, figures
from messages.content.findings import Finding, Rule
from messages.content.links import links
from messages.content.own_record import recipients_own
from messages.content.render import BRACES, RECEIPT, VALUE, printed_receipt
from messages.content.shipped import neutral_words
from messages.content.word_checks import card_words, debt_words, threats, urgency

_LONGEST_KEYS = 3
_PLACEHOLDER = re.compile(
    r"\{[^{}]*\}|[{}]|\[[^\]]*\]|<[^<>]*>|%\([^)]*\)[a-z]|%[sd](?![a-z])|\$[a-z_]+"
)
MOST_CHARACTERS = 1_600
"""The carrier takes no longer text (its error 21617)."""
_LONGEST_VALUE = "9" * 9
_MOST_JUDGED = 2 * MOST_CHARACTERS
"""Of a longer template only its length is told: what the rules cost grows with its square."""


def check_template(
    text: str,
    *,
    kind: MessageKind = MessageKind.DEBT,
    desk: DeskFacts | None = None,
    allowed_numbers: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Every rule that a template breaks, in the order of the text; none means it may be saved.

    With a ``desk`` its contacts may be spelled out instead of left as slots; ``allowed_numbers``
    are further numbers in E.164 that the template declares. Raises ``DeskFactsError`` for any
    other.
    """
    if len(text) > _MOST_JUDGED:
        return tuple(_length(text, len(text)))
    too_long = _length(text, _message_length(text, desk))
    cleared = clear_template(text, desk, allowed_numbers)
    findings = [*too_long, *_rules(cleared, kind)]
    if kind is MessageKind.DEBT:
        for slot in (f"{{{RECEIPT}}}", f"{{{VALUE}}}"):
            at = text.find(slot)
            findings += [_slot(cleared, at, at + len(slot))] if at >= 0 else []
    return _in_order(findings)


def check_message(
    rendered: str,
    desk: DeskFacts,
    recipient_tokens: Collection[str] = (),
    *,
    kind: MessageKind = MessageKind.DEBT,
    allowed_numbers: Collection[str] = (),
    receipt: str | None = None,
) -> tuple[Finding, ...]:
    """Every rule that a rendered message breaks; none means it may be sent to this recipient.

    ``allowed_numbers`` are numbers in E.164 that the text spells out, and of a published text its
    e-mail addresses and figures as they are printed, which ``check_template`` lets no one declare.
    ``recipient_tokens`` are the values of the recipient's record: name, address, ids, amounts.
    ``receipt`` is the number that a service message confirms; raises ``TemplateError`` when it is
    not eight digits.
    """
    if len(rendered) > MOST_CHARACTERS:
        return tuple(_length(rendered, len(rendered)))
    cleared, findings = _of_everybody(rendered, desk, kind, tuple(allowed_numbers), receipt)
    own = recipients_own(cleared, recipient_tokens, neutral_words())
    return _in_order([*findings, *own])


@lru_cache(maxsize=64)
def _of_everybody(
    rendered: str,
    desk: DeskFacts,
    kind: MessageKind,
    allowed_numbers: tuple[str, ...],
    receipt: str | None,
) -> tuple[Cleared, tuple[Finding, ...]]:
    """What the rules say of a text, whoever gets it: the same for a whole campaign."""
    numbers = [printed_receipt(receipt)] if receipt and kind is MessageKind.SERVICE else []
    cleared = clear_message(rendered, desk, allowed_numbers, numbers)
    return cleared, tuple(_rules(cleared, kind))


def _rules(cleared: Cleared, kind: MessageKind) -> Iterator[Finding]:
    yield from _slots(cleared)
    yield from amounts(cleared)
    yield from links(cleared)
    yield from card_words(cleared)
    yield from debt_words(cleared, kind)
    yield from threats(cleared)
    if kind is MessageKind.SERVICE:
        yield from figures(cleared, _LONGEST_KEYS + 1)
        return
    yield from figures(cleared, 1)
    yield from dates(cleared)
    yield from urgency(cleared)
    yield from _missing(cleared)


def _message_length(text: str, desk: DeskFacts | None) -> int:
    """The characters of the message that a template makes; without a desk, of the template."""
    facts = {} if desk is None else {slot.value: fact for slot, fact in desk.values().items()}
    facts |= {RECEIPT: printed_receipt("0" * 8), VALUE: _LONGEST_VALUE}
    return len(BRACES.sub(lambda match: facts.get(match[1] or "", match[0]), text))


def _length(text: str, characters: int) -> Iterator[Finding]:
    if characters > MOST_CHARACTERS:
        end = len(text)
        message = (
            f"the message has {characters:,} characters; the carrier takes {MOST_CHARACTERS:,}"
        )
        yield Finding(Rule.LENGTH, end, end, "", message, "Shorten it.")


def _slots(cleared: Cleared) -> Iterator[Finding]:
    return (_slot(cleared, *place) for place in cleared.places(_PLACEHOLDER))


def _slot(cleared: Cleared, start: int, end: int) -> Finding:
    listed = ", ".join(f"{{{slot}}}" for slot in Slot)
    hint = f"Use only {listed}."
    return cleared.finding(Rule.SLOT, start, end, "is not on the list of slots", hint)


def _missing(cleared: Cleared) -> Iterator[Finding]:
    end = len(cleared.original)
    if not cleared.names_phone:
        message = "the desk's phone with its area code is missing"
        hint = f"Add {{{Slot.DESK_PHONE}}}, or the number from +36 or 06 on."
        yield Finding(Rule.MISSING_PHONE, end, end, "", message, hint)
    if not cleared.names_email:
        message = "the desk's e-mail address is missing"
        yield Finding(Rule.MISSING_EMAIL, end, end, "", message, f"Add {{{Slot.DESK_EMAIL}}}.")


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    order = list(Rule)
    return tuple(sorted(set(findings), key=lambda f: (f.start, f.end, order.index(f.rule))))

"""A template becomes a message. No recipient is in reach, so nothing of one can be said (CO-12)."""

import re
from collections.abc import Mapping

from messages.content.desk_facts import DeskFacts

RECEIPT = "receipt"
"""The slot of a service message for the number of a request; it is drawn, not derived."""
VALUE = "value"
"""The slot for the reading that a message has given, in the answer to it: what they wrote."""

BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
"""A slot with its name in group 1, or a brace that opens or closes none."""


class TemplateError(ValueError):
    """A template cannot be rendered; names the slot or brace, its place and the hint."""


def render(template_text: str, desk: DeskFacts) -> str:
    """The message of a template, alike for everybody who gets it.

    Raises ``TemplateError`` for a slot that is not a desk's fact and for a brace on its own.
    """
    return _filled(template_text, {slot.value: value for slot, value in desk.values().items()})


def render_with_receipt(
    template_text: str, desk: DeskFacts, receipt: str, value: int | None = None
) -> str:
    """The message that confirms a request, with its receipt printed as ``4827-1936``.

    ``value`` is the reading in whole units that it repeats, if it does.

    Raises ``TemplateError`` as ``render`` does, and for a receipt that is not eight digits.
    """
    facts = {slot.value: value for slot, value in desk.values().items()}
    repeated = {} if value is None else {VALUE: str(value)}
    return _filled(template_text, {**facts, RECEIPT: printed_receipt(receipt), **repeated})


def printed_receipt(receipt: str) -> str:
    """A receipt in two groups; raises ``TemplateError`` when it is not eight digits."""
    if not re.fullmatch(r"[0-9]{8}", receipt):
        raise TemplateError("a receipt must be eight digits, as the ledger of requests gives it")
    return f"{receipt[:4]}-{receipt[4:]}"


def _filled(text: str, facts: Mapping[str, str]) -> str:
    def fact(match: re.Match[str]) -> str:
        value = facts.get(match[1] or "")
        if value is None:
            raise TemplateError(
                f"{match[0]} at character {match.start() + 1} is no slot; "
                f"use {', '.join(f'{{{name}}}' for name in facts)}, and no other braces"
            )
        return value

    return BRACES.sub(fact, text)

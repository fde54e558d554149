"""What keeps a published text from being sent, told to its author before a caller asks for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from messages.content.checks import MOST_CHARACTERS, check_message
from messages.content.desk_facts import EMAIL, DeskFacts, DeskFactsError
from messages.content.findings import Rule
from messages.content.gsm_encoding import cost, soft_saving
from messages.content.links import LINK_AS_PRINTED

_AS_FACT = "Write it into facts.yaml, and its name in braces here; or leave it out."
_ALONE = 160
"""How many characters of the GSM alphabet one part takes."""
_FIGURES = re.compile(r"\d(?:[ ./()-]?\d){3,}")
"""Four digits and more. Weekly hours, "8-20, 9-13", are free: an answer may tell them."""


@dataclass(frozen=True, slots=True)
class TextFlaw:
    """Why a text may not be sent ("unfit"), or what makes it dear ("long").

    ``message`` goes on from the text's name and has no full stop; ``hint`` is a sentence.
    """

    kind: Literal["unfit", "long"]
    message: str
    hint: str


@lru_cache(maxsize=1024)
def text_flaws(text: PublishedText, facts: DeskFacts | None) -> tuple[TextFlaw, ...]:
    """Every rule of service messages that the text breaks (CO-11, CO-12), and what it costs.

    ``text`` is as its author wrote it; it goes out in GSM-7 spelling. Without ``facts`` of a desk
    nothing can be sent, and only its length is looked at. A text is judged once, however often its
    line is published.
    """
    return tuple(_flaws(text, facts))


@lru_cache(maxsize=1024)
def answer_flaws(words: str, *, names_email: bool) -> tuple[TextFlaw, ...]:
    """What an answer of the menu by message may not hold: a link, or a figure that is no fact.

    Who reads it has asked for it, so it may speak of debts. ``words`` are those around its
    published facts; ``names_email`` lets e-mail addresses stand among them. An answer is judged
    once, however often its line is published.
    """
    return tuple(_answer_flaws(words, names_email=names_email))


def _answer_flaws(words: str, *, names_email: bool) -> Iterator[TextFlaw]:
    if names_email:
        words = EMAIL.sub("…", words)
    for match in LINK_AS_PRINTED.finditer(words):
        excerpt = match[0].rstrip(".,;:")
        message = f'holds "{excerpt}", a link or an address, and the menu by message sends it'
        yield TextFlaw("unfit", message, "Leave it out.")
    for match in _FIGURES.finditer(LINK_AS_PRINTED.sub("", words)):
        message = (
            f'holds "{match[0]}", which is no published fact, and the menu by message sends it'
        )
        yield TextFlaw("unfit", message, "Write it into facts.yaml, and its name in braces here.")


def _flaws(text: PublishedText, facts: DeskFacts | None) -> Iterator[TextFlaw]:
    if len(text.text) > MOST_CHARACTERS:
        message = f"has {len(text.text):,} characters, more than {MOST_CHARACTERS:,}"
        yield TextFlaw("unfit", message, "Shorten it.")
        return
    yield from _several_parts(text.text)
    if facts is not None:
        yield from _broken_rules(text, facts)


def _broken_rules(text: PublishedText, facts: DeskFacts) -> Iterator[TextFlaw]:
    soft = soft_saving(text.text).soft_text
    try:
        # In the author's letters, so that an excerpt is found in the file.
        found = [
            check_message(words, facts, kind=MessageKind.SERVICE, allowed_numbers=text.figures)
            for words in (text.text, soft)
        ]
    except DeskFactsError as error:
        yield TextFlaw("unfit", f"cannot be sent: {error}", "Correct it in facts.yaml.")
        return
    for finding in found[0] or found[1]:
        message = f"breaks the rule '{finding.rule}' of service messages: {finding.message}"
        is_figure = finding.rule is Rule.DIGITS
        yield TextFlaw("unfit", message, _AS_FACT if is_figure else finding.hint)


def _several_parts(words: str) -> Iterator[TextFlaw]:
    saving = soft_saving(words)
    if saving.soft.segments == 1:
        return
    message = f"goes out in {saving.soft.segments} parts"
    if saving.left:
        listed = " ".join(saving.left)
        message += f", because {listed} cannot be sent in the cheap alphabet"
        hint = f"Write it without {listed}: then {_ALONE} characters fit into one part."
        if cost("".join(sign for sign in saving.soft_text if sign not in saving.left)).segments > 1:
            hint += " Shorten it, too."
    else:
        message += f": it takes {saving.soft.units} characters of {_ALONE}"
        hint = f"Shorten it by {saving.soft.units - _ALONE}."
    yield TextFlaw("long", message, hint)

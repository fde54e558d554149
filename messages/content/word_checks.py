"""Finds the words that a message must not hold, through their disguises."""

import re
from collections.abc import Iterator
from functools import lru_cache

from backend.interface.codes import MessageKind
from messages.content.allowed_contacts import Cleared
from messages.content.findings import Finding, Rule
from messages.content.folding import disguised
from messages.content.forbidden_words import CARDS, DEBT, PAYMENT, THREAT, URGENCY, Words

REMINDER = DEBT | PAYMENT
_CAPITALS = re.compile(r"(?<![^\W\d_])[^\W\d_]{4,}(?![^\W\d_])")
_KEYWORDS = frozenset({"STOP", "TEVES", "TÉVES", "START"})
_SHOUTS = re.compile(r"!(?:\s*[!?])+|\?\s*!")


def debt_words(cleared: Cleared, kind: MessageKind) -> Iterator[Finding]:
    """Words that tell who else reads the phone that its owner owes something (CO-12, C.8).

    In a reminder any word of paying does; a service message may speak of a payment day.
    """
    words = REMINDER if kind is MessageKind.DEBT else DEBT
    return _found(cleared, words, Rule.STEM, "tells others of a debt", "Leave it to the call.")


def threats(cleared: Cleared) -> Iterator[Finding]:
    """Words that threaten; a collector was fined for them (C.3)."""
    return _found(cleared, THREAT, Rule.THREAT, "threatens", "Ask for a talk, name no consequence.")


def card_words(cleared: Cleared) -> Iterator[Finding]:
    """Asking for card data or showing a code to scan (C.8)."""
    return _found(cleared, CARDS, Rule.LINK, "asks for card data or a scan", "Leave it out.")


def urgency(cleared: Cleared) -> Iterator[Finding]:
    """Words of haste, deadlines, doubled exclamation marks and shouting capitals (C.3, C.8)."""
    hint = "Ask without haste; a deadline belongs into the letter."
    yield from _found(cleared, URGENCY, Rule.URGENCY, "presses", hint)
    marks = [match.span() for match in _SHOUTS.finditer(cleared.text)]
    marks += [
        match.span()
        for match in _CAPITALS.finditer(cleared.text)
        if match[0].isupper() and match[0] not in _KEYWORDS
    ]
    for place in marks:
        yield cleared.finding(Rule.URGENCY, *place, "shouts", "Write it without emphasis.")


def _found(cleared: Cleared, words: Words, rule: Rule, does: str, hint: str) -> Iterator[Finding]:
    for place in cleared.places(_pattern(words)):
        yield cleared.finding(rule, *place, does, hint)


@lru_cache
def _pattern(words: Words) -> re.Pattern[str]:
    before, after = r"(?<![a-z])", r"(?![a-z])"
    parts = [disguised(stem) for stem in words.stems]
    parts += [before + disguised(stem) for stem in words.beginnings]
    parts += [f"{before}{disguised(stem)}{after}" for stem in words.whole]
    return re.compile("|".join(parts))

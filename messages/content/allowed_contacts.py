"""Cuts what is allowed out of a text, before any rule looks at it.

The prescribed e-mail address holds a stem that is refused anywhere else, and the desk's phone is
the one run of figures that a reminder may hold (CO-13, CO-15).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from messages.content.desk_facts import EMAIL, DeskFacts, Slot, printed_desk_phone
from messages.content.findings import Finding, Rule
from messages.content.folding import CUT, Folded, fold, folded
from messages.content.render import BRACES, RECEIPT, VALUE

_BETWEEN_DIGITS = r"[ \u00a0/().-]{0,2}"
_E164 = re.compile(r"\+[0-9]+")
_FIGURE = re.compile(r"[A-Z]{0,2}[0-9](?:[ ./-]?[0-9]|[A-Z](?=[0-9]))*")
"""An account, a postcode or a supplier's identifier: nothing in which a word could hide."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A text without its allowed parts: characters in place, ``CUT`` where one was taken."""

    original: str
    text: str
    folded: Folded
    names_phone: bool
    names_email: bool

    def places(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """Where the pattern is in the folded text, as places in the original."""
        return (self.folded.place(*match.span()) for match in pattern.finditer(self.folded.text))

    def finding(self, rule: Rule, start: int, end: int, does: str, hint: str) -> Finding:
        """A finding that quotes the original from ``start`` to ``end``, and says what it does."""
        excerpt = self.original[start:end]
        return Finding(rule, start, end, excerpt, f'"{excerpt}" {does}', hint)


def clear_template(text: str, desk: DeskFacts | None, allowed_numbers: Collection[str]) -> Cleared:
    """Cuts out the slots on the list and, given a desk, its contacts where they are spelled out.

    Raises ``DeskFactsError`` for a line that is no telephone number: staff allow nothing else.
    """
    allowed = {*(slot.value for slot in Slot), RECEIPT, VALUE}
    slots = {match.span(): match[1] for match in BRACES.finditer(text) if match[1] in allowed}
    rest = _without(_uncut(text), slots)
    return _cleared(text, rest, desk, allowed_numbers, frozenset(slots.values()))


def clear_message(
    text: str, desk: DeskFacts, allowed_numbers: Collection[str], numbers: Collection[str]
) -> Cleared:
    """Cuts out the desk's contacts, and ``numbers`` as they are printed.

    Of ``allowed_numbers``, what is not E.164 is cut out as it is printed, too: e-mail addresses
    and figures such as a bank account. Any other entry allows nothing.
    """
    phones = [line for line in allowed_numbers if _E164.fullmatch(line)]
    others = set(allowed_numbers).difference(phones)
    rest = _uncut(text)
    for email in others:
        rest = _without(rest, _emails(rest, email) if EMAIL.fullmatch(email) else ())
    cleared = _cleared(text, rest, desk, phones, frozenset())
    figures = [*numbers, *(figure for figure in others if _FIGURE.fullmatch(figure))]
    # After the telephones, and the longest first: a short one may be part of another.
    rest = cleared.text
    for figure in sorted(figures, key=len, reverse=True):
        rest = _without(rest, [match.span() for match in _figures(figure).finditer(rest)])
    return replace(cleared, text=rest, folded=fold(rest))


def _cleared(
    original: str,
    rest: str,
    desk: DeskFacts | None,
    allowed_numbers: Collection[str],
    slots: frozenset[str | None],
) -> Cleared:
    emails = _emails(rest, desk.email) if desk else []
    rest = _without(rest, emails)
    phones = [
        span
        for line in (*([desk.phone] if desk else []), *allowed_numbers)
        for span in _phones(rest, line)
    ]
    rest = _without(rest, phones)
    for fact in (desk.company, desk.hours) if desk else ():
        rest = _without(rest, list(_facts(rest, fact)))
    return Cleared(
        original,
        rest,
        fold(rest),
        bool(phones) or Slot.DESK_PHONE in slots,
        bool(emails) or Slot.DESK_EMAIL in slots,
    )


def _uncut(text: str) -> str:
    """Nobody else may write the sign that hides what is allowed."""
    return text.replace(CUT, " ")


def _without(text: str, spans: Collection[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + CUT * (end - start) + text[end:]
    return text


def _emails(text: str, email: str) -> list[tuple[int, int]]:
    pattern = rf"(?<![\w.+@-]){re.escape(email)}(?![\w@/-]|\.\w)"
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def _phones(text: str, e164: str) -> Iterator[tuple[int, int]]:
    """A number counts with its area code only: +36, 0036 or 06 before it (CO-13)."""
    country, _, national = printed_desk_phone(e164).removeprefix("+").partition(" ")
    prefixes = [rf"\+{country}", f"00{country}", *(["06"] if country == "36" else [])]
    digits = _BETWEEN_DIGITS.join(re.sub(r"\D", "", national))
    pattern = rf"(?<![\w+])(?:{'|'.join(prefixes)}){_BETWEEN_DIGITS}{digits}(?!\w)"
    return (match.span() for match in re.finditer(pattern, text))


def _figures(number: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(number)}(?![\w-])")


def _facts(text: str, fact: str) -> Iterator[tuple[int, int]]:
    """A name of the desk in any of its spellings: accented, soft or ASCII."""
    if not fact:
        return
    seen = fold(text)
    for match in re.finditer(rf"(?<!\w){re.escape(folded(fact))}(?!\w)", seen.text):
        yield seen.place(*match.span())

"""The kinds of slot values that can be spoken, the forms each kind knows, and their bounds.

Every language speaks exactly these kinds and forms, so a prompt may be translated slot by slot.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Any

from menus.slots import (
    Count,
    Date,
    DateSpan,
    DayOfMonth,
    Digits,
    Hour,
    Hours,
    Key,
    Money,
    Number,
    OpenHours,
    Path,
    PhoneNumber,
    SlotValue,
    Verbatim,
)

LIMIT = 10**18
"""Numbers are spoken while they are nearer to zero than this."""


class SpeechError(ValueError):
    """A value or a form that cannot be spoken.

    The message names the kind of the value and what is known instead, and never the value
    itself, which may be a customer's number.
    """


@dataclass(frozen=True, slots=True)
class Kind:
    """What every language keeps to when it speaks one kind of slot value."""

    forms: frozenset[str]
    valid: Callable[[Any], bool]
    must_be: str


def _with_article(*forms: str) -> frozenset[str]:
    return frozenset(forms) | {f"the_{form}" if form else "the" for form in forms}


def _speakable_hours(hours: OpenHours) -> bool:
    ends = (hours.opens, hours.closes)
    on_the_minute = all(end == end.replace(second=0, microsecond=0) for end in ends)
    until_midnight = hours.closes == time(0)
    return on_the_minute and (until_midnight or hours.opens < hours.closes)


def _speakable_week(hours: Hours) -> bool:
    weekdays = [day for entry in hours.week for day in entry.weekdays]
    return (
        bool(weekdays)
        and all(day in range(7) for day in weekdays)
        and all(_speakable_hours(entry) for entry in hours.week)
    )


_PLAIN = frozenset({""})
_NUMBER_BOUNDS = f"a whole number nearer to zero than {LIMIT}"
_DAY_FORMS = _with_article("", "on", "from", "until")

KINDS: Mapping[type, Kind] = MappingProxyType(
    {
        Digits: Kind(
            _with_article(""),
            lambda value: re.fullmatch(r"[0-9]+", value.digits) is not None,
            "one or more of the digits 0-9",
        ),
        Number: Kind(
            _with_article("", "named"), lambda value: abs(value.value) < LIMIT, _NUMBER_BOUNDS
        ),
        Count: Kind(
            _with_article(""),
            lambda value: 0 <= value.value < LIMIT,
            f"a whole number from 0, below {LIMIT}",
        ),
        Money: Kind(_PLAIN, lambda value: abs(value.forints) < LIMIT, _NUMBER_BOUNDS),
        Date: Kind(_DAY_FORMS, lambda _: True, "a calendar day"),
        DateSpan: Kind(
            _PLAIN, lambda value: value.first <= value.last, "two calendar days in their order"
        ),
        Hour: Kind(
            frozenset({"from", "by"}), lambda value: 0 <= value.hour <= 23, "an hour from 0 to 23"
        ),
        DayOfMonth: Kind(_DAY_FORMS, lambda value: 1 <= value.day <= 31, "a day from 1 to 31"),
        Key: Kind(
            frozenset({"", "press", "short"}),
            lambda value: re.fullmatch(r"[0-9*#]", value.key) is not None,
            "one of the keys 0-9, * and #",
        ),
        Path: Kind(
            _with_article("", "menu"),
            lambda value: re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})*", value.path) is not None,
            "numbers of one or two digits with dots between them",
        ),
        PhoneNumber: Kind(
            _PLAIN,
            lambda value: re.fullmatch(r"\+[1-9][0-9]{1,14}", value.e164) is not None,
            "a number in E.164 form",
        ),
        Hours: Kind(
            _PLAIN,
            _speakable_week,
            "hours of at least one weekday (0-6), in whole minutes, closing after they open on the"
            " same day, or at 00:00 for midnight",
        ),
        Verbatim: Kind(_PLAIN, lambda _: True, "words"),
    }
)

Spelling = Mapping[type, Callable[[Any, str], str]]
"""For each kind the words of a valid value in one of the kind's forms, without the article."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One language's voice: its table of spellings and its way to prefix an article.

    ``language`` is the ISO 639-1 code, ``locale`` the BCP 47 tag under which carriers offer voices.
    """

    language: str
    locale: str
    spelling: Spelling
    article: Callable[[str], str]

    def speak(self, value: SlotValue, form: str = "") -> str:
        """The words of ``value``, without figures; PAUSE stands where the voice rests.

        Raises SpeechError for a form that the kind does not know, for a value out of bounds,
        and for Words, which only the phrasebook can resolve.
        """
        name = type(value).__name__
        kind = KINDS.get(type(value))
        if kind is None:
            raise SpeechError(f"{name} is not spoken by a speaker; the phrasebook resolves it")
        if form not in kind.forms:
            known = ", ".join(repr(known) for known in sorted(kind.forms))
            raise SpeechError(f"{name} has no form {form!r}; known: {known}")
        if not kind.valid(value):
            raise SpeechError(f"{name} cannot be spoken: it must be {kind.must_be}")
        if form != "the" and not form.startswith("the_"):
            return self.spelling[type(value)](value, form)
        bare_form = form.removeprefix("the").removeprefix("_")
        return self.article(self.spelling[type(value)](value, bare_form))

    def forms(self) -> Mapping[type, frozenset[str]]:
        """Each kind that can be spoken, with all its forms."""
        return {spoken: kind.forms for spoken, kind in KINDS.items()}

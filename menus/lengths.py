"""How long sentences take to say, reckoned before anybody says them."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from functools import lru_cache
from types import MappingProxyType

from menus.phrasebook import Part, Phrasebook, Slot
from menus.slots import (
    PAUSE,
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
from menus.speech import SpeechError, speaker

CHARACTERS_A_SECOND = 15
PAUSE_SECONDS = 0.4
"""As measured with espeak-ng at 175 words a minute: docs/decisions/0068-lengths.md."""

REFERENCE = "999999"
"""An identifier of a call that takes long to say in most languages."""

_REFERENCES = (Digits(REFERENCE), Digits("777777"))
_RECEIPTS = (Digits("99999999"), Digits("77777777"))
_READINGS = (Digits("999999"), Digits("777777"), Number(99_999))
_QUANTITIES = (Number(9_999), Number(7_777))
_PRICES = (Money(9_999), Money(7_777))
_SUMS = (Money(999_999), Money(777_777))
_DAYS = tuple(
    Date(date(2028, month, day), date(2027, 12, 1)) for month in range(1, 13) for day in (23, 29)
)
_WEEKS = (Hours((OpenHours((0, 1, 2, 3, 4), time(7, 30), time(17, 30)),)),)
_PLACES = (Verbatim("Budapest, tizenharmadik kerület, Váci út"),)

LONGEST: Mapping[str, tuple[SlotValue, ...]] = MappingProxyType(
    {
        "cable": _PRICES,
        "count": (Count(8), Count(9)),
        "date": _DAYS,
        "day": tuple(map(DayOfMonth, range(1, 28))),
        "free": (Number(99),),
        "free_cable": (Number(99),),
        "free_overhead": (Number(99),),
        "gross": _SUMS,
        "hour": (Hour(23), Hour(14)),
        "hours": _WEEKS,
        "key": tuple(map(Key, "123456")),
        "label": _PLACES,
        "least": _QUANTITIES,
        "most": _QUANTITIES,
        "net": _SUMS,
        "overhead": _PRICES,
        "path": (Path("3.3.3.3"), Path("6.6.6.6")),
        "period": (DateSpan(date(2028, 9, 23), date(2028, 12, 29), date(2027, 12, 1)),),
        "phone": (PhoneNumber("+36209999999"), PhoneNumber("+36207777777")),
        "place": _PLACES,
        "quantity": _QUANTITIES,
        "rate": _PRICES,
        "receipt": _RECEIPTS,
        "reference": _REFERENCES,
        "used": _QUANTITIES,
        "value": _READINGS,
    }
)
"""What fills each slot of the dialogue at its longest; the longest to say is what counts."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "kind": "receipt_lookup.kind.",
        "name": "meter_reading.name.",
        "nth": "ordinal.",
        "time": "callback.time.",
    }
)
"""Slots that are filled with one of several sentences, by how the ids of these begin."""

_UNKNOWN = "x" * 30
"""A slot of which nothing is known: a date, or a sum of money."""


def seconds(words: str) -> float:
    """About how long words take to say, with ``|`` for each rest."""
    pauses = words.count(PAUSE)
    return (len(words) - pauses) / CHARACTERS_A_SECOND + pauses * PAUSE_SECONDS


def prompt_seconds(book: Phrasebook, prompt: str) -> float:
    """About how long a prompt takes to say at its longest; 0 where nobody has written it."""
    return seconds(longest_words(book, prompt)) if prompt in book else 0.0


def longest_words(book: Phrasebook, prompt: str) -> str:
    """The words of a prompt, each slot filled with what takes longest to say."""
    return "".join(_longest_part(book, part) for part in book.parts(prompt))


def _longest_part(book: Phrasebook, part: Part) -> str:
    if not isinstance(part, Slot):
        return part
    if family := WORDS.get(part.name):
        ids = (prompt for prompt in book.ids if prompt.startswith(family))
        values: Iterable[SlotValue] = [Verbatim(longest_words(book, prompt)) for prompt in ids]
    else:
        values = LONGEST.get(part.name, ())
    spoken = [words for value in values if (words := _spoken(book.language, value, part.form))]
    return max(spoken, key=seconds, default=_UNKNOWN)


@lru_cache(maxsize=4096)
def _spoken(language: str, value: SlotValue, form: str) -> str:
    """The words of a value, which are the same in all sentences of all lines."""
    try:
        return speaker(language).speak(value, form)
    except SpeechError:
        # A form that another kind has: told by its own finding, or by the check of the slots.
        return ""

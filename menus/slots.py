"""What a sentence may hold besides words: values that each language speaks in its own way.

A prompt says ``{date:from}``; the dialogue hands over ``Date(...)``; the language's module in
``menus/speech/`` turns the two into words. Carriers' ``say-as`` is never used, because Hungarian
voices cannot be trusted with it.
"""

from dataclasses import dataclass
from datetime import date, time

PAUSE = "|"
"""Stands in spoken text where the voice rests; the edge turns it into a break."""


@dataclass(frozen=True, slots=True)
class Digits:
    """An identifier or meter reading, spoken digit by digit in groups."""

    digits: str


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number spoken as a number, standing alone or before a unit."""

    value: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something: the form that stands before a noun ("két mérő")."""

    value: int


@dataclass(frozen=True, slots=True)
class Money:
    """A whole amount of forints."""

    forints: int


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day; the year is spoken when it differs from ``today``'s year."""

    day: date
    today: date


@dataclass(frozen=True, slots=True)
class DateSpan:
    """From one calendar day until another, both included; as ``Date`` it knows ``today``."""

    first: date
    last: date
    today: date


@dataclass(frozen=True, slots=True)
class Hour:
    """A full hour of the day, 0 to 23; 0 is spoken as midnight."""

    hour: int


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """A day that comes every month, 1 to 31."""

    day: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the telephone: 0-9, ``*`` or ``#``."""

    key: str


@dataclass(frozen=True, slots=True)
class Path:
    """A published menu path such as 2.1.1.2."""

    path: str


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number in E.164, spoken in the groups in which it is printed."""

    e164: str


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The hours of one or more weekdays (Monday is 0)."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """A desk's weekly hours."""

    week: tuple[OpenHours, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Words that come from another prompt of the same language, by its id."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Words from the records or the configuration, spoken as they stand."""

    text: str


SlotValue = (
    Digits
    | Number
    | Count
    | Money
    | Date
    | DateSpan
    | Hour
    | DayOfMonth
    | Key
    | Path
    | PhoneNumber
    | Hours
    | Words
    | Verbatim
)


@dataclass(frozen=True, slots=True)
class Text:
    """One prompt with its slots filled: the unit in which the dialogue speaks."""

    prompt: str
    slots: tuple[tuple[str, SlotValue], ...] = ()

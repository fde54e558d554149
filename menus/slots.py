"""What a sentence may hold besides words: values that each language speaks in its own way.

A prompt says ``{date:from}``; the dialogue hands over ``Date(...)``; the language's module in
``menus/speech/`` turns the two into words. Carriers' ``say-as`` is never used, because Hungarian
voices cannot be trusted with it.
"""

from datetime import date, time

from msgspec import Struct

PAUSE = "|"
"""Stands in spoken text where the voice rests; the edge turns it into a break."""


class Digits(Struct, frozen=True):
    """An identifier or meter reading, spoken digit by digit in groups."""

    digits: str


class Number(Struct, frozen=True):
    """A whole number spoken as a number, standing alone or before a unit."""

    value: int


class Count(Struct, frozen=True):
    """How many of something: the form that stands before a noun ("két mérő")."""

    value: int


class Money(Struct, frozen=True):
    """A whole amount of forints."""

    forints: int


class Date(Struct, frozen=True):
    """A calendar day; the year is spoken when it differs from ``today``'s year."""

    day: date
    today: date


class DateSpan(Struct, frozen=True):
    """From one calendar day until another, both included; as ``Date`` it knows ``today``."""

    first: date
    last: date
    today: date


class Hour(Struct, frozen=True):
    """A full hour of the day, 0 to 23; 0 is spoken as midnight."""

    hour: int


class DayOfMonth(Struct, frozen=True):
    """A day that comes every month, 1 to 31."""

    day: int


class Key(Struct, frozen=True):
    """A key of the telephone: 0-9, ``*`` or ``#``."""

    key: str


class Path(Struct, frozen=True):
    """A published menu path such as 2.1.1.2."""

    path: str


class PhoneNumber(Struct, frozen=True):
    """A telephone number in E.164, spoken in the groups in which it is printed."""

    e164: str


class OpenHours(Struct, frozen=True):
    """The hours of one or more weekdays (Monday is 0)."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


class Hours(Struct, frozen=True):
    """A desk's weekly hours."""

    week: tuple[OpenHours, ...]


class Words(Struct, frozen=True):
    """Words that come from another prompt of the same language, by its id."""

    prompt: str


class Verbatim(Struct, frozen=True):
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


class Text(Struct, frozen=True):
    """One prompt with its slots filled: the unit in which the dialogue speaks."""

    prompt: str
    slots: tuple[tuple[str, SlotValue], ...] = ()

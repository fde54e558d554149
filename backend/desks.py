"""Desks and calendar from their files, ``desks.yaml`` and ``calendar.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from backend.interface.codes import MessageKind
from backend.rules import desk_hours
from backend.rules.desk_hours import Calendar, Desk, Reachability, WeekdayHours
from common.errors import ConfigurationError
from common.phone_numbers import is_e164
from common.yaml_sections import Section

if TYPE_CHECKING:
    from holidays import HolidayBase

_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRIDAY = _WEEKDAY_NAMES.index("friday")


@dataclass(frozen=True, slots=True)
class Messages:
    """Who signs a message, and the desk that it names by its kind, ``debt`` or ``service``."""

    company: str
    desks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desks:
    """The desks by name. ``messages`` is ``None`` for a utility that sends none."""

    desks: Mapping[str, Desk]
    messages: Messages | None = None
    file: Path = Path("desks.yaml")

    def find(self, name: str) -> Desk:
        """The desk of that name; ``ConfigurationError`` when ``desks.yaml`` has none."""
        if name not in self.desks:
            raise ConfigurationError(
                f'There is no desk "{name}". Write it into desks.yaml, or name one of '
                f"{', '.join(self.desks)}."
            )
        return self.desks[name]

    def is_open(self, name: str, calendar: Calendar, moment: datetime) -> bool:
        """Whether the desk of that name answers at that moment."""
        return desk_hours.is_open(self.find(name), calendar, moment)


@dataclass(frozen=True, slots=True)
class DatedDay:
    """A day that is not as the public calendar has it, with where that is written."""

    weekday: int | None
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Moratorium:
    """Days, both included, on which the utility has agreed to remind nobody."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True, slots=True)
class HungarianCalendar:
    """The public holidays and moved working days of Hungary, overlaid by dated entries.

    A moved working day is worked like the Friday that it nearly always stands for; an entry's
    ``like`` says otherwise.
    """

    days: Mapping[date, DatedDay] = field(default_factory=dict)
    moratoria: tuple[Moratorium, ...] = ()

    def moratorium(self, day: date) -> str | None:
        """Why nobody may be reminded of a debt on this day, or ``None``."""
        found = (each.reason for each in self.moratoria if each.first <= day <= each.last)
        return next(found, None)

    def weekday(self, day: date) -> int | None:
        """The weekday (Monday is 0) whose hours hold; ``None`` on a holiday."""
        if day in self.days:
            return self.days[day].weekday
        rest, moved = _public_calendar(day.year)
        if day in rest:
            return None
        return _FRIDAY if day in moved else day.weekday()


def load_desks(path: Path) -> Desks:
    """Read and check ``desks.yaml``; ``ConfigurationError`` names the place, value and hint.

    At least the desk under ``reachable`` must keep the law's minimum of hours.
    """
    document = Section.load(path).only("desks", "reachable", "messages")
    entries = document.section("desks")
    named = {name: _desk(entries.section(name), name) for name in entries}
    messages = _messages(document.section("messages"), named) if "messages" in document else None
    desks = Desks(named, messages, path)
    reachable = document.section("reachable").only("desk", "hours", "between")
    rule = _reachability(reachable)
    name = reachable.text("desk")
    if name not in desks.desks:
        raise reachable.wrong("desk", name, f"is no desk. Name one of {', '.join(desks.desks)}.")
    if not desk_hours.is_reachable_enough(desks.desks[name], rule):
        raise entries.section(name).wrong(
            "hours",
            name,
            f"is on no weekday open for {rule.hours} hours without a break between "
            f"{rule.earliest:%H:%M} and {rule.latest:%H:%M}, which the law asks of a public "
            "utility. Lengthen one weekday, for example mon 08:00-20:00.",
        )
    return desks


def load_calendar(path: Path) -> HungarianCalendar:
    """Read and check ``calendar.yaml``; ``ConfigurationError`` names the place, value and hint."""
    document = Section.load(path).only("days", "moratoria")
    days: dict[date, DatedDay] = {}
    for entry in document.sections("days"):
        entry.only("date", "open", "like", "reason", "source")
        day = entry.date("date")
        if day in days:
            raise entry.wrong("date", day.isoformat(), "is there twice. Keep one of them.")
        days[day] = DatedDay(_worked_like(entry, day), entry.text("reason"), entry.text("source"))
    entries = document.sections("moratoria") if "moratoria" in document else ()
    return HungarianCalendar(days, tuple(_moratorium(entry) for entry in entries))


@lru_cache(maxsize=1)
def _hungary() -> type[HolidayBase]:
    """The public calendar of Hungary, from its file.

    Imported by its name, the package loads those of all countries: a tenth of a service's start.
    Loaded where a day is asked about: a command that only reads desks need not wait for it.
    """
    import holidays

    file = Path(holidays.__file__).with_name("countries") / "hungary.py"
    spec = spec_from_file_location("holidays_of_hungary", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be loaded")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: type[HolidayBase] = module.Hungary
    return calendar


@lru_cache(maxsize=16)
def _public_calendar(year: int) -> tuple[frozenset[date], frozenset[date]]:
    calendar = _hungary()(years=year)
    return frozenset(calendar.keys()), frozenset(calendar.weekend_workdays)


_HOLIDAYS = {
    "New Year's Day": "new_year",
    "National Day": "national_day",
    "Good Friday": "good_friday",
    "Easter": "easter",
    "Easter Monday": "easter_monday",
    "Labor Day": "labour_day",
    "Pentecost": "whit_sunday",
    "Pentecost Monday": "whit_monday",
    "State Foundation Day": "state_foundation_day",
    "All Saints' Day": "all_saints",
    "Christmas Eve": "christmas_eve",
    "Christmas Day": "christmas",
    "Second Day of Christmas": "christmas",
}
"""The calendar's English names of Hungary's public holidays, as names of prompts."""

CLOSED_DAYS = frozenset(_HOLIDAYS.values()) | {"rest_day", "closure"}
"""Every reason for which a desk may be closed on a day on which its hours would let it answer."""


def public_holiday(day: date) -> str:
    """The name of the public holiday on that day, "rest_day" for another day off, "" for none.

    The names are those of the prompts ``closed_day.<name>``.
    """
    return _holiday_names(day.year).get(day, "")


@lru_cache(maxsize=16)
def _holiday_names(year: int) -> dict[date, str]:
    named = _hungary()(years=year, language="en_US")
    return {day: _HOLIDAYS.get(name, "rest_day") for day, name in named.items()}


def _desk(entry: Section, name: str) -> Desk:
    entry.only("number", "hours", "email", "lines", "called")
    email = entry.text("email") if "email" in entry else None
    lines = entry.texts("lines") if "lines" in entry else []
    called = entry.section("called") if "called" in entry else None
    return Desk(
        name,
        _number(entry, "number", entry.text("number")),
        _hours(entry),
        email,
        tuple(_number(entry, "lines", line) for line in lines),
        () if called is None else tuple((each, called.text(each)) for each in called),
    )


def _number(entry: Section, key: str, number: str) -> str:
    if not is_e164(number):
        raise entry.wrong(
            key,
            number,
            'is not a number with country code. Write it like "+3612383838", in quotes.',
        )
    return number


def _messages(entry: Section, desks: Mapping[str, Desk]) -> Messages:
    entry.only("company", *MessageKind)
    chosen: dict[str, str] = {kind: entry.text(kind) for kind in MessageKind if kind in entry}
    for kind, name in chosen.items():
        if name not in desks:
            raise entry.wrong(kind, name, f"is no desk. Name one of {', '.join(desks)}.")
    return Messages(entry.text("company"), chosen)


def _hours(entry: Section) -> tuple[WeekdayHours, ...]:
    spans = []
    for text in entry.texts("hours"):
        try:
            spans.append(desk_hours.parse_hours(text))
        except ValueError as error:
            raise ConfigurationError(f"{entry.place('hours')}: {error}") from error
    twice = desk_hours.overlapping(spans)
    if twice is not None:
        raise entry.wrong(
            "hours", desk_hours.WEEKDAYS[twice], "has hours that overlap. Join them into one span."
        )
    return tuple(spans)


def _reachability(entry: Section) -> Reachability:
    hours = entry.text("hours")
    if not hours.isdecimal():
        raise entry.wrong("hours", hours, "is not a whole number of hours. Write 12.")
    earliest, _, latest = entry.text("between").partition("-")
    try:
        return Reachability(
            int(hours), desk_hours.parse_clock(earliest), desk_hours.parse_clock(latest)
        )
    except ValueError as error:
        raise ConfigurationError(f"{entry.place('between')}: {error}") from error


def _moratorium(entry: Section) -> Moratorium:
    entry.only("from", "to", "reason")
    first, last = entry.date("from"), entry.date("to")
    if last < first:
        raise entry.wrong("to", last.isoformat(), 'is before "from". Correct one of the two.')
    return Moratorium(first, last, entry.text("reason"))


def _worked_like(entry: Section, day: date) -> int | None:
    is_open = entry.text("open")
    if is_open not in {"yes", "no"}:
        raise entry.wrong("open", is_open, 'is neither "yes" nor "no".')
    if is_open == "no":
        return None
    if "like" not in entry:
        return min(day.weekday(), _FRIDAY)
    like = entry.text("like").lower()
    if like not in _WEEKDAY_NAMES:
        raise entry.wrong("like", like, 'is not a weekday. Write it like "friday".')
    return _WEEKDAY_NAMES.index(like)

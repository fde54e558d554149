"""When a desk answers: its weekly hours, and the calendar of holidays and moved working days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Protocol

from common.timezone import in_budapest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WeekdayHours:
    """The hours of one or more weekdays (Monday is 0); a call at ``closes`` comes too late."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Desk:
    """People who answer: the number (E.164) to which callers are put through, and their hours.

    ``lines`` are further numbers (E.164) of the same people, and ``email`` is where they read;
    messages name them. ``called`` is what staff call the desk, by language.
    """

    name: str
    number: str
    hours: tuple[WeekdayHours, ...]
    email: str | None = None
    lines: tuple[str, ...] = ()
    called: tuple[tuple[str, str], ...] = ()

    def title(self, language: str) -> str:
        """What staff call the desk in that language, else its name in the files."""
        return dict(self.called).get(language, self.name)


class Calendar(Protocol):
    """Which weekday's hours hold on a date."""

    def weekday(self, day: date) -> int | None:
        """The weekday (Monday is 0) that this date is worked like; ``None`` on a holiday."""


@dataclass(frozen=True, slots=True)
class Reachability:
    """What the consumer protection act (1997/CLV, 17/B) wants of a utility's telephone service.

    On at least one weekday it must be reachable for ``hours`` hours without a break between
    ``earliest`` and ``latest``.
    """

    hours: int = 12
    earliest: time = time(7)
    latest: time = time(21)


def is_open(desk: Desk, calendar: Calendar, moment: datetime) -> bool:
    """Whether the desk answers at that moment, judged by the clock and calendar of Budapest.

    A moment without a time zone raises ``ValueError``.
    """
    local = in_budapest(moment)
    weekday = calendar.weekday(local.date())
    if weekday is None:
        return False
    clock = local.time()
    return any(
        weekday in hours.weekdays and hours.opens <= clock < hours.closes for hours in desk.hours
    )


def is_reachable_enough(desk: Desk, rule: Reachability) -> bool:
    """Whether the desk's weekly hours satisfy the law's minimum on at least one weekday."""
    return any(
        _minutes(closes) - _minutes(opens) >= rule.hours * 60
        for weekday in range(len(WEEKDAYS))
        for opens, closes in _unbroken(desk, weekday, rule)
    )


def overlapping(hours: Iterable[WeekdayHours]) -> int | None:
    """The first weekday on which two of these spans overlap, or ``None``."""
    spans = list(hours)
    for weekday in range(len(WEEKDAYS)):
        of_day = sorted((span.opens, span.closes) for span in spans if weekday in span.weekdays)
        if any(later[0] < earlier[1] for earlier, later in pairwise(of_day)):
            return weekday
    return None


def parse_hours(text: str) -> WeekdayHours:
    """Read ``mon-fri 08:00-20:00`` or ``mon,thu 08:00-16:00``; ``ValueError`` says what is wrong.

    Hours end on the day on which they begin.
    """
    days, _, span = text.strip().partition(" ")
    opens, dash, closes = span.strip().partition("-")
    if not dash:
        raise ValueError(f'"{text}" is not a span of hours. Write it like "mon-fri 08:00-20:00".')
    result = WeekdayHours(_parse_weekdays(days), parse_clock(opens), parse_clock(closes))
    if result.opens >= result.closes:
        raise ValueError(f'"{text}" closes before it opens. Write the earlier time first.')
    return result


def parse_clock(text: str) -> time:
    """Read a time of day such as ``08:00``; ``ValueError`` says how to write it."""
    hour, colon, minute = text.strip().partition(":")
    if colon and len(minute) == 2 and hour.isdecimal() and minute.isdecimal():
        try:
            return time(int(hour), int(minute))
        except ValueError:
            pass
    raise ValueError(f'"{text.strip()}" is not a time of day. Write it from 00:00 to 23:59.')


def _parse_weekdays(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        start, end = _parse_weekday(first), _parse_weekday(last or first)
        if start > end:
            raise ValueError(f'"{part}" runs backwards. Write the earlier weekday first.')
        days.update(range(start, end + 1))
    return tuple(sorted(days))


def _parse_weekday(text: str) -> int:
    if text in WEEKDAYS:
        return WEEKDAYS.index(text)
    raise ValueError(f'"{text}" is not a weekday. Write one of {", ".join(WEEKDAYS)}.')


def _unbroken(desk: Desk, weekday: int, rule: Reachability) -> list[tuple[time, time]]:
    joined: list[tuple[time, time]] = []
    spans = (span for span in desk.hours if weekday in span.weekdays)
    for opens, closes in sorted((span.opens, span.closes) for span in spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return [(max(opens, rule.earliest), min(closes, rule.latest)) for opens, closes in joined]


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute

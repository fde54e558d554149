"""Weekly hours put in the order in which they are told, alike in every language."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from menus.slots import Hours

MIDNIGHT = 24 * 60
"""The end of a day, in minutes from its beginning."""


@dataclass(frozen=True, slots=True)
class Span:
    """An open stretch of a day, in minutes from its beginning; at most to MIDNIGHT."""

    opens: int
    closes: int


ALL_DAY = (Span(0, MIDNIGHT),)


@dataclass(frozen=True, slots=True)
class SharedHours:
    """Weekdays (Monday is 0, ascending) that have the very same spans (ascending, apart)."""

    weekdays: tuple[int, ...]
    spans: tuple[Span, ...]


def told_week(hours: Hours) -> tuple[SharedHours, ...]:
    """The week with days of equal hours put together, told by the earliest day of each.

    Spans of one day that touch or overlap are told as one. A closing time of 00:00 is the
    midnight that ends the day.
    """
    spans: dict[int, list[Span]] = {}
    for entry in hours.week:
        opens = entry.opens.hour * 60 + entry.opens.minute
        closes = entry.closes.hour * 60 + entry.closes.minute or MIDNIGHT
        for weekday in entry.weekdays:
            spans.setdefault(weekday, []).append(Span(opens, closes))
    shared: dict[tuple[Span, ...], list[int]] = {}
    for weekday in sorted(spans):
        shared.setdefault(_apart(spans[weekday]), []).append(weekday)
    return tuple(SharedHours(tuple(weekdays), open_) for open_, weekdays in shared.items())


def _apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: span.opens):
        if apart and span.opens <= apart[-1].closes:
            apart[-1] = Span(apart[-1].opens, max(apart[-1].closes, span.closes))
        else:
            apart.append(span)
    return tuple(apart)


def day_runs(weekdays: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Ascending weekdays as (first, last) of each run; a lone day is its own first and last.

    Two neighbours stay two lone days: naming both is shorter than saying from and to.
    """
    runs: list[list[int]] = []
    for weekday in weekdays:
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    told: list[tuple[int, int]] = []
    for run in runs:
        told.extend([(run[0], run[-1])] if len(run) > 2 else [(day, day) for day in run])
    return tuple(told)


def listed(words: Sequence[str], conjunction: str) -> str:
    """``a, b és c``: commas, and the conjunction before the last."""
    *earlier, last = words
    return f"{', '.join(earlier)} {conjunction} {last}" if earlier else last


def week_words(
    hours: Hours,
    days: Callable[[tuple[int, ...]], str],
    open_: Callable[[tuple[Span, ...], int], str],
    conjunction: str,
) -> str:
    """The week in words: ``days`` names the weekdays, ``open_`` the spans of so many of them."""
    *earlier, last = (
        days(shared.weekdays) + open_(shared.spans, len(shared.weekdays))
        for shared in told_week(hours)
    )
    return ", ".join([*earlier, f"{conjunction} {last}"]) if earlier else last

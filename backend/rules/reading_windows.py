"""Reading windows: when a site may report its meters (rule MR-02)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from backend.interface.answers import Window

_DAY = timedelta(days=1)


def reading_periods(own: Iterable[Window], extra: Iterable[Window]) -> tuple[Window, ...]:
    """The windows as periods of which no two share a day, oldest first.

    A day of one of the site's own windows belongs to that window; what an extraordinary window has
    besides is a period of its own on each side. Of two extraordinary ones the earlier goes first.
    """
    periods: list[Window] = sorted(own, key=_span)
    for window in sorted(extra, key=_span):
        free = [window]
        for taken in periods:
            free = [piece for part in free for piece in _without(part, taken)]
        periods += free
    return tuple(sorted(periods, key=_span))


def open_on(windows: Iterable[Window], day: date) -> Window | None:
    """The window in which that day lies; its first and its last day belong to it."""
    return next((window for window in windows if window.opens <= day <= window.closes), None)


def next_after(windows: Iterable[Window], day: date) -> Window | None:
    """The first window that opens after that day, to be read out when none is open."""
    coming = [window for window in windows if window.opens > day]
    return min(coming, key=lambda window: window.opens, default=None)


def month_of(day: date) -> Window:
    """The calendar month of that day: the window where the utility has set none."""
    _, last = monthrange(day.year, day.month)
    return Window(day.replace(day=1), day.replace(day=last))


def _span(window: Window) -> tuple[date, date]:
    return window.opens, window.closes


def _without(window: Window, taken: Window) -> list[Window]:
    if taken.closes < window.opens or window.closes < taken.opens:
        return [window]
    before = Window(window.opens, min(window.closes, taken.opens - _DAY))
    after = Window(max(window.opens, taken.closes + _DAY), window.closes)
    return [piece for piece in (before, after) if piece.opens <= piece.closes]

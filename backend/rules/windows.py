"""Reading windows: when a site may report its meters (rule MR-02)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from backend.desk import Window


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

"""The carrier's time, so that nothing about its messages is proved by our own clock.

Our clock may be wrong, may jump, and differs from machine to machine. The ``Date`` of an answer
(RFC 9110, 6.6.1) is the carrier's own, as ``date_created`` of its messages is; between two answers
it is carried on by a counter that nobody sets.

A ``Date`` holds whole seconds, and its answer may have been long on its way: it counts from when it
was asked for. So what is told here is behind by less than a second, whatever held the answer up,
and for how long a request has been over is overrated by no more.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

_RESOLUTION = timedelta(seconds=1)
"""A ``Date`` holds whole seconds, cut off."""


def seconds_since_boot() -> float:
    """Seconds that pass, whatever the clock is set to; where the system can tell, also asleep."""
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class CarrierClock:
    """What time it is at the carrier. Safe to use from several threads.

    Behind by less than a second; ahead by what the answer took that it was learned from, until the
    next one that took less.
    """

    def __init__(self, elapsed: Callable[[], float] = seconds_since_boot) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._told: tuple[datetime, float] | None = None

    def learn(self, date: str | None, asked: float) -> None:
        """Take in the ``Date`` of an answer to a question that was ``asked`` by ``elapsed``.

        What is no date tells nothing.
        """
        told = moment_of_date(date)
        if told is None:
            return
        with self._lock:
            now, latest = self._now(), told + _RESOLUTION + self._since(asked)
            # What we reckoned has the parts of a second that the header has not.
            if now is None or not told <= now < latest:
                self._told = told, asked

    def now(self) -> datetime | None:
        """The carrier's time; ``None`` before its first answer."""
        with self._lock:
            return self._now()

    def _now(self) -> datetime | None:
        if self._told is None:
            return None
        told, asked = self._told
        return told + self._since(asked)

    def _since(self, asked: float) -> timedelta:
        return timedelta(seconds=self._elapsed() - asked)


@lru_cache(maxsize=8)
def moment_of_date(date: str | None) -> datetime | None:
    """The moment that a ``Date`` tells; the answers of one second have the same."""
    if date is None:
        return None
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)

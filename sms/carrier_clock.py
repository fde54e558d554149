"""The carrier's time, so that nothing about its messages is proved by our own clock.

Our clock may be wrong, may jump, and differs from machine to machine. The ``Date`` of an answer
(RFC 9110, 6.6.1) is the carrier's own, as ``date_created`` of its messages is; between two answers
it is carried on by a counter that nobody sets.
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
    """What time it is at the carrier, to a second. Safe to use from several threads."""

    def __init__(self, elapsed: Callable[[], float] = seconds_since_boot) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._told: tuple[datetime, float] | None = None

    def learn(self, date: str | None) -> None:
        """Take in the ``Date`` of an answer that came just now; what is no date tells nothing."""
        told = _moment(date or "")
        if told is None:
            return
        with self._lock:
            now = self._now()
            # What we reckoned has the parts of a second that the header has not.
            if now is None or not told <= now < told + _RESOLUTION:
                self._told = told, self._elapsed()

    def now(self) -> datetime | None:
        """The carrier's time; ``None`` before its first answer."""
        with self._lock:
            return self._now()

    def _now(self) -> datetime | None:
        if self._told is None:
            return None
        told, then = self._told
        return told + timedelta(seconds=self._elapsed() - then)


@lru_cache(maxsize=8)
def _moment(date: str) -> datetime | None:
    """The answers of one second have the same ``Date``."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)

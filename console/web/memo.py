"""Cache of figures that many people look at: counted once in some seconds by each process."""

from collections.abc import Callable, Hashable
from datetime import datetime, time, timedelta
from threading import Lock
from typing import Protocol, Self, TypeVar, cast

from common.timezone import BUDAPEST, in_budapest

Value = TypeVar("Value")
_MOST = 64
_OVER = timedelta(hours=2)
"""So long after midnight no call of the day before is going on."""


class Addable(Protocol):
    """Figures of a period, to which those of the next period may be added."""

    def __add__(self, other: Self, /) -> Self: ...


Figures = TypeVar("Figures", bound=Addable)


class Memo:
    """Keeps the last values for a while; two requests at once may both count."""

    def __init__(self, seconds: int) -> None:
        self._keep = timedelta(seconds=seconds)
        self._values: dict[Hashable, tuple[datetime, object]] = {}
        self._lock = Lock()

    def get(
        self, key: Hashable, now: datetime, count: Callable[[], Value], *, fresh: bool = False
    ) -> Value:
        """The value under the key, counted anew when it is too old, or has to be ``fresh``."""
        with self._lock:
            found = self._values.get(key)
        if not fresh and found is not None and timedelta(0) <= now - found[0] < self._keep:
            return cast(Value, found[1])
        value = count()
        with self._lock:
            if len(self._values) >= _MOST:
                self._values.clear()
            self._values[key] = now, value
        return value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


class PeriodMemo:
    """Figures of periods: what days that are over have come to is counted once an hour.

    What is younger is counted again after ``seconds``, and the rest as soon as ``how_many`` tells
    another number for it.
    """

    def __init__(self, seconds: int, how_many: Callable[[datetime, datetime], int]) -> None:
        self._how_many = how_many
        self._over, self._young = Memo(seconds=3600), Memo(seconds=seconds)

    def get(
        self,
        key: Hashable,
        since: datetime,
        until: datetime,
        now: datetime,
        count: Callable[[datetime, datetime], Figures],
    ) -> Figures:
        """The figures from ``since`` up to, not including, ``until``.

        ``key`` is all else that they hang on.
        """
        today = in_budapest(now - _OVER).date()
        parted = min(max(since, datetime.combine(today, time(), BUDAPEST)), until)
        latest = over = None
        if parted < until:
            young = (key, parted, until)
            latest = self._young.get(young, now, lambda: count(parted, until))
        if since < parted or latest is None:
            over = self._past(key, since, parted, now, count)
        if over is None or latest is None:
            return cast(Figures, latest if over is None else over)
        return over + latest

    def _past(
        self,
        key: Hashable,
        since: datetime,
        until: datetime,
        now: datetime,
        count: Callable[[datetime, datetime], Figures],
    ) -> Figures:
        span = (key, since, until)
        many = self._young.get((span, "how many"), now, lambda: self._how_many(since, until))
        return self._over.get((span, many), now, lambda: count(since, until))

"""Figures that many people look at, counted once in some seconds by each process."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar, cast

Value = TypeVar("Value")
_MOST = 64


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

"""Request deadline: one time budget from a request's arrival to its answer.

A carrier that has waited for 15 seconds takes the fallback document; its caller has then heard
nothing all that time. Everything that a webhook waits for in the database, a connection, a lock, a
statement, a server that has stopped, waits no longer than what is left of this budget.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TypeVar

from common.errors import ConnectionLostError

ANSWER_SECONDS = 8.0
"""From a webhook's arrival to its answer; leaves the carrier time for the network's own delays."""

RETRY_SECONDS = 5.0
"""How long a database that cannot be reached is tried again: a restart takes a second or two."""

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5

_ends: ContextVar[float | None] = ContextVar("ends", default=None)

Result = TypeVar("Result")


def answer_within(seconds: float | None = None) -> AbstractContextManager[None]:
    """In this block nothing waits for the database longer than so many seconds altogether.

    Without a number it is ``ANSWER_SECONDS``.
    """
    return _Budget(ANSWER_SECONDS if seconds is None else seconds)


class _Budget:
    """A class and not a generator: every webhook of a call passes it."""

    __slots__ = ("_seconds", "_token")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        ends = time.monotonic() + self._seconds
        outer = _ends.get()
        self._token = _ends.set(ends if outer is None else min(ends, outer))

    def __exit__(self, *_: object) -> None:
        _ends.reset(self._token)


def seconds_left() -> float | None:
    """What is left of the budget, never below nought; ``None`` where nobody waits for an answer."""
    ends = _ends.get()
    return None if ends is None else max(0.0, ends - time.monotonic())


def at_most(seconds: float) -> float:
    """So many seconds, or what is left of the budget when that is less."""
    left = seconds_left()
    return seconds if left is None else min(seconds, left)


def retrying(work: Callable[[], Result]) -> Result:
    """Do it, and again while the database cannot be reached, within ``RETRY_SECONDS`` and budget.

    The work has to be safe to repeat: of a connection that broke at its commit nobody knows whether
    it was done.
    """
    ends = time.monotonic() + at_most(RETRY_SECONDS)
    pause = _FIRST_PAUSE
    while True:
        try:
            return work()
        except ConnectionLostError:
            if time.monotonic() + pause >= ends:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)

"""One clock for all that share a database, however many machines they run on."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from backend.db.transactions import read
from common.errors import DatabaseUnreachableError

ASK_AGAIN_SECONDS = 10.0


class DatabaseClock:
    """The database server's time; on SQLite, which serves one machine, that machine's.

    The server is asked every ten seconds. In between, and while it is away, its time is carried on
    by a counter that nobody sets; before its first answer ``own`` is the time. Safe to use from
    several threads.
    """

    def __init__(
        self,
        engine: Engine,
        own: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._own = own
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._told: tuple[datetime, float] | None = None
        self._ask_at = elapsed()

    def __call__(self) -> datetime:
        """The time now, aware."""
        if self._engine.dialect.name == "sqlite":
            return self._own()
        if self._is_to_ask():
            self._ask()
        told = self._told
        if told is None:
            return self._own()
        moment, then = told
        return moment + timedelta(seconds=self._elapsed() - then)

    def _is_to_ask(self) -> bool:
        """Whether it is this thread's turn to ask; the others go on with what is known."""
        with self._lock:
            now = self._elapsed()
            if now < self._ask_at:
                return False
            self._ask_at = now + ASK_AGAIN_SECONDS
            return True

    def _ask(self) -> None:
        try:
            with read(self._engine) as connection:
                before = self._elapsed()
                told: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
                after = self._elapsed()
        except (DBAPIError, DatabaseUnreachableError):
            # Whoever does something with the time will meet the same failure, and tell of it.
            return
        self._told = told.astimezone(UTC), (before + after) / 2

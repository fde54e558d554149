"""Emptying SQLite's log soon after something was erased, twice a minute at most.

Whoever erases waits for nothing. A log that was emptied has to grow anew, and each flush of a file
that grows costs nearly twice one of a file that is written over: so it is not done at once.
"""

import logging
import time
from threading import Event, Lock, Thread, main_thread

from sqlalchemy import Engine, event

from backend.db.deadline import answer_within
from backend.db.sqlite.checkpoints import empty_in_turn
from common.errors import DatabaseBusyError, DatabaseMissingError
from common.redaction import redacted

logger = logging.getLogger(__name__)

REST_SECONDS = 30.0
"""From the first thing that was erased to the emptying, which takes all until then together."""

_RETRY_SECONDS = 1.0
"""Between two attempts; so long, too, one of them waits for a writer, and a process that ends."""
_LOOK_SECONDS = 0.5
"""How soon it is seen that the process ends."""


class LogEmptying:
    """Empties the log of an engine in a thread of its own; on PostgreSQL there is none to empty.

    Where others read or write just then, it is tried again. A process that ends empties it once,
    at once.
    """

    def __init__(self, engine: Engine, rest_seconds: float = REST_SECONDS) -> None:
        self._engine = engine
        self._rest_seconds = rest_seconds
        self._lock = Lock()
        self._due: Event | None = None
        """Set when there is nothing to empty any more."""
        if engine.dialect.name == "sqlite":
            event.listen(engine, "engine_disposed", self._give_up)

    def soon(self) -> None:
        """Have the log emptied within ``rest_seconds``, as soon as nobody uses it."""
        if self._engine.dialect.name == "sqlite" and self._due is None:
            self._have_emptied(self._rest_seconds)

    def _have_emptied(self, seconds: float) -> None:
        with self._lock:
            if self._due is None:
                self._due = given_up = Event()
                # A request's thread is ended with the process; from it this would be one, too.
                thread = Thread(
                    target=self._empty, args=[given_up, seconds], name="log emptying", daemon=False
                )
                try:
                    thread.start()
                except RuntimeError:  # the system gives no more threads: whoever is next tries
                    self._due = None

    def _empty(self, given_up: Event, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and main_thread().is_alive():
            if given_up.wait(min(left, _LOOK_SECONDS)):
                return
        # What is erased from here on may come too late for this time.
        self._due = None
        try:
            with answer_within(_RETRY_SECONDS):
                is_empty = empty_in_turn(self._engine)
        except DatabaseMissingError:
            return
        except DatabaseBusyError:
            is_empty = False
        except Exception as fault:
            logger.error(
                "the database's log is not emptied: %s",
                redacted(fault),
                extra={"event": "log_not_emptied"},
            )
            return
        if not is_empty and main_thread().is_alive():
            self._have_emptied(min(seconds, _RETRY_SECONDS))

    def _give_up(self, _engine: Engine) -> None:
        """The last connection that is closed empties it."""
        with self._lock:
            due, self._due = self._due, None
        if due is not None:
            due.set()

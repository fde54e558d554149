"""Emptying SQLite's log soon after something was erased, once a second at most.

Whoever erases waits for nothing: to empty the log means to wait for the disk several times, and
the transactions after it write to a file that has to grow anew.
"""

import logging
from threading import Lock, Timer, main_thread

from sqlalchemy import Engine, event

from backend.db.sqlite.checkpoints import empty_in_turn
from common.errors import DatabaseMissingError
from common.redaction import redacted

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0
"""From the first thing that was erased to the emptying, which takes all until then together."""


class LogEmptying:
    """Empties the log of an engine in a thread of its own; on PostgreSQL there is none to empty.

    Where others read or write just then, it is tried again. A process that ends waits for it once.
    """

    def __init__(self, engine: Engine, rest_seconds: float = REST_SECONDS) -> None:
        self._engine = engine
        self._rest_seconds = rest_seconds
        self._lock = Lock()
        self._due: Timer | None = None
        if engine.dialect.name == "sqlite":
            event.listen(engine, "engine_disposed", self._give_up)

    def soon(self) -> None:
        """Have the log emptied within ``rest_seconds``, as soon as nobody uses it."""
        if self._engine.dialect.name != "sqlite" or self._due is not None:
            return
        with self._lock:
            if self._due is None:
                self._due = Timer(self._rest_seconds, self._empty)
                self._due.start()

    def _empty(self) -> None:
        # What is erased from here on may come too late for this time.
        self._due = None
        try:
            is_empty = empty_in_turn(self._engine)
        except DatabaseMissingError:
            return
        except Exception as fault:
            logger.error(
                "the database's log is not emptied: %s",
                redacted(fault),
                extra={"event": "log_not_emptied"},
            )
            return
        if not is_empty and main_thread().is_alive():
            self.soon()

    def _give_up(self, _engine: Engine) -> None:
        """The last connection that is closed empties it."""
        with self._lock:
            due, self._due = self._due, None
        if due is not None:
            due.cancel()

"""Flushing SQLite's log soon after a commit that nobody waits for: once for all of that moment.

See docs/decisions/0008-durability.md.
"""

import logging
from threading import Timer

from sqlalchemy import Engine

from backend.db.durability import flush
from common.errors import DatabaseUnreachableError

logger = logging.getLogger(__name__)

SOON_SECONDS = 0.5
"""Less than the shortest words that anybody hears before a call's reference."""


class LogFlushing:
    """Has what was committed on the disk soon; PostgreSQL waits for its own at every commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_due = False
        self._has_failed = False

    def soon(self) -> None:
        """Have everything that was committed before on the disk within ``SOON_SECONDS``.

        After a time at which the disk failed it waits for it, until it works again, and raises
        ``DatabaseUnreachableError`` when it does not.
        """
        if self._engine.dialect.name != "sqlite":
            return
        if self._has_failed:
            flush(self._engine)
            self._has_failed = False
        elif not self._is_due:
            # Two threads may both come to here: what they have committed is flushed twice.
            self._is_due = True
            timer = Timer(SOON_SECONDS, self._flush)
            timer.name = "log flushing"
            # A request's thread is ended with the process; from it this would be one, too.
            timer.daemon = False
            try:
                timer.start()
            except RuntimeError:  # the system gives no more threads
                self._flush()

    def _flush(self) -> None:
        # What is committed from here on may come too late for this time.
        self._is_due = False
        try:
            flush(self._engine)
        except DatabaseUnreachableError as error:
            self._has_failed = True
            logger.error("the log is not flushed: %s", error, extra={"event": "log_not_flushed"})

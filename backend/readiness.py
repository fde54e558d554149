"""Readiness check: the database answers, fits the program and takes a write."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from backend.db.deadline import answer_within
from backend.db.schema import require_newest, unreachable
from backend.db.transactions import write
from backend.records.suppression.stop_keys import stop_keys
from common.errors import RecordsError

logger = logging.getLogger(__name__)

PROBE_EVERY = timedelta(seconds=2)
"""How long an answer holds, so that nobody loads the database by asking."""

PROBE_SECONDS = 3.0
"""A database that takes longer is not ready: a webhook's budget would not reach either."""


def probe_write(engine: Engine) -> None:
    """Commit the smallest write there is: a full disk or a read-only database shows in no read.

    Raises ``RecordsError`` when the database does not answer, has another schema or refuses, or
    keeps its stopped numbers under another ``SECRET_KEY``.
    """
    require_newest(engine)
    try:
        with write(engine) as connection:
            # One row, written as it is: both databases write the page and their log all the same.
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            stop_keys(connection)
    except DBAPIError as error:
        raise unreachable(engine, error) from error


class Readiness:
    """The last answer of the database, asked again after ``PROBE_EVERY`` and by one at a time."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._probed: datetime | None = None
        self._ready = False

    def is_ready(self) -> bool:
        """Whether calls can be served; why not stands in the log, once a change."""
        if self._is_due() and self._lock.acquire(blocking=False):
            try:
                self._probe()
                self._probed = self._clock()
            finally:
                self._lock.release()
        return self._ready

    def _is_due(self) -> bool:
        # A clock that was set back must not keep an answer for ever.
        probed = self._probed
        return probed is None or not timedelta(0) <= self._clock() - probed < PROBE_EVERY

    def _probe(self) -> None:
        try:
            with answer_within(PROBE_SECONDS):
                probe_write(self._engine)
        except RecordsError as error:
            if self._ready or self._probed is None:
                logger.error("not ready: %s", error, extra={"event": "not_ready"})
            self._ready = False
        else:
            if not self._ready:
                logger.info("ready", extra={"event": "ready"})
            self._ready = True

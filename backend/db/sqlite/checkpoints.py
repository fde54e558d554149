"""Checkpoints of SQLite's log beside the calls: no caller waits while it is moved to the database.

SQLite moves its log by itself in whichever commit makes it longer than a limit: some milliseconds,
or tens on a busy disk, for everybody who waits to write. In the service a thread of its own does
it. See docs/decisions/0113-capacity.md.
"""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine

from backend.db.failures import telling_failures
from backend.db.sqlite.sqlite_engine import LOG_PAGES, empty_log, move_log, restart_log
from backend.db.transactions import writers_turn
from common.errors import DatabaseUnreachableError

logger = logging.getLogger(__name__)

_SECONDS = 1.0
"""Between two checkpoints: pages that many turns write to are moved once, and a log in which two
thousand turns a second are written stays below ``LOG_PAGES``."""

_LONG_PAGES = LOG_PAGES // 2
"""From here on the log is to begin anew. Under load somebody always writes while it is moved, so it
does not by itself; and a commit that finds ``LOG_PAGES`` moves it with all writers behind it."""


def start_checkpoints(engine: Engine) -> None:
    """Have a thread of this process move the log from now on; nothing on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        threading.Thread(target=_run, args=[engine], name="checkpoints", daemon=True).start()


def checkpoint(engine: Engine) -> None:
    """Move the log to the database; once it is long, try to have it begin anew as well."""
    with telling_failures():
        if move_log(engine) >= _LONG_PAGES:
            # What was written meanwhile, so that only the last few pages are moved in the turn.
            move_log(engine)
            with writers_turn(engine):
                restart_log(engine)


def empty_in_turn(engine: Engine) -> bool:
    """Empty the log between two writers; whether it is empty, for somebody may read from it.

    Most of it is moved while others write, and then what they wrote meanwhile: they wait for the
    rest only.
    """
    with telling_failures():
        move_log(engine)
        move_log(engine)
        with writers_turn(engine):
            return empty_log(engine)


def _run(engine: Engine) -> None:
    pause = threading.Event()
    # First what a process that was killed has left, in which what was typed can still be read.
    task: Callable[[Engine], object] = empty_in_turn
    while not pause.wait(_SECONDS):
        try:
            task(engine)
        except DatabaseUnreachableError as error:
            logger.warning("the log is not moved: %s", error, extra={"event": "log_not_moved"})
        task = checkpoint

"""The log of a process: who may speak, in which form, and how an outage of the database looks."""

import logging

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.db.failures import failure_of
from common.errors import DatabaseUnreachableError

FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"

ROOMS = (
    *("api", "app", "backend", "carrier", "cli", "common", "console", "ivr", "menus", "messages"),
    *("service", "settings", "sms", "telemetry", "web_server", "zoldszam"),
)
"""The program's own loggers; of everybody else only warnings are of interest."""


def configure_logging(*, as_json: bool = False) -> None:
    """Log to standard error: what this program says from INFO on, of others warnings.

    Text is for people; JSON, an object a line, for programs (``telemetry.json_lines``).
    """
    logging.basicConfig(format=FORMAT, level=logging.WARNING)
    if as_json:
        # Read only where it is wanted: it takes longer than most commands.
        from telemetry.json_lines import formatter

        for handler in logging.getLogger().handlers:
            handler.setFormatter(formatter())
    for handler in logging.getLogger().handlers:
        handler.addFilter(without_outage_traceback)
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)


def is_outage(fault: BaseException | None) -> bool:
    """Whether the database was away, locked or full: nothing that a program's line explains."""
    if fault is None or isinstance(fault, (DatabaseUnreachableError, PoolTimeoutError)):
        return fault is not None
    return failure_of(fault) is not None


def without_outage_traceback(record: logging.LogRecord) -> bool:
    """Filter for handlers: an outage is one line with the type of its cause.

    The traceback of an outage leads to whatever line happened to ask the database; its text may
    hold the statement. Tracebacks of all other failures stay.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if fault is not None and is_outage(fault):
        cause = fault.orig if isinstance(fault, DBAPIError) else fault
        first = record.getMessage().partition("\n")[0]
        record.msg = f"{first}: the database fails ({type(cause).__name__})"
        record.args = ()
        record.exc_info = record.exc_text = None
    return True

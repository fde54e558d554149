"""The log as JSON, an object a line, for programs that gather it (``LOG_FORMAT=json``).

Read only by processes that log so: the processors (structlog) take longer to import than most
commands to run. Libraries' lines go the same way, for all of it hangs on the standard handlers.
"""

import logging
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

from telemetry.log_context import bound_ids

FIELDS = ("timestamp", "level", "event", "message", "logger", "process", "exception")
"""What a line can have besides the ids of its work; docs/metrics.md explains them."""

_OF_A_LIBRARY = "library"
"""The event of what other programs say: only our own lines have names."""

Event = MutableMapping[str, Any]


def formatter() -> logging.Formatter:
    """Make the formatter of a handler."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_described],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _described(_logger: object, _method: str, event: Event) -> Event:
    """The line's fields, the ids that are bound, and what has to be told of a failure."""
    record: logging.LogRecord = event["_record"]
    moment = datetime.fromtimestamp(record.created, UTC)
    return {
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        **event,
        "event": getattr(record, "event", _OF_A_LIBRARY),
        "message": event["event"],
        "logger": record.name,
        "process": record.process,
        **bound_ids(),
    }

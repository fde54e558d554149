"""Errors that nobody foresaw, as they are counted, logged and told."""

import logging
import secrets

from telemetry.catalogue import ERRORS, error_code


def note_fault(error: Exception, surface: str, logger: logging.Logger, event: str) -> str:
    """Count and log it; the number under which it is found, for whoever met it.

    The type and place only: a message may quote what somebody sent.
    """
    ERRORS.count(surface, error_code(error))
    reference = secrets.token_hex(4)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
    kind = type(error).__name__
    logger.error("fault %s: %s at %s", reference, kind, where, extra={"event": event})
    return reference

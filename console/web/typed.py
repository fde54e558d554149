"""Days, times and numbers as people type them in Hungary: ``2026. 11. 21.``, ``9``, ``9.30``."""

import re
from datetime import date, datetime

from common.local_time import LocalTimeError, parse_day, parse_local_time

_DAY = re.compile(r"(\d{4})[\s.\-/]+(\d{1,2})[\s.\-/]+(\d{1,2})\.?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.\s]?(\d{2}))?")

_MOST_FIGURES = 15


class NotUnderstoodError(ValueError):
    """What was typed is no day or no time, or the clocks change at it."""


def day_typed(text: str) -> date:
    """The day. Raises ``NotUnderstoodError``."""
    try:
        return parse_day(_iso_day(text))
    except LocalTimeError as error:
        raise NotUnderstoodError from error


def moment_typed(day: str, clock: str) -> datetime:
    """The moment in UTC; a clock that is left out is midnight. Raises ``NotUnderstoodError``."""
    match = _CLOCK.fullmatch(clock.strip()) if clock.strip() else _CLOCK.fullmatch("0")
    if match is None:
        raise NotUnderstoodError
    try:
        return parse_local_time(f"{_iso_day(day)} {match[1]}:{match[2] or '00'}")
    except LocalTimeError as error:
        raise NotUnderstoodError from error


def moment_named(written: str) -> datetime:
    """The moment that a button of ours names, in UTC. Raises ``NotUnderstoodError``."""
    try:
        return parse_local_time(written)
    except LocalTimeError as error:
        raise NotUnderstoodError from error


def _iso_day(text: str) -> str:
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise NotUnderstoodError
    return "-".join(match.groups())


def number_typed(text: str | None) -> int | None:
    """A whole number that every database can hold, in plain figures; ``None`` for anything else."""
    told = (text or "").strip()
    return int(told) if told.isascii() and told.isdecimal() and len(told) <= _MOST_FIGURES else None

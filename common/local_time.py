"""Moments as a person in Budapest writes them, without guessing.

On the night when the clocks go back an hour is there twice, and when they go forward one is not
there at all. Such a time is refused with what to write instead.
"""

import re
from datetime import UTC, date, datetime, timedelta

from common.timezone import BUDAPEST, in_budapest

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
"""What lies outside is a slip, and its neighbourhood may be no date at all."""

_WRITTEN = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ](\d{1,2}:\d{1,2}(?::\d{2}(?:\.\d{1,6})?)?))?"
    r"(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


class LocalTimeError(ValueError):
    """What was written is no moment, or not one alone; the text says what to write."""


def parse_local_time(written: str) -> datetime:
    """The moment, in UTC, of ``2026-11-21T18:30``, ``2026-11-21 18:30`` or ``2026-11-21``.

    Without a zone it is Budapest's clock, and a day is its first moment. With one, such as
    ``+01:00``, it is that very moment. Raises ``LocalTimeError``.
    """
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise LocalTimeError(
            f'"{written}" is not a date or time. Write it like 2026-11-21 or 2026-11-21T18:30.'
        )
    day, clock, zone = match.groups()
    local = _read(written, f"{day} {clock or '0:00'}")
    if zone is not None:
        return (local.replace(tzinfo=UTC) - _offset(written, zone)).astimezone(UTC)
    return _only_moment(written, local)


def parse_day(written: str) -> date:
    """A calendar day, ``2026-11-21``. Raises ``LocalTimeError``."""
    match = _WRITTEN.fullmatch(written.strip())
    if match is None or match[2] or match[3]:
        raise LocalTimeError(f'"{written}" is not a day. Write it like 2026-11-21.')
    return _read(written, f"{match[1]} 0:00").date()


def full_hour_from(moment: datetime) -> datetime:
    """The first full hour on Budapest's clock that is not before the moment, as it is told there.

    An hour that is there twice is told of its first time only, so that nobody hears of an hour
    that is over.
    """
    clock = in_budapest(moment).replace(tzinfo=None) + timedelta(minutes=59, seconds=59)
    clock = clock.replace(minute=0, second=0, microsecond=0)
    while (told := _first(clock)) < moment:
        clock += timedelta(hours=1)
    return in_budapest(told)


def _read(written: str, text: str) -> datetime:
    seconds = (":%S.%f" if "." in text else ":%S") if text.count(":") > 1 else ""
    try:
        local = datetime.strptime(text, f"%Y-%m-%d %H:%M{seconds}")  # noqa: DTZ007 - the zone is found by its moments
    except ValueError as error:
        raise LocalTimeError(
            f'"{written}" is no day or time that there is. Write it like 2026-11-21T18:30.'
        ) from error
    if not EARLIEST_YEAR <= local.year <= LATEST_YEAR:
        raise LocalTimeError(
            f'"{written}" is not between {EARLIEST_YEAR} and {LATEST_YEAR}. Correct the year.'
        )
    return local


def _offset(written: str, zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise LocalTimeError(f'"{written}" ends in no time zone. Write +01:00 or +02:00, or none.')
    span = timedelta(hours=hours, minutes=minutes)
    return span if zone[0] == "+" else -span


def _first(local: datetime) -> datetime:
    return local.replace(tzinfo=BUDAPEST).astimezone(UTC)


def _only_moment(written: str, local: datetime) -> datetime:
    earlier = _first(local)
    later = local.replace(tzinfo=BUDAPEST, fold=1).astimezone(UTC)
    if earlier == later:
        return earlier
    if in_budapest(earlier).replace(tzinfo=None) != local:
        raise LocalTimeError(
            f'"{written}" does not exist in Budapest: the clocks go forward from 02:00 to 03:00 '
            "on that day. Write a time before or after."
        )
    first, second = (in_budapest(each).isoformat(timespec="minutes") for each in (earlier, later))
    raise LocalTimeError(
        f'"{written}" is there twice in Budapest: the clocks go back from 03:00 to 02:00 on that '
        f"day. Write {first} for the first time or {second} for the second."
    )

"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database.

    A naive datetime is refused with ``ValueError`` before it reaches the database, because nobody
    could tell later which clock it was read from. SQLite has no zones, so it keeps the UTC clock
    as text of one width, which also sorts by time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """As ``process_bind_param``, on SQLite in one step: every turn writes moments."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive moment and turn any other to UTC."""
        return None if value is None else _aware(value).astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Give the moment back as aware UTC, whatever the session's zone is."""
        if value is None:
            return None
        moment: datetime = value
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; store aware moments only")
    return moment


def _sqlite_text(moment: datetime | None) -> str | None:
    """As SQLAlchemy's ``DateTime`` writes it."""
    if moment is None:
        return None
    # Without the zone's "+00:00".
    return _aware(moment).astimezone(UTC).isoformat(" ", "microseconds")[:-6]

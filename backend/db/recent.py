"""Recent rows, by clocks that may have been wrong."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_


def within(
    column: ColumnElement[datetime] | ColumnElement[datetime | None],
    now: datetime,
    span: timedelta,
) -> ColumnElement[bool]:
    """Whether a moment is less than ``span`` ago.

    What lies ahead by as much was written by a clock that was put back since. It does not count, or
    a limit would hold for as long as that was.
    """
    return and_(column > now - span, column < now + span)

"""Whether a desk answers now: its hours, public holidays and closures out of turn together."""

from datetime import datetime

from sqlalchemy import Connection

from backend.context import CallContext
from backend.desks import Desks, public_holiday
from backend.interface.answers import Opening
from backend.interface.queries import AskOpening
from backend.records.notices.desk_closures import is_closed
from backend.rules.desk_hours import Calendar
from common.timezone import local_date


def ask_opening(connection: Connection, query: AskOpening, context: CallContext) -> Opening:
    """Whether the desk answers, and why not; raises ``ConfigurationError`` for an unknown one."""
    return opening_at(connection, context.desks, context.calendar, query.desk, context.now)


def opening_at(
    connection: Connection, desks: Desks, calendar: Calendar, desk: str, now: datetime
) -> Opening:
    """Whether the desk answers at that moment; raises as ``ask_opening`` does."""
    today = local_date(now)
    if not desks.is_open(desk, calendar, now):
        rests = calendar.weekday(today) is None
        return Opening(open=False, reason=public_holiday(today) if rests else "")
    if is_closed(connection, desk, now):
        return Opening(open=False, reason="closure")
    return Opening(open=True)

"""Whether a desk answers now: its hours, public holidays and closures out of turn together."""

from sqlalchemy import Connection

from backend.context import CallContext
from backend.desks import public_holiday
from backend.interface.answers import Opening
from backend.interface.queries import AskOpening
from backend.records.service_notices import is_closed


def ask_opening(connection: Connection, query: AskOpening, context: CallContext) -> Opening:
    """Whether the desk answers, and why not; raises ``ConfigurationError`` for an unknown one."""
    today = context.today
    if not context.desks.is_open(query.desk, context.calendar, context.now):
        rests = context.calendar.weekday(today) is None
        return Opening(open=False, reason=public_holiday(today) if rests else "")
    if is_closed(connection, query.desk, context.now):
        return Opening(open=False, reason="closure")
    return Opening(open=True)

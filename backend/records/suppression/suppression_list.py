"""The suppression list as staff work on it: look a number up, add it, take it off again."""

from datetime import datetime

from sqlalchemy import Connection

from backend.interface.codes import Scope, StopOrigin, StopReason
from backend.records.suppression.stop_keys import stop_keys
from backend.records.suppression.stops import Stop, lift_stop, stop_number, stops_of
from backend.records.work_list.task_outcomes import release_tasks
from backend.records.work_list.tasks import VERIFIED_BY, open_task
from backend.staff.api_access.api_keys import require_role_or_scope, require_scope
from backend.staff.audit import record_act

ADDERS = ("sender", "approver", "admin")
LIFTERS = ("sender", "admin")


def look_up_stops(connection: Connection, phone: str, by: str) -> list[Stop]:
    """Every stop of a number (E.164), for another system. Raises ``UserError``."""
    require_scope(connection, by, Scope.STOPS_READ)
    return stops_of(connection, phone)


def suppress_number(
    connection: Connection,
    phone: str,
    reason: StopReason,
    origin: StopOrigin,
    by: str,
    now: datetime,
) -> bool:
    """Stop a number (E.164) for all campaigns and open a task; whether it was not stopped before.

    Raises ``UserError`` for a user or key who may not.
    """
    require_role_or_scope(connection, by, ADDERS, Scope.STOPS_WRITE)
    new = stop_number(connection, phone, reason, origin, now)
    open_task(connection, VERIFIED_BY[reason], phone, now)
    record_act(connection, by, "stop add", stop_keys(connection).of(phone), reason, now)
    return new


def lift_suppression(
    connection: Connection, phone: str, reason: StopReason, by: str, now: datetime
) -> bool:
    """Take a stop back, and end the tasks that were open to verify it; whether there was one.

    Messages that it suppressed are not sent after all. Raises ``UserError``.
    """
    require_role_or_scope(connection, by, LIFTERS, Scope.STOPS_WRITE)
    lifted = lift_stop(connection, phone, reason)
    if lifted:
        record_act(connection, by, "stop remove", stop_keys(connection).of(phone), reason, now)
        if reason is StopReason.OPTED_OUT:
            release_tasks(connection, phone, by, now)
    return lifted

"""Desks that are closed for a while, from the next call on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from backend.db.prepared import Prepared
from backend.db.tables.notices import desk_closures
from backend.desks import Desks
from backend.records.temporary import ROLES, require_order
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import NoticeError

_CLOSURES = Prepared(
    select(
        desk_closures.c.number, desk_closures.c.desk, desk_closures.c.begins, desk_closures.c.ends
    )
    .where(desk_closures.c.ends > bindparam("now", type_=desk_closures.c.ends.type))
    .order_by(desk_closures.c.begins)
)


@dataclass(frozen=True, slots=True)
class Closure:
    """A desk that does not answer for a while, whatever its hours say."""

    number: int
    desk: str
    begins: datetime
    ends: datetime


def close_desk(
    connection: Connection,
    desks: Desks,
    desk: str,
    begins: datetime,
    ends: datetime,
    by: str,
    *,
    now: datetime,
) -> int:
    """Let a desk not answer for a while; the closure's number.

    Raises ``NoticeError``, also for a closure that would be over already, ``ConfigurationError``
    for a desk that there is not, and ``UserError``.
    """
    require_role(connection, by, *ROLES)
    desks.find(desk)
    require_order("The closure", begins, ends, now)
    row = {"desk": desk, "begins": begins, "ends": ends, "created_by": by}
    made = insert(desk_closures).returning(desk_closures.c.number)
    number = int(connection.execute(made, row).scalar_one())
    record_act(connection, by, "desk close", desk, str(number), now)
    return number


def open_desk(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Take a closure back. Raises ``NoticeError`` and ``UserError``."""
    require_role(connection, by, *ROLES)
    taken = delete(desk_closures).where(desk_closures.c.number == number)
    if not connection.execute(taken).rowcount:
        raise NoticeError(
            f"There is no closure {number}.", code=ErrorCode.CLOSURE_UNKNOWN, number=number
        )
    record_act(connection, by, "desk open", str(number), None, now)


def closures(connection: Connection, now: datetime) -> list[Closure]:
    """Closures that hold now or later."""
    return [Closure(*row) for row in _CLOSURES.rows(connection, now=now)]


def is_closed(connection: Connection, desk: str, now: datetime) -> bool:
    """Whether the desk is closed out of turn at this moment."""
    return any(
        each.desk == desk and each.begins <= now < each.ends for each in closures(connection, now)
    )

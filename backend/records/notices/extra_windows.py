"""Extraordinary reading windows of an area (rule MR-02), from the next call on."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from backend.db.prepared import Prepared
from backend.db.tables.notices import extra_windows
from backend.records.temporary import ROLES
from backend.rules.areas import checked_area
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import NoticeError
from common.timezone import local_date

_EXTRA_WINDOWS = Prepared(
    select(
        extra_windows.c.number, extra_windows.c.area, extra_windows.c.opens, extra_windows.c.closes
    )
    .where(extra_windows.c.closes >= bindparam("day", type_=extra_windows.c.closes.type))
    .order_by(extra_windows.c.opens)
)


@dataclass(frozen=True, slots=True)
class ExtraWindow:
    """An extraordinary reading window of an area; both days belong to it."""

    number: int
    area: str
    opens: date
    closes: date


def add_window(
    connection: Connection, area: str, opens: date, closes: date, by: str, *, now: datetime
) -> int:
    """Take readings of the area's self-reading sites on these days too (rule MR-02).

    Raises ``NoticeError``, also for a window that closed before today, and ``UserError``.
    """
    require_role(connection, by, *ROLES)
    today = local_date(now)
    if closes < opens:
        raise NoticeError(
            "The window closes before it opens. Correct one of the two.",
            code=ErrorCode.ENDS_BEFORE_IT_BEGINS,
        )
    if closes < today:
        raise NoticeError(
            f"The window would be over already: it closes on {closes}, and today is {today}. "
            "Write a later day.",
            code=ErrorCode.ENDS_IN_THE_PAST,
        )
    row = {"area": checked_area(area), "opens": opens, "closes": closes, "created_by": by}
    made = insert(extra_windows).returning(extra_windows.c.number)
    number = int(connection.execute(made, row).scalar_one())
    record_act(connection, by, "window add", str(number), area, now)
    return number


def remove_window(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Take an extraordinary window back. Raises ``NoticeError`` and ``UserError``."""
    require_role(connection, by, *ROLES)
    taken = delete(extra_windows).where(extra_windows.c.number == number)
    if not connection.execute(taken).rowcount:
        raise NoticeError(
            f"There is no extra window {number}.", code=ErrorCode.WINDOW_UNKNOWN, number=number
        )
    record_act(connection, by, "window remove", str(number), None, now)


def windows_since(connection: Connection, day: date) -> list[ExtraWindow]:
    """Extraordinary windows that are open on that day or open later."""
    return [ExtraWindow(*row) for row in _EXTRA_WINDOWS.rows(connection, day=day)]

"""What is different for a while, switched from the command line and in force at the next call.

An area is written by the beginnings of its postcodes, which addresses begin with: ``2000,2001`` or
``11`` for districts, ``*`` for everybody.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from backend.db.notice_tables import desk_closures, extra_windows, notices
from backend.db.prepared import Prepared
from backend.db.tables import customers, sites
from backend.desks import Desks
from backend.interface.answers import Notice
from backend.interface.codes import NoticeKind
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import NoticeError
from common.timezone import in_budapest, local_date

EVERYWHERE = "*"
ROLES = ("sender", "admin")
"""Who may put a notice, a closure or a window into force, and take it back."""


def is_open_notice() -> ColumnElement[bool]:
    """The condition that a notice is told or will be; its parameter is ``now``."""
    return and_(
        notices.c.closed_at.is_(None),
        or_(
            notices.c.ends.is_(None),
            notices.c.ends > bindparam("now", type_=notices.c.ends.type),
        ),
    )


_OPEN_NOTICES = (
    select(
        notices.c.number,
        notices.c.area,
        notices.c.kind,
        notices.c.place_hu,
        notices.c.place_en,
        notices.c.begins,
        notices.c.ends,
    )
    .where(is_open_notice())
    .order_by(notices.c.begins)
)
_CLOSURES = Prepared(
    select(
        desk_closures.c.number, desk_closures.c.desk, desk_closures.c.begins, desk_closures.c.ends
    )
    .where(desk_closures.c.ends > bindparam("now", type_=desk_closures.c.ends.type))
    .order_by(desk_closures.c.begins)
)
_EXTRA_WINDOWS = Prepared(
    select(
        extra_windows.c.number, extra_windows.c.area, extra_windows.c.opens, extra_windows.c.closes
    )
    .where(extra_windows.c.closes >= bindparam("day", type_=extra_windows.c.closes.type))
    .order_by(extra_windows.c.opens)
)
_ADDRESSES = (
    select(sites.c.address)
    .join_from(sites, customers)
    .where(customers.c.phone == bindparam("caller"))
    .union(select(customers.c.address).where(customers.c.phone == bindparam("caller")))
)
_AREA = re.compile(r"\*|[1-9][0-9]{0,3}(?:,[1-9][0-9]{0,3})*")


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice in force: what its callers are told, and of which area (postcodes) they are."""

    number: int
    area: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Closure:
    """A desk that does not answer for a while, whatever its hours say."""

    number: int
    desk: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class ExtraWindow:
    """An extraordinary reading window of an area; both days belong to it."""

    number: int
    area: str
    opens: date
    closes: date


def add_notice(
    connection: Connection,
    kind: NoticeKind,
    area: str,
    places: tuple[str, str],
    begins: datetime,
    ends: datetime | None,
    by: str,
    *,
    now: datetime,
) -> int:
    """Tell callers of the area from ``begins`` on; its number.

    Raises ``NoticeError``, also for one that would be over already, and ``UserError``.
    """
    require_role(connection, by, *ROLES)
    if ends is not None:
        _require_order("It", begins, ends, now)
    row = {
        "kind": kind,
        "area": checked_area(area),
        "place_hu": spoken_place(places[0]),
        "place_en": spoken_place(places[1]),
        "begins": begins,
        "ends": ends,
        "created_by": by,
    }
    number = int(connection.execute(insert(notices).returning(notices.c.number), row).scalar_one())
    record_act(connection, by, "notice add", str(number), kind, now)
    return number


def end_notice(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Stop telling it. Raises ``NoticeError`` for one that there is not or that is over."""
    require_role(connection, by, *ROLES)
    over = update(notices).where(notices.c.number == number, notices.c.closed_at.is_(None))
    if not connection.execute(over.values(closed_at=now)).rowcount:
        raise NoticeError(
            f"There is no open notice {number}.", code=ErrorCode.NOTICE_UNKNOWN, number=number
        )
    record_act(connection, by, "notice end", str(number), None, now)


def open_notices(connection: Connection, now: datetime) -> list[OpenNotice]:
    """What is or will be told, in the order in which it begins."""
    found = connection.execute(_OPEN_NOTICES, {"now": now})
    return [OpenNotice(number, area, Notice(*told)) for number, area, *told in found]


def notices_for(connection: Connection, caller: str | None, now: datetime) -> list[OpenNotice]:
    """What a caller is told before the menu: only what is about an address of theirs.

    The calling number leads to the addresses. Nothing personal is said: a notice names a place
    that everybody may know of. Who cannot be placed hears what is about everybody.
    """
    told = [each for each in open_notices(connection, now) if is_due(each.notice, now)]
    if not told:
        return []
    addresses = [] if caller is None else connection.scalars(_ADDRESSES, {"caller": caller}).all()
    return [each for each in told if concerns(each.area, addresses)]


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
    _require_order("The closure", begins, ends, now)
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


def concerns(area: str, addresses: Iterable[str]) -> bool:
    """Whether one of the addresses, which begin with a postcode, lies in the area."""
    if area == EVERYWHERE:
        return True
    beginnings = tuple(area.split(","))
    postcodes = (address[:4] for address in addresses)
    return any(code.isdecimal() and code.startswith(beginnings) for code in postcodes)


def is_due(notice: Notice, now: datetime) -> bool:
    """Whether callers are told of it: planned work before it begins, an outage once it is there."""
    return notice.kind == "maintenance" or notice.begins <= now


def _require_order(what: str, begins: datetime, ends: datetime, now: datetime) -> None:
    if ends <= now:
        raise NoticeError(
            f"{what} would be over already: it ends at {in_budapest(ends):%Y-%m-%d %H:%M}, and "
            f"now it is {in_budapest(now):%Y-%m-%d %H:%M}. Write a later time.",
            code=ErrorCode.ENDS_IN_THE_PAST,
        )
    if ends <= begins:
        raise NoticeError(
            f"{what} would end at {in_budapest(ends):%Y-%m-%d %H:%M}, before it begins at "
            f"{in_budapest(begins):%Y-%m-%d %H:%M}. Correct one of the two.",
            code=ErrorCode.ENDS_BEFORE_IT_BEGINS,
        )


def checked_area(area: str) -> str:
    """The area as it is stored. Raises ``NoticeError``."""
    bare = area.replace(" ", "")
    if not _AREA.fullmatch(bare):
        raise NoticeError(
            f'"{area}" is no area. Write the beginnings of postcodes, such as 2000 or 11,12, or * '
            "for everybody.",
            code=ErrorCode.AREA_INVALID,
            area=area,
        )
    return bare


def spoken_place(place: str) -> str:
    """The place as it is stored. Raises ``NoticeError`` for what cannot be said."""
    text = " ".join(place.split())
    if not text or len(text) > 80 or not text.isprintable() or re.search(r"[\d<>{}]", text):
        raise NoticeError(
            f'"{place}" cannot be said. Write a place in at most 80 letters, without figures, as '
            'it is said in the sentence: "Szentendrén", "in Szentendre".',
            code=ErrorCode.PLACE_INVALID,
            place=place,
        )
    return text

"""Notices of outages and planned work, told before the menu from the next call on."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from backend.db.prepared import Prepared
from backend.db.tables.notices import notices
from backend.db.tables.records import customers, sites
from backend.interface.answers import Notice
from backend.interface.codes import NoticeKind
from backend.records.temporary import ROLES, require_order
from backend.rules.areas import checked_area, concerns
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import NoticeError


def is_open_notice() -> ColumnElement[bool]:
    """The condition that a notice is told or will be; its parameter is ``now``."""
    return and_(
        notices.c.closed_at.is_(None),
        or_(
            notices.c.ends.is_(None),
            notices.c.ends > bindparam("now", type_=notices.c.ends.type),
        ),
    )


# While a notice is open, every call asks for these.
_OPEN_NOTICES = Prepared(
    select(*(notices.c[name] for name in ("number", "area", *Notice.__struct_fields__)))
    .where(is_open_notice())
    .order_by(notices.c.begins)
)
_ADDRESSES = Prepared(
    select(sites.c.address)
    .join_from(sites, customers)
    .where(customers.c.phone == bindparam("caller"))
    .union(select(customers.c.address).where(customers.c.phone == bindparam("caller")))
)


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice in force: what its callers are told, and of which area (postcodes) they are."""

    number: int
    area: str
    notice: Notice


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
        require_order("It", begins, ends, now)
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
    found = _OPEN_NOTICES.rows(connection, now=now)
    return [OpenNotice(number, area, Notice(*told)) for number, area, *told in found]


def notices_for(connection: Connection, caller: str | None, now: datetime) -> list[OpenNotice]:
    """What a caller is told before the menu: only what is about an address of theirs.

    The calling number leads to the addresses. Nothing personal is said: a notice names a place
    that everybody may know of. Who cannot be placed hears what is about everybody.
    """
    told = [each for each in open_notices(connection, now) if is_due(each.notice, now)]
    if not told:
        return []
    found = [] if caller is None else _ADDRESSES.rows(connection, caller=caller)
    addresses = [row.address for row in found]
    return [each for each in told if concerns(each.area, addresses)]


def is_due(notice: Notice, now: datetime) -> bool:
    """Whether callers are told of it: planned work before it begins, an outage once it is there."""
    return notice.kind == "maintenance" or notice.begins <= now


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

"""Whom an area is about: its addresses in the records, and what is told to who lives there."""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select, union

from backend.db.tables.records import customers, sites
from backend.interface.answers import Notice
from backend.records.notices.service_notices import is_due, open_notices
from backend.rules.areas import EVERYWHERE, checked_area, concerns

_POSTCODE = 4


def addresses_in(connection: Connection, area: str) -> int:
    """How many addresses of sites and customers lie in the area. Raises ``NoticeError``.

    A caller is told the notices of the addresses that the calling number leads to.
    """
    checked = checked_area(area)
    found = []
    for address in (sites.c.address, customers.c.address):
        near = () if checked == EVERYWHERE else tuple(map(address.startswith, checked.split(",")))
        found.append(select(address.label("address")).where(or_(*near) if near else address != ""))
    every = union(*found).subquery()
    postcode = func.substr(every.c.address, 1, _POSTCODE)
    counted = connection.execute(select(postcode, func.count()).group_by(postcode))
    return sum(number for code, number in counted if concerns(checked, [code]))


def notices_told(connection: Connection, postcode: str, now: datetime) -> tuple[Notice, ...]:
    """What a caller with an address of that postcode is told; "" is one who cannot be placed."""
    return tuple(
        each.notice
        for each in open_notices(connection, now)
        if is_due(each.notice, now) and concerns(each.area, [postcode] if postcode else [])
    )

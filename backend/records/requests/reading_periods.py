"""The reading periods of a site: the one source of which of them a day belongs to (rule MR-02)."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, bindparam, null, select

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.notices import extra_windows
from backend.db.tables.records import sites, windows
from backend.interface.answers import Window
from backend.interface.codes import Billing, Service
from backend.interface.queries import FindWindows
from backend.rules.areas import concerns
from backend.rules.reading_windows import month_of, reading_periods

_SITE = select(sites.c.service, sites.c.billing).where(sites.c.site_id == bindparam("site_id"))
# Those of the site have no area; those of an area may or may not be of the site.
_OWN_AND_EXTRA = Prepared(
    select(null().label("area"), windows.c.opens, windows.c.closes)
    .where(windows.c.site_id == bindparam("site_id"))
    .union_all(select(extra_windows.c.area, extra_windows.c.opens, extra_windows.c.closes))
    .order_by("opens")
)
_ADDRESS = select(sites.c.address).where(sites.c.site_id == bindparam("site_id"))


def periods_of(
    connection: Connection, site_id: str, service: Service, billing: Billing, day: date
) -> tuple[Window, ...]:
    """The site's periods, of which no two share a day, oldest first.

    Where hot water is not billed by self-reading no window is set; there it is the month of ``day``
    (rule ES-03).
    """
    if _has_no_windows(service, billing):
        return (month_of(day),)
    among = [tuple(row) for row in _OWN_AND_EXTRA.rows(connection, site_id=site_id)]
    has_extra = any(area is not None for area, _, _ in among)
    address = connection.scalar(_ADDRESS, {"site_id": site_id}) if has_extra else None
    return periods_among(among, service, billing, day, address or "")


def periods_among(
    windows: Iterable[tuple[str | None, date, date]],
    service: Service,
    billing: Billing,
    day: date,
    address: str,
) -> tuple[Window, ...]:
    """``periods_of`` the site at that address, among its windows and those of areas.

    Of each its area, or ``None`` where it is the site's own, and its first and last day.
    """
    if _has_no_windows(service, billing):
        return (month_of(day),)
    own, extra = [], []
    for area, opens, closes in windows:
        if area is None:
            own.append(Window(opens, closes))
        elif concerns(area, [address]):
            extra.append(Window(opens, closes))
    return reading_periods(own, extra)


def _has_no_windows(service: Service, billing: Billing) -> bool:
    return service == "heat" and billing != "self_reading"


def find_periods(
    connection: Connection, query: FindWindows, context: CallContext
) -> tuple[Window, ...]:
    """``periods_of`` a site of which only the id is known; none when it is not there."""
    row = connection.execute(_SITE, {"site_id": query.site_id}).one_or_none()
    if row is None:
        return ()
    return periods_of(connection, query.site_id, row.service, row.billing, context.today)

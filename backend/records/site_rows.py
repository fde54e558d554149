"""All that the records hold of one site, by one statement.

Every identification reads a site with its meters, its windows and what was read off them before.
Three statements would cost more in the driver, and on PostgreSQL on the way, than in the database;
so their rows come one after the other, each with the columns of all.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Float,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)

from backend.db.driver import Made
from backend.db.prepared import Prepared
from backend.db.tables.notices import extra_windows
from backend.db.tables.records import meters, readings, sites, windows

_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("customer_id", "address", "billing", "partial_billing"), Text),
    "partial_kwh_per_month": Integer,
    **dict.fromkeys(("serial", "register", "label"), Text),
    **dict.fromkeys(("digits", "value", "max_amperes"), Integer),
    "daily_average": Float,
    **dict.fromkeys(("day", "until"), Date),
    "replaced": Boolean,
}
_METER, _WINDOW, _READING = range(3)

_site_id = bindparam("site_id", type_=sites.c.site_id.type)


def _rows_of(part: int, **columns: Any) -> Select[Any]:
    """A part of the whole: these columns, and nothing in the others."""
    padded = (
        columns[name].label(name) if name in columns else cast(null(), kind).label(name)
        for name, kind in _COLUMNS.items()
    )
    return select(literal_column(str(part), Integer).label("part"), *padded)


# A site without meters has one row, with nothing in its meter's columns.
_METERS = (
    _rows_of(
        _METER,
        **{name: sites.c[name] for name in list(_COLUMNS)[:5]},
        serial=meters.c.serial,
        register=meters.c.register,
        label=meters.c.label,
        digits=meters.c.digits,
        value=meters.c.last_value,
        max_amperes=meters.c.max_amperes,
        daily_average=meters.c.daily_average,
        day=meters.c.last_read_on,
    )
    .select_from(sites.outerjoin(meters))
    .where(sites.c.site_id == _site_id, sites.c.service == bindparam("service"))
)
_OWN_WINDOWS = _rows_of(_WINDOW, day=windows.c.opens, until=windows.c.closes).where(
    windows.c.site_id == _site_id
)
# Those of an area may or may not be of the site; there are few.
_EXTRA_WINDOWS = _rows_of(
    _WINDOW, label=extra_windows.c.area, day=extra_windows.c.opens, until=extra_windows.c.closes
)
_READINGS = _rows_of(
    _READING,
    serial=readings.c.serial,
    register=readings.c.register,
    value=readings.c.value,
    day=readings.c.read_on,
    replaced=readings.c.superseded_at.is_not(None),
).where(readings.c.site_id == _site_id)

_ALL = Prepared(
    union_all(_METERS, _OWN_WINDOWS, _EXTRA_WINDOWS, _READINGS).order_by(
        "part", "serial", "register", "day"
    )
)


class SiteRows(NamedTuple):
    """``meters`` by serial and register, at least one row; ``windows`` by their first day.

    A window's ``label`` is the area that it is for, ``None`` where it is the site's own. A reading
    is ``replaced`` where a later one of the same window counts.
    """

    meters: list[Any]
    windows: list[Any]
    readings: list[Any]


def find_site_rows(
    connection: Connection, site_id: str, service: str, made: Callable[[SiteRows | None], Made]
) -> Callable[[], Made]:
    """What gives what is made of the site's rows; see ``Prepared.ahead``.

    ``None`` is given for a site that is not there, or of another service.
    """
    return _ALL.ahead(
        connection, lambda rows: made(_parts_of(rows)), site_id=site_id, service=service
    )


def _parts_of(rows: list[Any]) -> SiteRows | None:
    found = SiteRows([], [], [])
    for row in rows:
        found[row.part].append(row)
    return found if found.meters else None

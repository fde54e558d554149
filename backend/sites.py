"""A site with its meters and windows, as the telephone needs it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, select

from backend.desk import (
    LastReading,
    Meter,
    ReadingState,
    Register,
    Service,
    Site,
    Window,
    serial_matches,
)
from backend.notices import concerns, windows_since
from backend.rules.windows import month_of
from backend.tables import meters, readings, sites, windows

_site_id = bindparam("site_id", type_=sites.c.site_id.type)

# Readings of the running window may still be replaced, so they are judged against the one before.
# Where the utility has set no windows, that is the month (see ``rules.windows.month_of``).
_running_window = (
    select(func.coalesce(func.max(windows.c.opens), bindparam("month")))
    .where(windows.c.site_id == _site_id, windows.c.opens <= bindparam("today"))
    .scalar_subquery()
)
_given_since = and_(
    readings.c.site_id == meters.c.site_id,
    readings.c.serial == meters.c.serial,
    readings.c.register == meters.c.register,
    readings.c.superseded_at.is_(None),
    readings.c.read_on > meters.c.last_read_on,
    readings.c.window_opens < _running_window,
)
_SITE = (
    select(
        sites.c.customer_id,
        sites.c.billing,
        sites.c.partial_billing,
        sites.c.partial_kwh_per_month,
        meters.c.serial,
        meters.c.label,
        meters.c.register,
        meters.c.digits,
        func.coalesce(readings.c.value, meters.c.last_value).label("last_value"),
        func.coalesce(readings.c.read_on, meters.c.last_read_on).label("last_read_on"),
        meters.c.daily_average,
        meters.c.max_amperes,
    )
    .select_from(sites.outerjoin(meters).outerjoin(readings, _given_since))
    .where(sites.c.site_id == _site_id, sites.c.service == bindparam("service"))
    .order_by(meters.c.serial, meters.c.register, readings.c.read_on)
)

_READING_STATE = (
    select(sites.c.billing, windows.c.opens, windows.c.closes)
    .select_from(sites.outerjoin(windows))
    .where(sites.c.site_id == _site_id, sites.c.service == bindparam("service"))
    .order_by(windows.c.opens)
)

_RECORDED = select(
    exists().where(
        readings.c.site_id == _site_id,
        readings.c.serial == bindparam("serial"),
        # By its day: an import may have moved the window's beginning meanwhile.
        readings.c.read_on >= bindparam("window_opens"),
        readings.c.superseded_at.is_(None),
    )
)


_SITES_OF_CUSTOMER = (
    select(meters.c.site_id, meters.c.serial)
    .join(sites)
    .where(sites.c.customer_id == bindparam("customer"), sites.c.service == bindparam("service"))
    .order_by(meters.c.site_id, meters.c.serial)
    .distinct()
)

_ADDRESS = select(sites.c.address).where(sites.c.site_id == bindparam("site_id"))
_WINDOWS = (
    select(windows.c.opens, windows.c.closes)
    .where(windows.c.site_id == _site_id)
    .order_by(windows.c.opens)
)

_BILLED = select(meters.c.last_value, meters.c.last_read_on).where(
    meters.c.site_id == _site_id,
    meters.c.serial == bindparam("serial"),
    meters.c.register == bindparam("register"),
)
_GIVEN = (
    select(readings.c.value, readings.c.read_on)
    .where(
        readings.c.site_id == _site_id,
        readings.c.serial == bindparam("serial"),
        readings.c.register == bindparam("register"),
        readings.c.superseded_at.is_(None),
    )
    .order_by(readings.c.read_on.desc())
    .limit(1)
)


def find_site(connection: Connection, site_id: str, service: Service, today: date) -> Site | None:
    """The site with its meters by serial and their registers in OBIS order, or ``None``.

    A register's last value is the newest of what the utility billed and what was given by
    telephone in an earlier window, so the next month's reading is judged by this month's even
    while the back office has not taken it over. A site of another service is not found.
    """
    month = month_of(today).opens
    parameters = {"site_id": site_id, "service": service, "today": today, "month": month}
    rows = connection.execute(_SITE, parameters).all()
    if not rows:
        return None
    return Site(
        site_id=site_id,
        customer_id=rows[0].customer_id,
        billing=rows[0].billing,
        partial_billing=rows[0].partial_billing,
        partial_kwh_per_month=rows[0].partial_kwh_per_month,
        meters=_meters(row for row in rows if row.serial is not None),
    )


def find_site_by_code(
    connection: Connection, code: str, serial: str, service: Service, today: date
) -> Site | None:
    """The site of that customer to which a meter with this serial belongs, or ``None``."""
    theirs = connection.execute(_SITES_OF_CUSTOMER, {"customer": code, "service": service})
    for row in theirs.all():
        if serial_matches(row.serial, serial):
            return find_site(connection, row.site_id, service, today)
    return None


def find_windows(connection: Connection, site_id: str) -> tuple[Window, ...]:
    """The site's reading windows, oldest first."""
    rows = connection.execute(_WINDOWS, {"site_id": site_id}).all()
    spans = (Window(row.opens, row.closes) for row in rows)
    return _with_extra_windows(connection, site_id, spans)


def find_last_reading(
    connection: Connection, site_id: str, serial: str, register: str
) -> LastReading | None:
    """The newest of what the utility billed and what was given by telephone."""
    wanted = {"site_id": site_id, "serial": serial, "register": register}
    found = [connection.execute(each, wanted).one_or_none() for each in (_BILLED, _GIVEN)]
    known = [LastReading(*row) for row in found if row is not None]
    # Of two of one day the caller's own is the newer one; the first of equals is taken.
    return max(reversed(known), key=lambda reading: reading.read_on, default=None)


def find_reading_state(connection: Connection, site_id: str, service: Service) -> ReadingState:
    """How the site is billed and its windows, oldest first; nothing when it is not there."""
    rows = connection.execute(_READING_STATE, {"site_id": site_id, "service": service}).all()
    if not rows:
        return ReadingState()
    spans = (Window(row.opens, row.closes) for row in rows if row.opens is not None)
    return ReadingState(rows[0].billing, _with_extra_windows(connection, site_id, spans))


def _with_extra_windows(
    connection: Connection, site_id: str, spans: Iterable[Window]
) -> tuple[Window, ...]:
    """The site's own windows and the extraordinary ones of its area, oldest first.

    Of two that begin on one day the site's own holds.
    """
    windows = {window.opens: window for window in spans}
    extras = windows_since(connection, date.min)
    if extras:
        address = connection.scalar(_ADDRESS, {"site_id": site_id}) or ""
        for extra in extras:
            if concerns(extra.area, [address]):
                windows.setdefault(extra.opens, Window(extra.opens, extra.closes))
    return tuple(windows[opens] for opens in sorted(windows))


def has_recorded_reading(
    connection: Connection, site_id: str, serial: str, window_opens: date
) -> bool:
    """Whether this meter has a valid reading in the window that opened on that day."""
    parameters = {"site_id": site_id, "serial": serial, "window_opens": window_opens}
    return bool(connection.execute(_RECORDED, parameters).scalar_one())


def _meters(rows: Iterable[Row[*tuple[object, ...]]]) -> tuple[Meter, ...]:
    labels: dict[str, dict[str, None]] = {}
    registers: dict[str, dict[str, Register]] = {}
    for row in rows:
        labels.setdefault(row.serial, {})[row.label] = None
        # Rows of one register come oldest reading first; the last one stays.
        registers.setdefault(row.serial, {})[row.register] = Register(
            register=row.register,
            digits=row.digits,
            last_value=row.last_value,
            last_read_on=row.last_read_on,
            daily_average=row.daily_average,
            max_amperes=row.max_amperes,
        )
    return tuple(
        Meter(serial, ", ".join(filter(None, labels[serial])), tuple(of_meter.values()))
        for serial, of_meter in registers.items()
    )

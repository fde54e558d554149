"""A site with its meters and windows, as the telephone needs it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import customers, meters, readings, sites
from backend.interface.answers import (
    LastReading,
    Meter,
    ReadingState,
    Register,
    Site,
    Window,
    serial_matches,
)
from backend.interface.codes import Service
from backend.interface.queries import FindPreviousReadings, FindRecordedReading, IdentifyByCode
from backend.records.requests.reading_periods import periods_among, periods_of
from backend.records.site_rows import SiteRows, find_site_rows
from backend.rules.plausibility import judged_by
from backend.rules.reading_windows import open_on

PREVIOUS_READINGS = 3
"""As many readings of a register are told, where there are so many."""

_site_id = bindparam("site_id", type_=sites.c.site_id.type)

_BILLING = select(sites.c.billing).where(
    sites.c.site_id == _site_id, sites.c.service == bindparam("service")
)

_RECORDED = Prepared(
    select(readings.c.receipt)
    .where(
        readings.c.site_id == _site_id,
        readings.c.serial == bindparam("serial"),
        # By its day: an import may have moved the window's beginning meanwhile.
        readings.c.read_on.between(bindparam("opens"), bindparam("closes")),
        readings.c.superseded_at.is_(None),
    )
    .order_by(readings.c.register)
)

_SITES_OF_CUSTOMER = Prepared(
    select(sites.c.site_id, meters.c.serial, customers.c.invoice_numbers)
    .select_from(sites.join(customers).outerjoin(meters))
    .where(sites.c.customer_id == bindparam("customer"), sites.c.service == bindparam("service"))
    .order_by(sites.c.site_id, meters.c.serial)
    .distinct()
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
    .limit(PREVIOUS_READINGS)
)


def find_site(connection: Connection, site_id: str, service: Service, day: date) -> Site | None:
    """The site with its meters by serial and their registers in OBIS order, or ``None``.

    ``window`` is the reading period of that day, and each register's last value is the one by which
    an entry of that period is judged: the newest of what the utility billed and what was given in
    earlier periods. So the next month's reading is judged by this month's even while the back
    office has not taken it over. A site of another service is not found.
    """
    return find_site_ahead(connection, site_id, service, day)()


def find_site_ahead(
    connection: Connection, site_id: str, service: Service, day: date
) -> Callable[[], Site | None]:
    """What gives the site that ``find_site`` finds, read now or together with the next statement.

    See ``Prepared.ahead``.
    """
    return find_site_rows(
        connection, site_id, service, lambda rows: _site_of(rows, site_id, service, day)
    )


def _site_of(rows: SiteRows | None, site_id: str, service: Service, day: date) -> Site | None:
    if rows is None:
        return None
    head = rows.meters[0]
    among = [(row.label, row.day, row.until) for row in rows.windows]
    window = open_on(periods_among(among, service, head.billing, day, head.address), day)
    return Site(
        site_id=site_id,
        customer_id=head.customer_id,
        billing=head.billing,
        partial_billing=head.partial_billing,
        partial_kwh_per_month=head.partial_kwh_per_month,
        meters=_meters([row for row in rows.meters if row.serial is not None], rows, window),
        window=window,
    )


def find_site_by_code(connection: Connection, query: IdentifyByCode, day: date) -> Site | None:
    """The site of that customer to which a meter with this serial belongs, or ``None``.

    Where an invoice is a proof, too, its number leads to the customer's first site.
    """
    theirs = _SITES_OF_CUSTOMER.rows(connection, customer=query.code, service=query.service)
    for row in theirs:
        if serial_matches(row.serial or "", query.serial):
            return find_site(connection, row.site_id, query.service, day)
    if query.or_invoice and theirs:
        invoices = (theirs[0].invoice_numbers or "").split()
        if any(serial_matches(number, query.serial) for number in invoices):
            return find_site(connection, theirs[0].site_id, query.service, day)
    return None


def find_previous_readings(
    connection: Connection, query: FindPreviousReadings, _context: CallContext
) -> tuple[LastReading, ...]:
    """The newest of what the utility billed and what was given by telephone, one a day."""
    meter = {"site_id": query.site_id, "serial": query.serial}
    wanted = {**meter, "register": query.register}
    # Of two of one day the caller's own is the newer one, so it takes the other's place.
    found = (row for each in (_BILLED, _GIVEN) for row in connection.execute(each, wanted))
    by_day = {read_on: LastReading(value, read_on) for value, read_on in found}
    newest = sorted(by_day.values(), key=lambda reading: reading.read_on, reverse=True)
    return tuple(newest[:PREVIOUS_READINGS])


def find_reading_state(
    connection: Connection, site_id: str, service: Service, day: date
) -> ReadingState:
    """How the site is billed and its periods, oldest first; nothing when it is not there."""
    billing = connection.scalar(_BILLING, {"site_id": site_id, "service": service})
    if billing is None:
        return ReadingState()
    return ReadingState(billing, periods_of(connection, site_id, service, billing, day))


def find_recorded(
    connection: Connection, query: FindRecordedReading, _context: CallContext
) -> tuple[str, ...]:
    """The receipts of this meter's valid readings in that window, one a register."""
    meter = {"site_id": query.site_id, "serial": query.serial}
    span = {"opens": query.window.opens, "closes": query.window.closes}
    return tuple(row.receipt for row in _RECORDED.rows(connection, **meter, **span))


def _meters(rows: Sequence[Any], of_site: SiteRows, window: Window | None) -> tuple[Meter, ...]:
    labels: dict[str, dict[str, None]] = {}
    registers: dict[str, list[Register]] = {}
    for row in rows:
        labels.setdefault(row.serial, {})[row.label] = None
        same = [
            each
            for each in of_site.readings
            if (each.serial, each.register) == (row.serial, row.register)
        ]
        last = _judged_by(LastReading(row.value, row.day), same, window)
        register = Register(
            register=row.register,
            digits=row.digits,
            last_value=last.value,
            last_read_on=last.read_on,
            daily_average=row.daily_average,
            max_amperes=row.max_amperes,
        )
        registers.setdefault(row.serial, []).append(register)
    return tuple(
        Meter(serial, ", ".join(filter(None, labels[serial])), tuple(of_meter))
        for serial, of_meter in registers.items()
    )


def _judged_by(billed: LastReading, given: Sequence[Any], window: Window | None) -> LastReading:
    if window is None:
        return judged_by(billed, [_reading(row) for row in given if not row.replaced], [])
    earlier = [row for row in given if row.day < window.opens and not row.replaced]
    of_window = [row for row in given if window.opens <= row.day <= window.closes]
    return judged_by(billed, map(_reading, earlier), map(_reading, of_window))


def _reading(row: Any) -> LastReading:
    return LastReading(row.value, row.day)

"""What a caller changes besides readings: the payment day, partial billing, the way of billing.

Each takes effect by one conditional UPDATE, so of two callers at the same moment one changes it
and the other is told that it is so already.
"""

from typing import Any

from sqlalchemy import Connection, Update, bindparam, exists, or_, select, update

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import customers, requests, sites
from backend.interface.answers import Mandate
from backend.interface.codes import PartialBilling
from backend.interface.commands import (
    ChangePartialConsumption,
    ChangePaymentDay,
    RestartPartialBilling,
    SuspendPartialBilling,
    SwitchToSelfReading,
)
from backend.interface.queries import FindMandate
from backend.records.requests.ledger import add_request_of
from backend.rules import partial_consumption, payment_day
from common.errors import RecordsError

_MANDATE = select(customers.c.payment_day).where(
    customers.c.customer_id == bindparam("customer_id"), customers.c.direct_debit
)

_CHANGE_PAYMENT_DAY = (
    update(customers)
    .where(
        customers.c.customer_id == bindparam("customer"),
        customers.c.direct_debit,
        or_(customers.c.payment_day.is_(None), customers.c.payment_day != bindparam("day")),
    )
    .values(payment_day=bindparam("day"))
)
_CHANGE_ONE_DAY = Prepared(_CHANGE_PAYMENT_DAY)


def _set_partial_billing(now: PartialBilling, before: PartialBilling) -> Update:
    return (
        update(sites)
        .where(sites.c.site_id == bindparam("site"), sites.c.partial_billing == before)
        .values(partial_billing=now)
    )


_SUSPEND = _set_partial_billing("suspended", before="active")
_RESTART = _set_partial_billing("active", before="suspended")

# Locks the site, so that two calls at once do not both find no wish waiting.
_NOT_SELF_READING = (
    select(sites.c.site_id)
    .where(sites.c.site_id == bindparam("site_id"), sites.c.billing != "self_reading")
    .with_for_update()
)
_WAITS_FOR_STAFF = select(
    exists().where(
        requests.c.kind == SwitchToSelfReading.kind,
        requests.c.site_id == bindparam("site_id"),
        requests.c.exported_at.is_(None),
    )
)

_NOT_TAKEN_OVER = (
    select(requests.c.kind, requests.c.customer_id, requests.c.site_id, requests.c.data)
    .where(
        requests.c.exported_at.is_(None),
        requests.c.kind.in_(
            (ChangePaymentDay.kind, SuspendPartialBilling.kind, RestartPartialBilling.kind)
        ),
    )
    .order_by(requests.c.number)
)
_SET_PARTIAL_BILLING = (
    update(sites)
    .where(sites.c.site_id == bindparam("site"))
    .values(partial_billing=bindparam("state"))
)


class RefusedChangeError(RecordsError):
    """The change breaks a rule; no dialogue should have let it through."""


def find_mandate(
    connection: Connection, query: FindMandate, _context: CallContext
) -> Mandate | None:
    """The customer's direct-debit mandate; ``None`` when they pay otherwise (rule DD-01)."""
    row = connection.execute(_MANDATE, {"customer_id": query.customer_id}).one_or_none()
    return None if row is None else Mandate(row.payment_day)


def change_payment_day(
    connection: Connection, command: ChangePaymentDay, context: CallContext
) -> tuple[str, ...]:
    """Set the day (rules DD-01 to DD-03); no receipt when it was that day, or without a mandate."""
    if not payment_day.is_allowed(command.day):
        raise RefusedChangeError(f"{command.day} is not a payment day from 1 to 27.")
    if not _CHANGE_ONE_DAY.run(connection, customer=command.customer_id, day=command.day):
        return ()
    return (add_request_of(connection, context, command, {"day": command.day}),)


def change_partial_consumption(
    connection: Connection, command: ChangePartialConsumption, context: CallContext
) -> tuple[str, ...]:
    """Enter one request a quantity; the site's present quantity works on until the day (PC-04)."""
    if not all(
        partial_consumption.is_allowed(quantity.kwh_per_month) for quantity in command.quantities
    ):
        raise RefusedChangeError("A monthly quantity is a whole number from 1 to 99,999 kWh.")
    receipts = []
    for quantity in command.quantities:
        data: dict[str, Any] = {"kwh_per_month": quantity.kwh_per_month}
        if quantity.serial is not None:
            data["serial"] = quantity.serial
        day, flags = command.effective_from, command.flags
        receipts.append(add_request_of(connection, context, command, data, day, flags))
    return tuple(receipts)


def change_partial_billing(
    connection: Connection,
    command: SuspendPartialBilling | RestartPartialBilling,
    context: CallContext,
) -> tuple[str, ...]:
    """Suspend or restart partial bills at once (rules PB-08, PB-11); no receipt when it was so."""
    statement = _SUSPEND if isinstance(command, SuspendPartialBilling) else _RESTART
    changed = connection.execute(statement, {"site": command.site_id})
    if changed.rowcount == 0:
        return ()
    return (add_request_of(connection, context, command, {}, command.effective_from),)


def ask_for_self_reading(
    connection: Connection, command: SwitchToSelfReading, context: CallContext
) -> tuple[str, ...]:
    """Enter the wish for staff to set up (rule MR-01).

    No receipt when the site is set up, or when the wish waits for staff already.
    """
    site = {"site_id": command.site_id}
    if connection.execute(_NOT_SELF_READING, site).one_or_none() is None:
        return ()
    if connection.execute(_WAITS_FOR_STAFF, site).scalar_one():
        return ()
    return (add_request_of(connection, context, command, {}),)


def apply_again(connection: Connection) -> None:
    """Set once more what callers changed and the back office has not been handed yet.

    Called after an import, whose files may be older than the calls. Of several changes of one
    thing the last one counts.
    """
    days: dict[str, int] = {}
    states: dict[str, PartialBilling] = {}
    for kind, customer_id, site_id, data in connection.execute(_NOT_TAKEN_OVER):
        if kind == ChangePaymentDay.kind:
            days[customer_id] = data["day"]
        else:
            states[site_id] = "suspended" if kind == SuspendPartialBilling.kind else "active"
    if days:
        chosen = [{"customer": customer, "day": day} for customer, day in days.items()]
        connection.execute(_CHANGE_PAYMENT_DAY, chosen)
    if states:
        set_by_callers = [{"site": site, "state": state} for site, state in states.items()]
        connection.execute(_SET_PARTIAL_BILLING, set_by_callers)

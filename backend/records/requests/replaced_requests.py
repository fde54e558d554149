"""Whether a later request has taken a recorded one's place, so that it is not valid any more."""

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, select

from backend.db.tables.records import readings, requests
from backend.interface.commands import (
    ChangePartialConsumption,
    ChangePaymentDay,
    ChooseEInvoice,
    ChooseReminders,
    RestartPartialBilling,
    SuspendPartialBilling,
)
from backend.records.requests.ledger import Request

_PARTIAL_BILLING = (SuspendPartialBilling.kind, RestartPartialBilling.kind)
_REPLACED_BY = {
    ChangePaymentDay.kind: (ChangePaymentDay.kind,),
    ChangePartialConsumption.kind: (ChangePartialConsumption.kind,),
    SuspendPartialBilling.kind: _PARTIAL_BILLING,
    RestartPartialBilling.kind: _PARTIAL_BILLING,
    ChooseEInvoice.kind: (ChooseEInvoice.kind,),
    ChooseReminders.kind: (ChooseReminders.kind,),
}
"""Kinds of requests of which the last one holds, each with those that replace it."""

_OF_THE_CUSTOMER = (ChangePaymentDay.kind, ChooseReminders.kind)
"""What holds for the whole customer; the rest holds for a site."""

_SUPERSEDED = select(
    exists().where(
        readings.c.receipt == bindparam("receipt"), readings.c.superseded_at.is_not(None)
    )
)
_THIS = requests.alias("this")
_LATER: Select[Any] = (
    select(requests.c.site_id, requests.c.data, requests.c.effective_from)
    .join(_THIS, _THIS.c.receipt == bindparam("receipt"))
    .where(
        requests.c.customer_id == _THIS.c.customer_id,
        requests.c.kind.in_(bindparam("kinds", expanding=True)),
        requests.c.number > _THIS.c.number,
    )
)


def is_replaced(connection: Connection, request: Request) -> bool:
    """Whether a later reading of its window, or a later change of the same thing, holds instead.

    A quantity that works from a later day leaves the one before valid until then (rule PC-04).
    """
    if connection.execute(_SUPERSEDED, {"receipt": request.receipt}).scalar_one():
        return True
    kinds = _REPLACED_BY.get(request.kind)
    if kinds is None:
        return False
    later = connection.execute(_LATER, {"receipt": request.receipt, "kinds": kinds})
    return any(_replaces(row, request) for row in later)


def _replaces(later: Row[Any], request: Request) -> bool:
    if request.kind not in _OF_THE_CUSTOMER and later.site_id != request.site_id:
        return False
    if request.kind != ChangePartialConsumption.kind:
        return True
    # A site with several meters has a quantity for each.
    serials = {later.data.get("serial"), request.data.get("serial")}
    is_the_same = len(serials - {None}) < 2
    return is_the_same and later.effective_from <= request.effective_from

"""Whether a later request has taken a recorded one's place, so that it is not valid any more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, select

from backend.db.tables.records import readings, requests
from backend.interface.codes import RequestKind
from backend.records.requests.ledger import Request

_PARTIAL_BILLING = (RequestKind.PARTIAL_BILLING_SUSPENSION, RequestKind.PARTIAL_BILLING_RESTART)
_REPLACED_BY: Mapping[str, tuple[RequestKind, ...]] = {
    RequestKind.PAYMENT_DAY: (RequestKind.PAYMENT_DAY,),
    RequestKind.PARTIAL_CONSUMPTION: (RequestKind.PARTIAL_CONSUMPTION,),
    RequestKind.PARTIAL_BILLING_SUSPENSION: _PARTIAL_BILLING,
    RequestKind.PARTIAL_BILLING_RESTART: _PARTIAL_BILLING,
    RequestKind.E_INVOICE: (RequestKind.E_INVOICE,),
    RequestKind.SMS_PREFERENCE: (RequestKind.SMS_PREFERENCE,),
}
"""Kinds of requests of which the last one holds, each with those that replace it."""

_OF_THE_CUSTOMER = (RequestKind.PAYMENT_DAY, RequestKind.SMS_PREFERENCE)
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
    if request.kind != RequestKind.PARTIAL_CONSUMPTION:
        return True
    # A site with several meters has a quantity for each.
    serials = {later.data.get("serial"), request.data.get("serial")}
    is_the_same = len(serials - {None}) < 2
    return is_the_same and later.effective_from <= request.effective_from

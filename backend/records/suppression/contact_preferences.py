"""How a customer wants to be written to: e-invoice or paper, reminders by text message or none.

What a caller wishes is entered for the back office; only a stop of messages works by itself, and
at once. Taking a stop back is a colleague's act: another person may have asked for it (CO-17).
"""

from typing import Any

from sqlalchemy import Connection, bindparam, select, union

from backend.context import CallContext
from backend.db.tables.records import customers, debts, requests
from backend.interface.codes import StopOrigin, StopReason
from backend.interface.commands import ChooseEInvoice, ChooseReminders, ReportWrongNumber
from backend.records.requests.ledger import add_request, add_request_of
from backend.records.suppression.stops import stop_number
from backend.records.work_list.tasks import VERIFIED_BY, last_message_to, open_task

# Locks the customer, so that two calls at once do not both find no wish waiting.
_LOCK = (
    select(customers.c.customer_id)
    .where(customers.c.customer_id == bindparam("customer"))
    .with_for_update()
)
_WAITING = (
    select(requests.c.data)
    .where(
        requests.c.kind == bindparam("kind"),
        requests.c.customer_id == bindparam("customer"),
        requests.c.exported_at.is_(None),
    )
    .order_by(requests.c.number.desc())
    .limit(1)
)
_PHONES = union(
    select(customers.c.phone).where(customers.c.customer_id == bindparam("customer")),
    select(debts.c.phone).where(debts.c.customer_id == bindparam("customer")),
)


def choose_e_invoice(
    connection: Connection, command: ChooseEInvoice, context: CallContext
) -> tuple[str, ...]:
    """Enter the wish (ES-09, ES-10); no receipt when the same one waits for staff already."""
    return _wish(connection, command, {"e_invoice": _yes_no(command.wanted)}, context)


def choose_reminders(
    connection: Connection, command: ChooseReminders, context: CallContext
) -> tuple[str, ...]:
    """Enter the wish; a no stops every number on the customer's record, and the calling mobile.

    No receipt when the same wish waits for staff already.
    """
    if not command.wanted:
        recorded = connection.scalars(_PHONES, {"customer": command.customer_id})
        # In one order: two calls that stop the same numbers cannot wait for each other.
        for phone in sorted({phone for phone in (*recorded, command.mobile) if phone}):
            stop_number(connection, phone, StopReason.OPTED_OUT, StopOrigin.CALL, context.now)
    return _wish(connection, command, {"reminders": _yes_no(command.wanted)}, context)


def report_wrong_number(
    connection: Connection, command: ReportWrongNumber, context: CallContext
) -> tuple[str, ...]:
    """Stop the number and let a colleague take it out of the records (CO-17).

    No receipt when it is stopped so already. The ledger does not keep the number of somebody who
    is no customer; the colleague's task does until it is done.
    """
    phone, now = command.mobile, context.now
    if not stop_number(connection, phone, StopReason.WRONG_ADDRESSEE, StopOrigin.CALL, now):
        return ()
    row = last_message_to(connection, phone)
    open_task(connection, VERIFIED_BY[StopReason.WRONG_ADDRESSEE], phone, now, outbox_number=row)
    data = {"reminders": "no", "reason": "wrong_addressee"}
    return (add_request(connection, context, command.kind, data=data),)


def _wish(
    connection: Connection,
    command: ChooseEInvoice | ChooseReminders,
    data: dict[str, Any],
    context: CallContext,
) -> tuple[str, ...]:
    customer = {"customer": command.customer_id}
    connection.execute(_LOCK, customer)
    if connection.scalar(_WAITING, {**customer, "kind": command.kind}) == data:
        return ()
    return (add_request_of(connection, context, command, data),)


def _yes_no(wanted: bool) -> str:
    return "yes" if wanted else "no"

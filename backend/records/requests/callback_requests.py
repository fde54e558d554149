"""Asking to be called back, by whoever calls, at any hour."""

from sqlalchemy import Connection, bindparam, exists, select

from backend.context import CallContext
from backend.db.tables.records import requests
from backend.interface.answers import CallingNumber
from backend.interface.commands import RequestCallback
from backend.interface.queries import AskCallingNumber
from backend.records.requests.ledger import add_request
from common.errors import RecordsError
from common.phone_numbers import is_callable, is_mobile

_WAITS = select(
    exists().where(
        requests.c.kind == RequestCallback.kind,
        requests.c.data["phone"].as_string() == bindparam("phone"),
        requests.c.exported_at.is_(None),
    )
)


class RefusedCallbackError(RecordsError):
    """The number is none that a colleague should dial; no dialogue should have let it through."""


def calling_number(
    _connection: Connection, _query: AskCallingNumber, context: CallContext
) -> CallingNumber:
    """The number that calls, when it is known and may be called back."""
    number = context.caller
    if number is None or not is_callable(number):
        return CallingNumber(None)
    return CallingNumber(number, is_mobile(number))


def request_callback(
    connection: Connection, command: RequestCallback, context: CallContext
) -> tuple[str, ...]:
    """Enter the request; no receipt when one for this number waits for staff already."""
    if not is_callable(command.phone):
        raise RefusedCallbackError("This is no Hungarian number that can be called back.")
    if connection.execute(_WAITS, {"phone": command.phone}).scalar_one():
        return ()
    data = {"phone": command.phone, "time_of_day": command.time_of_day}
    return (add_request(connection, context, command.kind, data=data),)

"""The ledger of requests: each thing that a caller did, with its receipt, oldest first."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import requests
from backend.db.transactions import upsert
from backend.hooks.outbox import note_event
from backend.interface.codes import EventKind
from backend.interface.commands import OfSite
from backend.rules.confirmation_numbers import is_valid, new_receipt
from common.error_codes import ErrorCode
from common.errors import RecordsError

PAGE = 50
_DRAWS = 100
"""With half of all receipts taken, a hundred draws in vain are as likely as never."""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the ledger, with the columns in the order in which they are handed over."""

    receipt: str
    kind: str
    customer_id: str | None
    site_id: str | None
    data: Mapping[str, Any]
    effective_from: date | None
    channel: str
    call_sid: str | None
    created_at: datetime
    flags: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The request as the command line hands it over: plain values, times in UTC."""
        day = self.effective_from
        return asdict(self) | {
            "effective_from": None if day is None else day.isoformat(),
            "created_at": self.created_at.isoformat(),
            "flags": list(self.flags),
        }


# Never "is it free? then take it": two transactions would both find it free.
_ADD = Prepared(
    lambda dialect: (
        upsert(dialect, requests)
        .on_conflict_do_nothing(index_elements=[requests.c.receipt])
        .returning(requests.c.number)
    ),
    *("receipt", "kind", "customer_id", "site_id", "data", "effective_from", "channel"),
    *("call_sid", "created_at", "flags"),
)
_COLUMNS = [requests.c[name] for name in Request.__dataclass_fields__]
_BY_RECEIPT = select(*_COLUMNS).where(requests.c.receipt == bindparam("receipt"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A request with its place in the ledger, and when it was handed over to the back office."""

    number: int
    request: Request
    exported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which requests are meant; ``None`` lets all through. ``until`` is not included."""

    receipt: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    call_sid: str | None = None
    exported: bool | None = None


class ReceiptsExhaustedError(RecordsError):
    """So many receipts are taken that no free one can be drawn."""


def add_request(
    connection: Connection,
    context: CallContext,
    kind: str,
    *,
    customer_id: str | None = None,
    site_id: str | None = None,
    data: Mapping[str, Any],
    effective_from: date | None = None,
    flags: tuple[str, ...] = (),
) -> str:
    """Enter one request and return its receipt, which no other request has.

    Customer and site are ``None`` where nobody was identified. Other systems that want to know are
    told of it.
    """
    values = {
        "kind": kind,
        "customer_id": customer_id,
        "site_id": site_id,
        "data": dict(data),
        "effective_from": effective_from,
        "channel": context.channel,
        "call_sid": context.call_sid,
        "created_at": context.now,
        "flags": list(flags),
    }
    for _ in range(_DRAWS):
        receipt = new_receipt(context.rng)
        if _ADD.rows(connection, receipt=receipt, **values):
            note_event(connection, EventKind.REQUEST_RECORDED, receipt, context.now)
            return receipt
    raise ReceiptsExhaustedError(
        f"No free receipt number in {_DRAWS} draws. Delete requests past their retention time."
    )


def add_request_of(
    connection: Connection,
    context: CallContext,
    command: OfSite,
    data: Mapping[str, Any],
    effective_from: date | None = None,
    flags: tuple[str, ...] = (),
) -> str:
    """``add_request`` for what an identified caller has confirmed."""
    return add_request(
        connection,
        context,
        command.kind,
        customer_id=command.customer_id,
        site_id=command.site_id,
        data=data,
        effective_from=effective_from,
        flags=flags,
    )


def verify_receipt(connection: Connection, receipt: str) -> Request | None:
    """The request that this receipt proves, or ``None``; a slip is told without a look."""
    if not is_valid(receipt):
        return None
    row = connection.execute(_BY_RECEIPT, {"receipt": receipt}).one_or_none()
    return None if row is None else _request(row)


def list_requests(connection: Connection, since: datetime | None = None) -> Iterator[Request]:
    """The requests in the order of their creation, from that moment on, a batch at a time."""
    statement: Select[Any] = select(*_COLUMNS).order_by(requests.c.created_at, requests.c.number)
    if since is not None:
        statement = statement.where(requests.c.created_at >= since)
    rows = connection.execution_options(yield_per=1000).execute(statement)
    for row in rows:
        yield _request(row)


def find_by_text(connection: Connection, written: str) -> Request:
    """The request whose confirmation number a person has written, with blanks or hyphens or not.

    Raises ``RecordsError`` for what is no such number, and for one that no request has.
    """
    digits = "".join(written.replace("-", " ").split())
    if not is_valid(digits):
        raise RecordsError(
            f'"{written}" is no receipt number: it has eight digits, and the last one checks the '
            "others. Ask for it again.",
            code=ErrorCode.RECEIPT_INVALID,
        )
    request = verify_receipt(connection, digits)
    if request is None:
        raise RecordsError(
            f'No request has the receipt number "{written}".', code=ErrorCode.RECEIPT_UNKNOWN
        )
    return request


def page_of_requests(
    connection: Connection,
    filters: Filters | None = None,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int | None = PAGE,
) -> list[Entry]:
    """A page of the requests that fit every given filter, the newest first.

    ``before`` is the number of the last request of the page before. With ``after``, the same, the
    oldest come first.
    """
    found: Select[Any] = select(*_COLUMNS, requests.c.number, requests.c.exported_at)
    given = filters or Filters()
    conditions = [
        None if given.receipt is None else requests.c.receipt == given.receipt,
        None if given.kind is None else requests.c.kind == given.kind,
        None if given.since is None else requests.c.created_at >= given.since,
        None if given.until is None else requests.c.created_at < given.until,
        None if given.call_sid is None else requests.c.call_sid == given.call_sid,
        None if given.exported is None else requests.c.exported_at.is_not(None) == given.exported,
        None if before is None else requests.c.number < before,
        None if after is None else requests.c.number > after,
    ]
    found = found.where(*(each for each in conditions if each is not None))
    order = requests.c.number.desc() if after is None else requests.c.number
    rows = connection.execute(found.order_by(order).limit(limit))
    return [Entry(row.number, _request(row), row.exported_at) for row in rows]


def _request(row: Any) -> Request:
    values = {name: row._mapping[name] for name in Request.__dataclass_fields__}
    return Request(**{**values, "flags": tuple(row.flags)})

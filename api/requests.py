"""What customers have settled by telephone and message, for the back office."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection

from api.models import Body
from api.operations import Operation
from api.parts import Call
from backend.interface.codes import Scope
from backend.records.requests.ledger import Entry
from backend.records.requests.ledger_acknowledgement import acknowledge, read_ledger

Receipt = Annotated[str, StringConstraints(pattern="^[0-9]{8}$")]


class RequestsQuery(Body):
    """Which requests: those that wait to be acknowledged, or all, from the oldest on."""

    limit: int = Field(default=100, ge=1, le=500)
    after: str | None = Field(
        default=None, pattern="^[0-9]{1,18}$", description="The next of the page before."
    )
    waiting: bool = Field(default=True, description="Only what was not handed over yet.")


class CustomerRequest(BaseModel):
    """One thing that a customer has settled; ``receipt`` is its confirmation number."""

    receipt: str
    kind: str
    customer_id: str | None
    site_id: str | None
    data: dict[str, Any]
    effective_from: date | None
    channel: str
    created_at: datetime
    flags: list[str]
    acknowledged_at: datetime | None


class RequestsPage(BaseModel):
    """A page of requests; ``next`` is there when there are more."""

    items: list[CustomerRequest]
    next: str | None


class Receipts(Body):
    """Requests that the back office has stored, by their receipts."""

    receipts: list[Receipt] = Field(min_length=1, max_length=1000)


class Acknowledged(BaseModel):
    """How many had not been acknowledged before."""

    acknowledged: int


def list_waiting(call: Call, asked: RequestsQuery) -> RequestsPage:
    def act(connection: Connection) -> RequestsPage:
        found = read_ledger(
            connection,
            call.by,
            call.now,
            waiting=asked.waiting,
            after=int(asked.after or 0),
            limit=asked.limit,
        )
        shown = found[: asked.limit]
        more = len(found) > asked.limit
        return RequestsPage(
            items=[_shown(each) for each in shown], next=str(shown[-1].number) if more else None
        )

    return call.once(act)


def acknowledge_requests(call: Call, asked: Receipts) -> Acknowledged:
    def act(connection: Connection) -> Acknowledged:
        return Acknowledged(acknowledged=acknowledge(connection, asked.receipts, call.by, call.now))

    return call.once(act)


def _shown(entry: Entry) -> CustomerRequest:
    request = entry.request
    return CustomerRequest(
        receipt=request.receipt,
        kind=request.kind,
        customer_id=request.customer_id,
        site_id=request.site_id,
        data=dict(request.data),
        effective_from=request.effective_from,
        channel=request.channel,
        created_at=request.created_at,
        flags=list(request.flags),
        acknowledged_at=entry.exported_at,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/requests",
        "list_requests",
        list_waiting,
        RequestsQuery,
        RequestsPage,
        (Scope.REQUESTS_READ,),
        "Read what customers have settled, the oldest first.",
    ),
    Operation(
        "POST",
        "/requests/acknowledgements",
        "acknowledge_requests",
        acknowledge_requests,
        Receipts,
        Acknowledged,
        (Scope.REQUESTS_WRITE,),
        "Acknowledge requests that are stored, so that they are not handed over again.",
        changes=True,
    ),
)

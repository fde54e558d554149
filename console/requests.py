"""The ledger of requests: what callers asked for, by kind and day, and whether it is handed over."""

from collections.abc import Iterator

from flask import Blueprint, request, url_for

from backend.calls.call_lists import references_of
from backend.interface.codes import RequestKind
from backend.records.ledger import Entry, find_by_text, page_of_requests
from common.errors import RecordsError
from common.phone_numbers import masked_phone
from common.timezone import in_budapest, local_date
from console.access import needs
from console.exports import note_download
from console.pages import Reply, csv_response, page
from console.parts import parts, reading
from console.periods import LAST_DAYS, Period, chosen_period
from console.tables import PAGE_ROWS, cut, with_query
from console.words import _, word

blueprint = Blueprint("requests", __name__)

EXPORTED = {"yes": True, "no": False}


@blueprint.get("/requests")
@needs("call.see")
def requests() -> Reply:
    """Show the requests that fit the filters, the newest first."""
    period = _period()
    receipt = request.args.get("receipt", "").strip()
    after = request.args.get("after", "")
    with reading() as connection:
        if receipt:
            try:
                number = find_by_text(connection, receipt).receipt
            except RecordsError:
                number = None
            rows = [] if number is None else page_of_requests(connection, receipt=number)
        else:
            before = int(after) if after.isdecimal() else None
            rows = page_of_requests(
                connection, **_filters(period), before=before, limit=PAGE_ROWS + 1
            )
        listed, last = cut(rows, key=lambda entry: entry.number)
        calls = references_of(connection, [entry.request.call_sid for entry in listed])
    return page(
        "requests/list.html",
        title=_("Requests"),
        entries=listed,
        calls=calls,
        detail=_detail,
        kinds=[(each, word("request kind", each)) for each in KINDS],
        kind=request.args.get("kind", ""),
        exported=request.args.get("exported", ""),
        receipt=receipt,
        period=period,
        periods=[(name, word("period", name)) for name in LAST_DAYS],
        is_filtered=any(request.args.get(each) for each in ("kind", "exported", "from", "until")),
        next_url=with_query(after=last) if last else None,
        csv_query=request.args.to_dict(),
    )


@blueprint.post("/requests.csv")
@needs("export")
def download() -> Reply:
    """Download all requests that fit the filters."""
    note_download("requests")
    with reading() as connection:
        rows = page_of_requests(connection, **_filters(_period()), limit=None)
    header = ("receipt", "kind", "created", "site", "effective", "exported", "detail")
    return csv_response(
        "-".join(filter(None, ("bejelentesek", request.args.get("kind", "")))),
        [word("column", each) for each in header],
        _cells(rows),
    )

"""The ledger of requests: what callers asked for, when, and whether it is handed over."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import Blueprint, request
from sqlalchemy import Connection, Engine

from backend.calls.call_lists import references_of
from backend.interface.codes import RequestKind
from backend.records.requests.ledger import Entry, Filters, find_by_text, page_of_requests
from common.csv_files.writing import Cell
from common.errors import RecordsError
from common.phone_numbers import masked_phone
from common.timezone import local_date
from console.web.access import needs
from console.web.exports import Table, answer_export
from console.web.pages import Reply, page
from console.web.parts import parts, reading
from console.web.periods import LAST_DAYS, Period, period_if_any
from console.web.tables import PAGE_ROWS, cut, each_row, with_query
from console.web.typed import number_typed
from console.web.words import _, word
from console.web.written import to_the_second

blueprint = Blueprint("requests", __name__)

HOT_WATER = "hot_water"
"""A register by a name of ours; the others have those of their meters."""

EXPORTED = {"yes": True, "no": False}


@blueprint.get("/requests")
@needs("call.see")
def requests() -> Reply:
    period = period_if_any(request.args, local_date(parts().clock()))
    receipt = request.args.get("receipt", "").strip()
    with reading() as connection:
        if receipt:
            try:
                number = find_by_text(connection, receipt).receipt
            except RecordsError:
                number = None
            rows = [] if number is None else page_of_requests(connection, Filters(receipt=number))
        else:
            before = number_typed(request.args.get("after"))
            rows = page_of_requests(
                connection, _filters(request.args, period), before=before, limit=PAGE_ROWS + 1
            )
        listed, last = cut(rows, key=lambda entry: entry.number)
        calls = references_of(connection, [entry.request.call_sid for entry in listed])
    return page(
        "requests/list.html",
        title=_("Requests"),
        entries=listed,
        calls=calls,
        detail=_detail,
        kinds=[(each, word("request kind", each)) for each in RequestKind],
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
    return answer_export("requests", requests_table, request.args.to_dict())


def requests_table(engine: Engine, chosen: Mapping[str, str], now: datetime) -> Table:
    """All requests that fit the filters, the newest first."""
    filters = _filters(chosen, period_if_any(chosen, local_date(now)))

    def batch(connection: Connection, before: int | None, limit: int) -> list[Entry]:
        return page_of_requests(connection, filters, before=before, limit=limit)

    header = ("receipt", "kind", "created", "site", "effective", "exported", "detail")
    return Table(
        "-".join(filter(None, ("bejelentesek", filters.kind))),
        [word("column", each) for each in header],
        _cells(each_row(engine, batch, key=lambda entry: entry.number)),
    )


def _filters(chosen: Mapping[str, str], period: Period | None) -> Filters:
    kind = chosen.get("kind", "")
    return Filters(
        kind=kind if kind in tuple(RequestKind) else None,
        since=None if period is None else period.since,
        until=None if period is None else period.until,
        exported=EXPORTED.get(chosen.get("exported", "")),
    )


def _detail(entry: Entry) -> str:
    """What was asked for, in words; a telephone number is masked."""
    told = []
    for name, value in entry.request.data.items():
        shown = masked_phone(str(value)) if name == "phone" else str(value)
        if name in {"reminders", "wanted", "time_of_day", "reason"} or value == HOT_WATER:
            shown = word("request value", str(value))
        told.append(f"{word('request detail', name)}: {shown}")
    return ", ".join(told)


def _cells(rows: Iterable[Entry]) -> Iterator[tuple[Cell, ...]]:
    for entry in rows:
        made, handed_over = entry.request, entry.exported_at
        yield (
            made.receipt,
            word("request kind", made.kind),
            to_the_second(made.created_at),
            made.site_id,
            made.effective_from,
            None if handed_over is None else to_the_second(handed_over),
            _detail(entry),
        )

"""The log: who did what to what, and when; it is read, filtered and downloaded, never changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from flask import Blueprint, request
from sqlalchemy import Connection, Engine

from backend.staff.api_access.api_keys import list_keys
from backend.staff.audit import ACTS, Act, list_acts
from backend.staff.users import COMMAND_LINE, list_users
from common.csv_files.writing import Cell
from common.timezone import local_date
from console.account.logged import NOBODY, actor, detail, on_what, where
from console.web.access import needs
from console.web.exports import Table, answer_export
from console.web.pages import Reply, page
from console.web.parts import parts, reading
from console.web.periods import LAST_DAYS, Period, period_if_any
from console.web.tables import PAGE_ROWS, cut, each_row, with_query
from console.web.typed import number_typed
from console.web.words import _, word
from console.web.written import to_the_second

blueprint = Blueprint("log", __name__)
blueprint.add_app_template_global(actor, "act_by")
blueprint.add_app_template_global(on_what, "act_subject")
blueprint.add_app_template_global(where, "act_page")
blueprint.add_app_template_global(detail, "act_detail")

SERVICE = ("worker", NOBODY, COMMAND_LINE)
"""Who acts without being a user."""

FILTERS = ("by", "act", "subject", "period", "from", "until")


@blueprint.get("/log")
@needs("log.see")
def log() -> Reply:
    period = period_if_any(request.args, local_date(parts().clock()))
    with reading() as connection:
        people = [user.name for user in list_users(connection)]
        keys = [key.actor for key in list_keys(connection)]
        read = _fitting(connection, request.args, period, before=_before(), limit=PAGE_ROWS + 1)
    rows, after = cut(read, key=lambda act: act.number)
    return page(
        "log/log.html",
        title=_("Log"),
        rows=rows,
        people=[*people, *keys, *SERVICE],
        acts=_offered(),
        period=period,
        periods=[(name, word("period", name)) for name in LAST_DAYS],
        wanted=request.args,
        is_filtered=any(request.args.get(name) for name in FILTERS),
        next_url=with_query(after=after) if after else None,
        csv_query=request.args.to_dict(),
    )


@blueprint.post("/log.csv")
@needs("log.see")
def download() -> Reply:
    """Download all acts that fit the filters; the download is one of them from then on."""
    return answer_export("log", log_table, request.args.to_dict())


def log_table(engine: Engine, chosen: Mapping[str, str], now: datetime) -> Table:
    """All acts that fit the filters, the newest first."""
    period = period_if_any(chosen, local_date(now))

    def batch(connection: Connection, before: int | None, limit: int) -> list[Act]:
        return _fitting(connection, chosen, period, before=before, limit=limit)

    header = ("at", "by", "act", "subject", "details", "session", "address")
    name = "-".join(filter(None, ("naplo", chosen.get("by"))))
    rows = _cells(each_row(engine, batch, key=lambda act: act.number))
    return Table(name, [word("column", each) for each in header], rows)


def _fitting(
    connection: Connection,
    wanted: Mapping[str, str],
    period: Period | None,
    *,
    before: int | None,
    limit: int,
) -> list[Act]:
    act = wanted.get("act", "")
    return list_acts(
        connection,
        by=wanted.get("by") or None,
        act=act if act in ACTS else None,
        subject=wanted.get("subject", "").strip() or None,
        since=None if period is None else period.since,
        until=None if period is None else period.until,
        before=before,
        limit=limit,
    )


def _before() -> int | None:
    return number_typed(request.args.get("after"))


def _offered() -> Sequence[tuple[str, str]]:
    return [(act, word("logged act", act)) for act in ACTS]


def _cells(rows: Iterable[Act]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (
            to_the_second(row.at),
            actor(row.by),
            word("logged act", row.act),
            on_what(row),
            detail(row),
            row.session,
            row.address,
        )

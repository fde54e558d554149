"""The log: who did what to what, and when; it is read, filtered and downloaded, never changed."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, request
from sqlalchemy import Connection

from backend.staff.audit import ACTS, Act, list_acts
from backend.staff.users import COMMAND_LINE, list_users
from common.csv_writing import Cell
from common.timezone import in_budapest, local_date
from console.account.logged import NOBODY, actor, detail, on_what, where
from console.web.access import needs
from console.web.exports import note_download
from console.web.pages import Reply, csv_response, page
from console.web.parts import parts, reading
from console.web.periods import LAST_DAYS, Period, chosen_period
from console.web.tables import PAGE_ROWS, cut, with_query
from console.web.typed import number_typed
from console.web.words import _, word

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
    """List the acts that fit the filters, the newest first."""
    period = _period()
    with reading() as connection:
        people = [user.name for user in list_users(connection)]
        read = _fitting(connection, period, before=_before(), limit=PAGE_ROWS + 1)
    rows, after = cut(read, key=lambda act: act.number)
    return page(
        "log/log.html",
        title=_("Log"),
        rows=rows,
        people=[*people, *SERVICE],
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
    note_download("log")
    with reading() as connection:
        rows = _fitting(connection, _period(), before=None, limit=None)
    header = ("at", "by", "act", "subject", "details", "session", "address")
    name = "-".join(filter(None, ("naplo", request.args.get("by"))))
    return csv_response(name, [word("column", each) for each in header], _cells(rows))


def _fitting(
    connection: Connection, period: Period | None, *, before: int | None, limit: int | None
) -> list[Act]:
    wanted = request.args
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


def _period() -> Period | None:
    """The period that the address names; all days where it names none."""
    if any(request.args.get(name) for name in ("period", "from", "until")):
        return chosen_period(request.args, local_date(parts().clock()))
    return None


def _before() -> int | None:
    return number_typed(request.args.get("after"))


def _offered() -> Sequence[tuple[str, str]]:
    return [(act, word("logged act", act)) for act in ACTS]


def _cells(rows: Sequence[Act]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (
            in_budapest(row.at).isoformat(sep=" ", timespec="seconds"),
            actor(row.by),
            word("logged act", row.act),
            on_what(row),
            detail(row),
            row.session,
            row.address,
        )

"""What became of the calls of a period, and the calls one by one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Connection

from backend.calls import call_lists
from backend.calls.call_lists import ListedCall, Result
from backend.calls.call_statistics import Dialled, Statistics, count_calls, statistics
from common.csv_files.writing import Cell
from common.timezone import local_date
from console.calls.bars import ByHour, bars, chart, finding
from console.calls.menu_words import lines, shown, topic
from console.menu.chosen import Layer
from console.web.access import needs
from console.web.exports import note_download
from console.web.memo import PeriodMemo
from console.web.pages import PollBlock, Reply, answer_poll, page, poll_block
from console.web.parts import parts, reading
from console.web.periods import LAST_DAYS, OWN, Period, chosen_period
from console.web.tables import PAGE_ROWS, csv_response, cut, each_row, with_query
from console.web.words import _, word
from console.web.written import percent, to_the_second
from ivr.lines.topic_names import dialled_for

blueprint = Blueprint("calls", __name__)

REFRESH_SECONDS = 15
MOST_PLACES = 10


def how_many(since: datetime, until: datetime) -> int:
    with reading() as connection:
        return count_calls(connection, since, until)


FIGURES = PeriodMemo(10, how_many)


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters in the address: a period, a line ("" is all), a result ("" is all)."""

    period: Period
    line: str
    dialled: Dialled | None
    result: Result | None

    @property
    def query(self) -> dict[str, str]:
        """Period and line as the address has them."""
        first, last = self.period.typed
        period = "" if self.period.name in {OWN, "today"} else self.period.name
        given = {"period": period, "from": first, "until": last, "line": self.line}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted about a period."""

    told: Statistics
    by_hour: ByHour

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.told + other.told, {**self.by_hour, **other.by_hour})

    @property
    def results(self) -> Counter[Result]:
        """The calls by what became of them; their sum is all calls."""
        return sum(self.by_hour.values(), Counter())


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A place of the menu where calls ended: ``here`` of the ``reached`` that came to it."""

    path: str
    topic: str
    here: int
    reached: int
    link: str


@blueprint.get("/calls")
@needs("call.see")
def calls() -> Reply:
    """Show the figures of a period, where callers gave up, and the calls themselves."""
    chosen = _chosen()
    figures = _figures(chosen)
    with reading() as connection:
        rows = call_lists.page_of_calls(
            connection,
            chosen.period.since,
            chosen.period.until,
            chosen.dialled,
            result=chosen.result,
            before=request.args.get("after"),
            limit=PAGE_ROWS + 1,
        )
    listed, after = cut(rows, key=lambda call: call.reference)
    return page(
        "calls/calls.html",
        title=_("Calls"),
        chosen=chosen,
        periods=[(name, word("period", name)) for name in LAST_DAYS],
        lines=lines(),
        results=list(Result),
        block=_block(chosen),
        figures=figures,
        bars=bars(chosen.period, figures.by_hour),
        heads=[(word("call result", each), "number") for each in Result],
        share=percent,
        csv_query=request.args.to_dict(),
        given_up=_given_up(chosen, figures.told),
        settled=figures.told.settled,
        calls=listed,
        line_of=_line_of(),
        waited=_waited,
        next_url=with_query(after=after) if after else None,
        is_filtered=bool(chosen.query) or chosen.result is not None,
        missing=request.args.get("missing"),
    )


@blueprint.get("/calls/figures")
@needs("call.see", poll=True)
def figures() -> Reply:
    return answer_poll(_block(_chosen()))


@blueprint.get("/calls/find")
@needs("call.see")
def find() -> Reply:
    """Lead to the call of a reference, or say that there is none."""
    written = request.args.get("reference", "")
    with reading() as connection:
        found = call_lists.find_by_reference(connection, written)
    if found is None:
        return redirect(url_for(".calls", missing=written[:20] or "–"), 303)
    return redirect(url_for("call.call", reference=found.reference), 303)


@blueprint.post("/calls.csv")
@needs("export")
def download() -> Reply:
    chosen = _chosen()
    note_download("calls")
    since, until = chosen.period.since, chosen.period.until
    dialled, result = chosen.dialled, chosen.result

    def batch(connection: Connection, before: str | None, limit: int) -> list[ListedCall]:
        return call_lists.page_of_calls(
            connection, since, until, dialled, result=result, before=before, limit=limit
        )

    rows = each_row(parts().engine, batch, key=lambda call: call.reference)
    header = ("began", "reference", "line", "result", "outcome", "desk", "seconds to agent")
    name = "-".join(filter(None, ("hivasok", _written_period(chosen.period), chosen.line)))
    return csv_response(name, [word("column", each) for each in header], _cells(rows))


def _chosen() -> Choice:
    entries = shown().entries
    name = request.args.get("line", "")
    known = {entry.name for entry in entries}
    result = request.args.get("result", "")
    return Choice(
        chosen_period(request.args, local_date(parts().clock())),
        name if name in known else "",
        dialled_for(entries, name) if name in known else None,
        Result(result) if result in set(Result) else None,
    )


def _figures(chosen: Choice) -> Figures:
    since, until = chosen.period.since, chosen.period.until

    def count(since: datetime, until: datetime) -> Figures:
        with reading() as connection:
            return Figures(
                statistics(connection, since, until, chosen.dialled),
                call_lists.results_by_hour(connection, since, until, chosen.dialled),
            )

    key = (str(parts().engine.url), chosen.dialled)
    return FIGURES.get(key, since, until, parts().clock(), count)


def _block(chosen: Choice) -> PollBlock:
    figures = _figures(chosen)
    is_today = chosen.period.last >= local_date(parts().clock())
    shown_bars = bars(chosen.period, figures.by_hour)
    return poll_block(
        "figures",
        f"{url_for('.figures')}?{urlencode(chosen.query)}",
        REFRESH_SECONDS if is_today else None,
        "calls/_figures.html",
        figures=figures,
        results=[each.value for each in Result],
        share=percent,
        clock=_clock,
        chart=chart(shown_bars),
        finding=finding(shown_bars),
    )


def _given_up(chosen: Choice, told: Statistics) -> list[GivenUp]:
    lines = {line.tree_hash: (name, line) for name, line in shown().lines.items()}
    found = []
    for (tree, path), here in told.given_up.items():
        if tree not in lines:
            continue
        name, line = lines[tree]
        node = line.tree.at("" if path == "-" else path)
        if node is not None:
            place = {"line": name, "node": node.id, "layer": Layer.DROP_OFF.value}
            link = f"{url_for('tree.tree')}?{urlencode({**chosen.query, **place})}#menupont"
            reached = told.reached.get((tree, path), here)
            found.append(GivenUp(node.path, topic(line, node), here, reached, link))
    return sorted(found, key=lambda each: -each.here)[:MOST_PLACES]


def _line_of() -> Callable[[ListedCall], str]:
    found = shown()
    by_number = {number: entry.name for entry in found.entries for number in entry.numbers}
    names = dict(lines())
    default = found.entries[0].name if found.entries else ""

    def line_of(call: ListedCall) -> str:
        return names.get(by_number.get(call.dialled or "", default), "")

    return line_of


def _waited(call: ListedCall) -> str:
    return "" if call.agent_at is None else _clock(call.agent_at - call.began_at)


def _clock(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02}"


def _written_period(period: Period) -> str:
    first, last = period.first.isoformat(), period.last.isoformat()
    return first if first == last else f"{first}-{last}"


def _cells(rows: Iterable[ListedCall]) -> Iterator[tuple[Cell, ...]]:
    line_of = _line_of()
    for call in rows:
        waited = (
            None
            if call.agent_at is None
            else round((call.agent_at - call.began_at).total_seconds())
        )
        yield (
            to_the_second(call.began_at),
            call.reference,
            line_of(call),
            word("call result", call.result),
            word("call outcome", call.outcome),
            call.desk,
            waited,
        )

"""The page of the line: what is heard, what is different for a while, and when desks answer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, request, url_for

from backend.calls.call_lists import Result, results_by_hour
from backend.interface.answers import Opening
from backend.records.notices.desk_closures import Closure, closures
from backend.records.notices.desk_opening import opening_at
from backend.records.notices.extra_windows import ExtraWindow, windows_since
from backend.records.notices.notice_areas import addresses_in
from backend.records.notices.service_notices import OpenNotice, is_due, open_notices
from common.timezone import in_budapest, local_date
from console.calls.menu_words import line_name, shown
from console.menu.desks import all_desks, desk_titles, desks_of
from console.menu.heard import heard_now, preview
from console.menu.line_forms import ClosureForm, NoticeForm, WindowForm
from console.web.access import needs
from console.web.forms import Form, choices
from console.web.memo import Memo
from console.web.pages import PollBlock, Reply, answer_poll, page, poll_block, refused
from console.web.parts import parts, reading
from console.web.words import _, language
from ivr.lines.publishing import spoken_hours
from ivr.lines.topic_names import dialled_for
from menus.print_forms import written

blueprint = Blueprint("line", __name__)

REFRESH_SECONDS = 30
COUNTS = Memo(seconds=10)
_CLOCK = "{}:{:02}"
"""As on all pages; messages and printed papers write ``8.00``."""

NOTICE, CLOSURE, WINDOW = "notice", "closure", "window"
_FORMS: Mapping[str, type[Form]] = {NOTICE: NoticeForm, CLOSURE: ClosureForm, WINDOW: WindowForm}


@dataclass(frozen=True, slots=True)
class DeskNow:
    """A desk of a line: what staff call it, its hours in words, and whether it answers now."""

    name: str
    title: str
    line: str
    hours: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted about now: calls of today by line, and how much is in force."""

    calls: Mapping[str, Counter[Result]]
    notices: int
    closures: int
    windows: int


def new_form(name: str, *, is_empty: bool = False) -> Form:
    """A form of the page, with what was sent; each has field names of its own."""
    sent = None if is_empty else request.form
    form = _FORMS[name](sent, prefix="" if name == NOTICE else f"{name}-")
    if isinstance(form, ClosureForm):
        form.desk.choices = choices(desk_titles().items())
    return form


def line_page(
    name: str | None = None, form: Form | None = None, *, is_refused: bool = True, **more: object
) -> Reply:
    """The whole page; ``form`` is the one of that ``name`` that was sent."""
    forms: dict[str, Form] = {
        each: form if each == name and form is not None else new_form(each, is_empty=True)
        for each in _FORMS
    }
    values = {**_values(), **{f"{each}_form": made for each, made in forms.items()}, **more}
    if form is None or not is_refused:
        return page("line/line.html", title=_("Line"), **values)
    return refused("line/line.html", title=_("Line"), form=form, status=422, **values)


@blueprint.get("/line")
@needs("menu.see")
def line() -> Reply:
    return line_page()


@blueprint.get("/line/figures")
@needs("menu.see", poll=True)
def figures() -> Reply:
    return answer_poll(_figures())


def _figures() -> PollBlock:
    return poll_block(
        "figures", url_for("line.figures"), REFRESH_SECONDS, "line/_figures.html", counts=_counts()
    )


def _values() -> dict[str, object]:
    now = parts().clock()
    postcode = request.args.get("postcode", "").strip()
    on_pages = replace(written(language()), clock=_CLOCK)
    is_postcode = len(postcode) == 4 and postcode.isdecimal()
    with reading() as connection:
        told = open_notices(connection, now)
        heard = heard_now(connection, postcode if is_postcode else "")
        windows = windows_since(connection, local_date(now))
        areas = {each.area for each in told} | {each.area for each in windows}
        sizes = {area: addresses_in(connection, area) for area in areas}
        closed = closures(connection, now)
        desks = [
            DeskNow(
                desk.name,
                desk.title(language()),
                line_name(shown().lines[line]),
                on_pages.hours(spoken_hours(desks_of(line))[desk.name]),
                opening_at(connection, desks_of(line), parts().calendar, desk.name, now),
            )
            for line, desk in all_desks()
        ]
    return {
        "block": _figures(),
        "heard": heard,
        "postcode": postcode,
        "is_postcode_wrong": bool(postcode) and not is_postcode,
        "notices": [(each, preview(each.notice), is_due(each.notice, now)) for each in told],
        "sizes": sizes,
        "closures": closed,
        "windows": windows,
        "desks": desks,
        "titles": desk_titles(),
        "now": now,
        "web_phone": parts().web_phone,
    }


def _counts() -> Counts:
    now = parts().clock()

    def count() -> Counts:
        begins = in_budapest(now).replace(hour=0, minute=0, second=0, microsecond=0)
        entries, lines = shown().entries, shown().lines
        with reading() as connection:
            return Counts(
                {
                    line_name(line): sum(
                        results_by_hour(
                            connection, begins, _next_day(begins), dialled_for(entries, name)
                        ).values(),
                        Counter(),
                    )
                    for name, line in lines.items()
                },
                _in_force(open_notices(connection, now), now),
                _closed(closures(connection, now), now),
                _open(windows_since(connection, local_date(now)), now),
            )

    return COUNTS.get((str(parts().engine.url), language()), now, count)


def _next_day(begins: datetime) -> datetime:
    return begins + timedelta(days=1)


def _in_force(found: list[OpenNotice], now: datetime) -> int:
    return sum(is_due(each.notice, now) for each in found)


def _closed(found: list[Closure], now: datetime) -> int:
    return sum(each.begins <= now < each.ends for each in found)


def _open(found: list[ExtraWindow], now: datetime) -> int:
    return sum(each.opens <= local_date(now) <= each.closes for each in found)

"""Notices of outages and planned work: looked at before they begin, begun, and ended."""

from datetime import datetime

from flask import Blueprint, request, url_for

from backend.interface.answers import Notice
from backend.interface.codes import NoticeKind
from backend.records.notices.notice_areas import addresses_in
from backend.records.notices.service_notices import add_notice, end_notice, spoken_place
from common.errors import NoticeError
from console.menu.heard import preview as heard_preview
from console.menu.line_forms import moments, say_why
from console.menu.line_page import NOTICE, line_page, new_form
from console.web.access import needs, signed
from console.web.forms import Form
from console.web.memo import Memo
from console.web.pages import Reply, done, once, page, remember
from console.web.parts import parts, reading, writing
from console.web.words import _

blueprint = Blueprint("notices", __name__)

ADDRESSES = Memo(seconds=30)


@blueprint.post("/line")
@needs("notice.make")
def add() -> Reply:
    """Begin to tell a notice, or show it first."""
    form = new_form(NOTICE)
    now = parts().clock()
    times = moments(form, now) if form.validate() else None
    if times is None or form.errors:
        return line_page(NOTICE, form, preview=_preview(form))
    if "preview" in request.form:
        shown = _preview(form)
        if shown["notice"] is None:
            return line_page(NOTICE, form, preview=shown)
        return line_page(NOTICE, form, is_refused=False, preview=shown)
    places = (form["place_hu"].data or "", form["place_en"].data or "")
    kind, area = NoticeKind(form["kind"].data), form["area"].data or ""
    location = url_for("line.line")
    try:
        with writing() as connection:
            if led := once(connection, request.form):
                return done(_("The notice is told from the next call on."), led)
            add_notice(connection, kind, area, places, *times, signed().name, now=now)
            remember(connection, request.form, location)
    except NoticeError as error:
        say_why(form, error)
        return line_page(NOTICE, form, preview=_preview(form))
    return done(_("The notice is told from the next call on."), location)


@blueprint.post("/line/preview")
@needs("notice.make")
def preview() -> Reply:
    """What callers would hear, and how many it concerns; a region of the form."""
    form = new_form(NOTICE)
    return page("line/_preview.html", title="", preview=_preview(form))


@blueprint.post("/line/notices/<int:number>/end")
@needs("notice.make")
def end(number: int) -> Reply:
    """Stop telling a notice; one that is over already stays so."""
    try:
        with writing() as connection:
            end_notice(connection, number, signed().name, parts().clock())
    except NoticeError:
        return done(_("This notice was over already."), url_for("line.line"))
    return done(_("The notice is not told any more."), url_for("line.line"))


def _preview(form: Form) -> dict[str, object]:
    """The sentences, as far as the form is filled in, and the addresses of its area."""
    now = parts().clock()
    times = moments(form, now)
    notice = _notice(form, times) if times is not None else None
    heard = [] if notice is None else heard_preview(notice)
    return {"notice": notice, "heard": heard, "addresses": _addresses(form["area"].data or "")}


def _notice(form: Form, times: tuple[datetime, datetime | None]) -> Notice | None:
    kind = form["kind"].data
    try:
        places = [spoken_place(form[f"place_{code}"].data or "") for code in ("hu", "en")]
    except NoticeError:
        return None
    if kind not in set(NoticeKind):
        return None
    return Notice(NoticeKind(kind), places[0], places[1], *times)


def _addresses(area: str) -> int | None:
    def count() -> int | None:
        try:
            with reading() as connection:
                return addresses_in(connection, area)
        except NoticeError:
            return None

    return ADDRESSES.get((str(parts().engine.url), area), parts().clock(), count)

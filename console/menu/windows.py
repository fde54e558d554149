"""Extraordinary reading windows: days on which readings are taken besides the usual ones."""

from flask import Blueprint, request, url_for

from backend.records.notices.extra_windows import add_window, remove_window
from common.errors import NoticeError
from console.menu.line_forms import NO_DAY, say_why
from console.menu.line_page import WINDOW, line_page, new_form
from console.web.access import needs, signed
from console.web.pages import Reply, done, once, remember
from console.web.parts import parts, writing
from console.web.typed import NotUnderstoodError, day_typed
from console.web.words import _

blueprint = Blueprint("windows", __name__)


@blueprint.post("/line/windows")
@needs("notice.make")
def add() -> Reply:
    """Take readings of an area on these days, too."""
    form = new_form(WINDOW)
    days = []
    if form.validate():
        for name in ("from_day", "until_day"):
            try:
                days.append(day_typed(form[name].data or ""))
            except NotUnderstoodError:
                form[name].errors = [NO_DAY]
    if form.errors or len(days) < 2:
        return line_page(WINDOW, form)
    location = url_for("line.line", _anchor="bejelentes")
    said = _("Readings of this area are taken on these days, too.")
    try:
        with writing() as connection:
            if led := once(connection, request.form):
                return done(said, led)
            by, now, area = signed().name, parts().clock(), form["area"].data or ""
            add_window(connection, area, days[0], days[1], by, now=now)
            remember(connection, request.form, location)
    except NoticeError as error:
        say_why(form, error)
        return line_page(WINDOW, form)
    return done(said, location)


@blueprint.post("/line/windows/<int:number>/end")
@needs("notice.make")
def end(number: int) -> Reply:
    location = url_for("line.line", _anchor="bejelentes")
    try:
        with writing() as connection:
            remove_window(connection, number, signed().name, parts().clock())
    except NoticeError:
        return done(_("This window was taken back already."), location)
    return done(_("The window is taken back."), location)

"""Desks that do not answer for a while, whatever their hours say."""

from flask import Blueprint, request, url_for

from backend.desks import Desks
from backend.records.notices.desk_closures import close_desk, open_desk
from common.errors import NoticeError
from console.calls.menu_words import shown
from console.menu.desks import desks_of
from console.menu.line_forms import moments, say_why
from console.menu.line_page import CLOSURE, line_page, new_form
from console.web.access import needs, signed
from console.web.pages import Reply, done, once, remember
from console.web.parts import parts, writing
from console.web.words import _

blueprint = Blueprint("closures", __name__)


@blueprint.post("/line/closures")
@needs("notice.make")
def add() -> Reply:
    """Let a desk not answer for a while."""
    form = new_form(CLOSURE)
    now = parts().clock()
    times = moments(form, now) if form.validate() else None
    if times is None or times[1] is None or form.errors:
        return line_page(CLOSURE, form)
    desk, location = form["desk"].data, url_for("line.line", _anchor="szunetel")
    said = _("The desk does not answer in this time.")
    try:
        with writing() as connection:
            if led := once(connection, request.form):
                return done(said, led)
            by = signed().name
            close_desk(connection, _desks_with(desk), desk, times[0], times[1], by, now=now)
            remember(connection, request.form, location)
    except NoticeError as error:
        say_why(form, error)
        return line_page(CLOSURE, form)
    return done(said, location)


@blueprint.post("/line/closures/<int:number>/end")
@needs("notice.make")
def end(number: int) -> Reply:
    """Let the desk answer by its hours again."""
    location = url_for("line.line", _anchor="szunetel")
    try:
        with writing() as connection:
            open_desk(connection, number, signed().name, parts().clock())
    except NoticeError:
        return done(_("This closure was over already."), location)
    return done(_("The desk answers by its hours again."), location)


def _desks_with(desk: str) -> Desks:
    """The desks of a line that has this one."""
    return next(found for name in shown().lines if desk in (found := desks_of(name)).desks)

"""Notices of outages and planned work, as callers hear them before the menu."""

from datetime import datetime

from flask import Blueprint, request, url_for
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from backend.interface.codes import NoticeKind
from backend.records.service_notices import OpenNotice, add_notice, end_notice, open_notices
from common.error_codes import ErrorCode
from common.errors import NoticeError
from common.timezone import local_date
from console.calls.menu_words import line_name, shown
from console.web.access import needs, signed
from console.web.forms import Form, required
from console.web.pages import Reply, done, page, refused
from console.web.parts import parts, reading, writing
from console.web.typed import NotUnderstoodError, moment_typed
from console.web.words import N_, _
from ivr.dialogue.notices import sentences_of
from menus.slots import PAUSE

blueprint = Blueprint("line", __name__)

_FIELDS = {
    ErrorCode.AREA_INVALID: (
        "area",
        N_("Write the beginnings of postcodes, such as 2000 or 11,12, or * for everybody."),
    ),
    ErrorCode.ENDS_IN_THE_PAST: ("until_day", N_("This is over already. Write a later time.")),
    ErrorCode.ENDS_BEFORE_IT_BEGINS: ("until_day", N_("The end is before the beginning.")),
    ErrorCode.PLACE_INVALID: (
        "place_hu",
        N_("Write both places in at most 80 letters and without figures."),
    ),
}


class NoticeForm(Form):
    """An outage or planned work; a beginning that is left out is now."""

    kind = RadioField(
        N_("What is it about?"),
        [required(N_("Choose what the notice is about."))],
        choices=[
            SelectChoice("outage", N_("outage")),
            SelectChoice("maintenance", N_("planned work")),
        ],
    )
    area = StringField(N_("Area"), [required(N_("Write an area."))])
    place_hu = StringField(
        N_("Place in Hungarian"), [required(N_("Write the place in Hungarian."))]
    )
    place_en = StringField(N_("Place in English"), [required(N_("Write the place in English."))])
    from_day = StringField(N_("Begins: day"))
    from_time = StringField(N_("Begins: time"))
    until_day = StringField(N_("Expected end: day"))
    until_time = StringField(N_("Expected end: time"))


@blueprint.get("/line")
@needs("menu.see")
def line() -> Reply:
    """Show what callers are told now, with a form for another notice."""
    return page("line/line.html", title=_("Line"), form=NoticeForm(), told=_told())


@blueprint.post("/line")
@needs("notice.make")
def add() -> Reply:
    """Begin to tell a notice."""
    form = NoticeForm(request.form)
    moments = _moments(form) if form.validate() else None
    if moments is not None and not form.errors:
        places = (form.place_hu.data or "", form.place_en.data or "")
        kind, area = NoticeKind(form.kind.data), form.area.data or ""
        by, now = signed().name, moments[2]
        try:
            with writing() as connection:
                add_notice(connection, kind, area, places, moments[0], moments[1], by, now=now)
        except NoticeError as error:
            name, words = _FIELDS.get(error.code, ("area", N_("This notice cannot be told.")))
            form[name].errors = [words]
        else:
            return done(_("The notice is told from the next call on."), url_for(".line"))
    return refused("line/line.html", title=_("Line"), form=form, told=_told())


@blueprint.post("/line/notices/<int:number>/end")
@needs("notice.make")
def end(number: int) -> Reply:
    """Stop telling a notice; one that is over already stays so."""
    try:
        with writing() as connection:
            end_notice(connection, number, signed().name, parts().clock())
    except NoticeError:
        return done(_("This notice was over already."), url_for(".line"))
    return done(_("The notice is not told any more."), url_for(".line"))


def _moments(form: NoticeForm) -> tuple[datetime, datetime | None, datetime] | None:
    now = parts().clock()
    begins, ends = now, None
    for name in ("from", "until"):
        day, time = form[f"{name}_day"].data or "", form[f"{name}_time"].data or ""
        if not day.strip() and not time.strip():
            continue
        try:
            moment = moment_typed(day, time)
        except NotUnderstoodError:
            form[f"{name}_day"].errors = [N_("Write day and time like 2026. 11. 21. and 9:00.")]
            return None
        begins, ends = (moment, ends) if name == "from" else (begins, moment)
    return begins, ends, now


def _told() -> list[tuple[OpenNotice, list[tuple[str, str, str]]]]:
    now = parts().clock()
    with reading() as connection:
        found = open_notices(connection, now)
    return [(each, _heard(each, now)) for each in found]


def _heard(notice: OpenNotice, now: datetime) -> list[tuple[str, str, str]]:
    """The notice as it is heard, with line and language; only in sentences that the line has."""
    heard = []
    for each in shown().lines.values():
        for language, book in each.phrasebooks.items():
            sentences = list(sentences_of(notice.notice, language, local_date(now)))
            if all(sentence.prompt in book for sentence in sentences):
                said = " ".join(book.speak(sentence) for sentence in sentences)
                words = " ".join(said.replace(PAUSE, " ").split())
                heard.append((line_name(each), language, words))
    return heard

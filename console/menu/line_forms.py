"""The forms of the page of the line, and the moments that are typed into them."""

from datetime import datetime

from wtforms import RadioField, SelectField, StringField

from common.error_codes import ErrorCode
from common.errors import NoticeError
from console.web.forms import Form, choices, required
from console.web.typed import NotUnderstoodError, moment_typed
from console.web.words import N_

_SENTENCES = {
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
NO_MOMENT = N_("Write day and time like 2026. 11. 21. and 9:00.")
NO_DAY = N_("Write the day like 2026. 11. 21.")


class NoticeForm(Form):
    """An outage or planned work; a beginning that is left out is now."""

    kind = RadioField(
        N_("What is it about?"),
        [required(N_("Choose what the notice is about."))],
        choices=choices([("outage", N_("outage")), ("maintenance", N_("planned work"))]),
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


class ClosureForm(Form):
    """A desk that does not answer for a while; a beginning that is left out is now."""

    desk = SelectField(N_("Desk"), choices=[])
    from_day = StringField(N_("Begins: day"))
    from_time = StringField(N_("Begins: time"))
    until_day = StringField(N_("Ends: day"), [required(N_("Write when the desk answers again."))])
    until_time = StringField(N_("Ends: time"), [required(N_("Write at what time it does."))])


class WindowForm(Form):
    """Days on which readings are taken besides the usual ones; both days belong to it."""

    area = StringField(N_("Area"), [required(N_("Write an area."))])
    from_day = StringField(N_("First day"), [required(N_("Write the first day."))])
    until_day = StringField(N_("Last day"), [required(N_("Write the last day."))])


def moments(form: Form, now: datetime) -> tuple[datetime, datetime | None] | None:
    """Beginning and end as typed; the beginning is now, and the end none, where they are left out.

    ``None`` where they are not understood, and the form says so.
    """
    begins, ends = now, None
    for name in ("from", "until"):
        day, time = form[f"{name}_day"].data or "", form[f"{name}_time"].data or ""
        if not day.strip() and not time.strip():
            continue
        try:
            moment = moment_typed(day, time)
        except NotUnderstoodError:
            form[f"{name}_day"].errors = [NO_MOMENT]
            return None
        begins, ends = (moment, ends) if name == "from" else (begins, moment)
    return begins, ends


def say_why(form: Form, error: NoticeError) -> None:
    """Let the form say what the use case refused, at the field that it is about."""
    name, words = _SENTENCES.get(error.code, ("until_day", N_("This notice cannot be told.")))
    form[name].errors = [words]

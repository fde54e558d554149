"""The suppression list: whether a number is stopped, stopping it, and taking a stop back."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import NotFound
from wtforms import RadioField, StringField

from backend.interface.codes import StopOrigin, StopReason
from backend.records.suppression.stops import stops_of
from backend.records.suppression.suppression_list import lift_suppression, suppress_number
from backend.records.work_list.tasks import VERIFIED_BY
from common.phone_numbers import NotAPhoneNumberError, masked_phone, require_in_plan, to_e164
from console.web.access import needs, signed
from console.web.forms import Form, choices, required
from console.web.pages import Reply, done, page, refused
from console.web.parts import parts, reading, writing
from console.web.sealing import opened, sealed
from console.web.words import N_, _, word

blueprint = Blueprint("suppression", __name__)


class SearchForm(Form):
    """Which number."""

    phone = StringField(N_("Telephone number"), [required(N_("Enter a telephone number."))])


class StopForm(Form):
    """Why a number gets no more messages."""

    reason = RadioField(N_("Why?"), [required(N_("Choose a reason."))], choices=[])


@blueprint.get("/suppression")
@needs("stop.change")
def search() -> Reply:
    return page("inbox/search.html", title=_("Suppression list"), form=SearchForm())


@blueprint.post("/suppression")
@needs("stop.change")
def find() -> Reply:
    """Look a number up; it goes on under an opaque word."""
    form = SearchForm(request.form)
    if form.validate():
        try:
            phone = require_in_plan(to_e164(form.phone.data or ""))
        except NotAPhoneNumberError:
            form.phone.errors = [_("This is no telephone number. Write it like 06 30 123 4567.")]
        else:
            with writing() as connection:
                # The keys of a new list are made when a number is first looked up.
                stops_of(connection, phone)
            made = sealed(phone, signed().name, parts().secret, parts().clock(), parts().rng)
            return redirect(url_for(".number", sealed_number=made), 303)
    return refused("inbox/search.html", title=_("Suppression list"), form=form)


@blueprint.get("/suppression/<sealed_number>")
@needs("stop.change")
def number(sealed_number: str) -> Reply:
    phone = _opened(sealed_number)
    with reading() as connection:
        found = stops_of(connection, phone)
    return page(
        "inbox/stops.html",
        title=_title(phone),
        form=_stop_form(),
        stops=found,
        sealed_number=sealed_number,
    )


@blueprint.post("/suppression/<sealed_number>/stop")
@needs("stop.change")
def stop(sealed_number: str) -> Reply:
    """Stop the number for all campaigns at once."""
    phone = _opened(sealed_number)
    form = _stop_form()
    if not form.validate():
        return refused(
            "inbox/stops.html",
            title=_title(phone),
            form=form,
            stops=[],
            sealed_number=sealed_number,
        )
    reason = StopReason(form.reason.data)
    with writing() as connection:
        suppress_number(connection, phone, reason, StopOrigin.STAFF, signed().name, parts().clock())
    return done(
        _("The number is stopped. A task was opened to verify it."),
        url_for(".number", sealed_number=sealed_number),
    )


@blueprint.post("/suppression/<sealed_number>/lift/<reason>")
@needs("stop.lift")
def lift(sealed_number: str, reason: str) -> Reply:
    phone = _opened(sealed_number)
    if reason not in set(StopReason):
        raise NotFound
    with writing() as connection:
        lift_suppression(connection, phone, StopReason(reason), signed().name, parts().clock())
    return done(
        _("The stop was lifted. Messages that it held back are not sent."),
        url_for(".number", sealed_number=sealed_number),
    )


def _opened(word_of_number: str) -> str:
    phone = opened(word_of_number, signed().name, parts().secret, parts().clock())
    if phone is None:
        raise NotFound
    return phone


def _title(phone: str) -> str:
    return _("Suppression list: %(phone)s", phone=masked_phone(phone))


def _stop_form() -> StopForm:
    form = StopForm(request.form)
    form.reason.choices = choices((reason, word("stop reason", reason)) for reason in VERIFIED_BY)
    return form

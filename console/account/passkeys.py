"""One's own passkeys: added, used in the place of a code, removed."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from wtforms import StringField

from backend.interface.codes import PasskeyPurpose
from backend.staff.authentication.passkeys import (
    MOST_LABEL,
    PasskeyChecks,
    enrol_passkey,
    passkey_options,
    remove_passkey,
)
from console.account.held_session import hold
from console.web.access import needs, owed, proved_while_logging_in, signed, while_logging_in
from console.web.forms import Form, length, required
from console.web.own_paths import safe_next
from console.web.pages import Reply, done, page, refused
from console.web.parts import acting, parts
from console.web.words import N_, _

blueprint = Blueprint("passkeys", __name__)

_TEMPLATE = "me/passkey.html"


class PasskeyForm(Form):
    """By which name a user tells a passkey from their others."""

    label = StringField(
        N_("Name of the passkey"),
        [required(N_("Name the passkey.")), length(MOST_LABEL, N_("It is too long."))],
    )


@blueprint.post("/login/passkey")
@while_logging_in
def challenge() -> Reply:
    """What a passkey has to sign, for the code's page."""
    return _options("prove")


@blueprint.post("/me/passkeys/challenge")
@proved_while_logging_in
def challenge_to_enrol() -> Reply:
    """What a new passkey has to sign; 422 for a form that lacks its name."""
    _checks()
    if PasskeyForm(request.form).validate():
        return _options("enrol")
    return Response("{}", 422, mimetype="application/json")


@blueprint.route("/me/passkeys/new", methods=["GET", "POST"])
@proved_while_logging_in
def enrol() -> Reply:
    """Add a passkey; with the first second factor come ten recovery codes."""
    checks, title = _checks(), _("New passkey")
    if signed().owes_password:
        return redirect(url_for(str(owed(signed())), next="/me"), 303)
    next_path = safe_next(request.values.get("next", "/me"))
    if request.method == "GET":
        return page(_TEMPLATE, title=title, form=PasskeyForm(), next=next_path)
    form = PasskeyForm(request.form)
    if form.validate():
        label, answer = (form.label.data or "").strip(), request.form.get("passkey", "")
        with acting():
            enrolled = enrol_passkey(parts().login_desk, checks, signed(), label, answer)
        if enrolled is not None:
            codes, sid = enrolled
            hold(sid)
            if codes:
                title = _("Recovery codes")
                return page("login/recovery.html", title=title, codes=codes, next=next_path)
            return done(_("The passkey was added. Other sessions have ended."), next_path)
        form.label.errors = [_("The passkey could not be added. Try again.")]
    return refused(_TEMPLATE, title=title, form=form, next=next_path)


@blueprint.post("/me/passkeys/<key>/remove")
@needs("me", fresh=True)
def remove(key: str) -> Reply:
    """Take a passkey away, with or without the setting: it may have been lost."""
    with acting():
        sid = remove_passkey(parts().login_desk, signed(), key)
    if sid is None:
        raise NotFound
    hold(sid)
    return done(_("The passkey was removed. Other sessions have ended."), url_for("account.me"))


def _options(purpose: PasskeyPurpose) -> Reply:
    checks = _checks()
    with acting():
        told = passkey_options(parts().login_desk, checks, signed(), purpose)
    return Response(told, mimetype="application/json")


def _checks() -> PasskeyChecks:
    """What checks passkeys. Raises ``NotFound`` where they are not offered."""
    checks = parts().passkeys
    if checks is None or parts().second_factor == "off":
        raise NotFound
    return checks

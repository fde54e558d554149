"""One's own account: password, second factor, recovery codes, telephone, language, sessions."""

from flask import Blueprint, g, redirect, request, session, url_for
from wtforms import StringField

from backend.staff.audit import list_acts
from backend.staff.authentication.factor_changes import remove_own_authenticator
from backend.staff.authentication.login import set_language
from backend.staff.authentication.passkeys import passkeys_of
from backend.staff.authentication.second_factor import recovery_codes_left, renew_recovery_codes
from backend.staff.authentication.sessions import end_session, sessions_of
from backend.staff.users import find_user, set_phone
from common.phone_numbers import to_e164
from common.timezone import local_date
from console.account.held_session import hold
from console.account.own_password import NewPasswordForm, least, set_password
from console.permissions import WITH_FACTOR
from console.web.access import needs, open_to_all, signed
from console.web.forms import Form, length, required
from console.web.own_paths import safe_next
from console.web.pages import Reply, done, page, refused
from console.web.parts import acting, parts, reading, writing
from console.web.periods import chosen_period
from console.web.words import LANGUAGES, N_, _

blueprint = Blueprint("account", __name__)


class PhoneForm(Form):
    """Where rehearsals go."""

    phone = StringField(
        N_("Telephone number"),
        [required(N_("Enter a telephone number.")), length(40, N_("It is too long."))],
    )


@blueprint.get("/me")
@needs("me")
def me() -> Reply:
    now = parts().clock()
    with reading() as connection:
        user = find_user(connection, signed().name)
        alive = sessions_of(connection, signed().name, now)
        left = recovery_codes_left(connection, signed().name)
        keys = passkeys_of(connection, signed().name)
        today = chosen_period({}, local_date(now))
        done_today = list_acts(connection, by=signed().name, since=today.since)
    return page(
        "me/me.html",
        title=_("My account"),
        user=user,
        sessions=alive,
        mine=signed().key,
        left=left,
        keys=keys,
        passkeys_offered=parts().passkeys is not None,
        done_today=done_today,
        second_factor=parts().second_factor,
        forced=parts().second_factor == "required" and user.role in WITH_FACTOR,
    )


@blueprint.route("/me/password", methods=["GET", "POST"])
@needs("me", fresh=True)
def password() -> Reply:
    """Choose another password; all other sessions end."""
    title = _("Choose a password")
    if request.method == "GET":
        return page("login/password.html", title=title, form=NewPasswordForm(), least=least())
    form = NewPasswordForm(request.form)
    if form.validate() and set_password(form):
        return done(_("The password was changed. Other sessions have ended."), url_for(".me"))
    return refused("login/password.html", title=title, form=form, least=least())


@blueprint.route("/me/phone", methods=["GET", "POST"])
@needs("me", fresh=True)
def phone() -> Reply:
    title = _("Telephone for rehearsals")
    if request.method == "GET":
        return page("me/phone.html", title=title, form=PhoneForm())
    form = PhoneForm(request.form)
    if form.validate():
        try:
            e164 = to_e164(form.phone.data or "")
        except ValueError:
            form.phone.errors = [_("This is no telephone number. Write it like 06 30 123 4567.")]
        else:
            with writing() as connection:
                set_phone(connection, signed().name, e164, parts().clock(), by=signed().name)
            return done(_("The telephone number was saved."), url_for(".me"))
    return refused("me/phone.html", title=title, form=form)


@blueprint.post("/me/recovery")
@needs("me", fresh=True)
def recovery() -> Reply:
    """Ten new recovery codes, shown once."""
    if not signed().has_factor:
        return redirect(url_for(".me"), 303)
    with writing() as connection:
        codes = renew_recovery_codes(connection, signed().name, parts().clock(), parts().rng)
    return page("login/recovery.html", title=_("Recovery codes"), codes=codes, next=url_for(".me"))


@blueprint.post("/me/factor/remove")
@needs("me", fresh=True)
def remove() -> Reply:
    """Take one's authenticator away, to enrol another."""
    with acting():
        hold(remove_own_authenticator(parts().login_desk, signed()))
    told = (
        _("The authenticator was removed. Other sessions have ended.")
        if signed().has_passkey
        else _("Two-step login was switched off. Other sessions have ended.")
    )
    return done(told, url_for(".me"))


@blueprint.post("/me/sessions/<key>/end")
@needs("me")
def end(key: str) -> Reply:
    """End one of one's own sessions."""
    with writing() as connection:
        end_session(connection, signed().name, key, parts().clock())
    return done(_("The session has ended."), url_for(".me"))


@blueprint.post("/language")
@open_to_all
def language() -> Reply:
    """Speak another language, kept with the user who is logged in."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if g.get("signed") is not None:
            with writing() as connection:
                set_language(connection, signed().name, chosen)
    return redirect(safe_next(request.form.get("next")), 303)

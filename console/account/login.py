"""Logging in and out, and what a new colleague does first: own password, second factor."""

from typing import Any

import segno
from flask import Blueprint, g, make_response, redirect, request, session, url_for
from markupsafe import Markup
from werkzeug.exceptions import Unauthorized
from wtforms import PasswordField, StringField

from backend.records.leaving import log_out_and_give_back
from backend.staff.authentication.factor_changes import authenticator_to_enrol, enrol_authenticator
from backend.staff.authentication.identities import identity_of
from backend.staff.authentication.login import give_code, give_password_again, log_in
from backend.staff.authentication.passkeys import give_passkey
from backend.staff.authentication.second_factor import Enrolment
from backend.staff.authentication.sessions import Way
from console.account.held_session import hold, place_after
from console.account.own_password import NewPasswordForm, least, set_password
from console.web.access import (
    SID,
    ProofAwaited,
    asks_for_proof,
    open_to_all,
    owed,
    proved_while_logging_in,
    signed,
    while_logging_in,
)
from console.web.forms import Form, length, required
from console.web.own_paths import safe_next
from console.web.pages import Reply, page, refused
from console.web.parts import acting, parts, reading
from console.web.words import N_, _

blueprint = Blueprint("login", __name__)

_NOT_KEPT = frozenset(
    {"csrf_token", "next", "repeat", "code", "passkey", "password", "new_password"}
)
"""Fields of a form that is sent once more which are asked anew."""


class LoginForm(Form):
    """Name and password."""

    name = StringField(
        N_("User name"), [required(N_("Enter your user name.")), length(100, N_("It is too long."))]
    )
    password = PasswordField(
        N_("Password"), [required(N_("Enter your password.")), length(1000, N_("It is too long."))]
    )


class CodeForm(Form):
    """The code of the second factor, or a recovery code."""

    code = StringField(
        N_("Code"), [required(N_("Enter the code.")), length(40, N_("It is too long."))]
    )


class AgainForm(Form):
    """The password once more."""

    password = PasswordField(
        N_("Password"), [required(N_("Enter your password.")), length(1000, N_("It is too long."))]
    )


@blueprint.get("/login")
@open_to_all
def login() -> Reply:
    """The login page; whoever is logged in goes on."""
    if g.get("signed") is not None:
        return redirect(_next(), 303)
    return _login_page(next_path=_next(), ended=request.args.get("ended") == "1")


def _login_page(*, next_path: str, ended: bool) -> str:
    """The page with the form for name and password."""
    return page("login/login.html", form=LoginForm(), **_login_values(next_path, ended=ended))


@blueprint.app_errorhandler(Unauthorized)
def logged_out(_error: Unauthorized) -> Reply:
    """The login page in the place of one that is for users."""
    return make_response(_login_page(next_path=str(g.get("next", "/")), ended=True), 401)


def _login_values(next_path: str, *, ended: bool) -> dict[str, Any]:
    by_provider = parts().provider is not None
    return {"title": _("Login"), "next": next_path, "ended": ended, "by_provider": by_provider}


@blueprint.post("/login")
@open_to_all
def check_login() -> Reply:
    """Begin a session, or say one sentence for all that can be wrong."""
    form = LoginForm(request.form)
    next_path = safe_next(request.form.get("next"))
    if form.validate():
        address = request.remote_addr or ""
        with acting():
            name, password = form.name.data or "", form.password.data or ""
            sid = log_in(parts().login_desk, name, password, address)
        if sid is not None:
            hold(sid)
            return redirect(place_after(sid, next_path), 303)
        form.password.errors = [_("The user name or the password is not right.")]
    return refused("login/login.html", form=form, **_login_values(next_path, ended=False))


@blueprint.post("/logout")
@while_logging_in
def logout() -> Reply:
    """End the session; the browser forgets what it has of our pages."""
    with acting():
        log_out_and_give_back(parts().login_desk, signed())
    session.clear()
    response = make_response(redirect(url_for("login.login"), 303))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.route("/login/code", methods=["GET", "POST"])
@while_logging_in
def code() -> Reply:
    if not signed().owes_code:
        return redirect(_next(), 303)
    return _code_page("login/code.html", _("Verification code"))


@blueprint.route("/login/again", methods=["GET", "POST"])
@while_logging_in
def again() -> Reply:
    """Ask for the code, or the password of whoever has none, before something that matters."""
    title = _("Please confirm that it is you")
    if signed().has_factor:
        return _code_page("login/again.html", title)
    if request.method == "GET":
        return page("login/again.html", title=title, form=AgainForm(), next=_next(), **_shown())
    form = AgainForm(request.form)
    if form.validate():
        with acting():
            sid = give_password_again(
                parts().login_desk, signed(), form.password.data or "", request.remote_addr or ""
            )
        if sid is not None:
            return _go_on(sid)
        form.password.errors = [_("The password is not right. Wait a little after many attempts.")]
    return refused("login/again.html", title=title, form=form, next=_next(), **_shown())


@blueprint.app_errorhandler(ProofAwaited)
def prove(error: ProofAwaited) -> Reply:
    """The page that asks for code or password before the form of this request is taken."""
    form = CodeForm() if signed().has_factor else AgainForm()
    title, shown = _("Please confirm that it is you"), _shown(request.full_path.rstrip("?"))
    body = page("login/again.html", title=title, form=form, next=error.next_path, **shown)
    return make_response(body, 401)


def _shown(repeat: str = "") -> dict[str, Any]:
    """Ways to prove it, and the form that waits: all but what nobody's page should hold."""
    repeat = repeat or request.form.get("repeat", "")
    fields = request.form.items(multi=True) if repeat else ()
    kept = [(name, value) for name, value in fields if name not in _NOT_KEPT]
    by_passkey = signed().has_passkey and parts().passkeys is not None
    ways = {"by_provider": _may_ask_provider(), "by_passkey": by_passkey}
    return {"repeat": repeat, "kept": kept, **ways}


def _go_on(sid: str) -> Reply:
    """Whither after a proof: the form that asked for it is sent again by the browser (307)."""
    hold(sid, token=session.get("csrf_token"))
    repeat = request.form.get("repeat", "")
    if asks_for_proof(repeat):
        return redirect(repeat, 307)
    return redirect(place_after(sid, safe_next(request.form.get("next"))), 303)


@blueprint.route("/login/password", methods=["GET", "POST"])
@while_logging_in
def new_password() -> Reply:
    """Let whoever came with a one-time password choose their own."""
    title = _("Choose a password")
    if signed().owes_code:
        return redirect(url_for("login.code", next=_next()), 303)
    if not signed().owes_password:
        return redirect(_next(), 303)
    if request.method == "GET":
        return page("login/password.html", title=title, form=NewPasswordForm(), least=least())
    form = NewPasswordForm(request.form)
    if form.validate() and set_password(form):
        return redirect(place_after(session[SID], safe_next(request.form.get("next"))), 303)
    return refused("login/password.html", title=title, form=form, least=least())


@blueprint.route("/login/factor", methods=["GET", "POST"])
@proved_while_logging_in
def factor() -> Reply:
    """Enrol a second factor: QR code, its first code, ten recovery codes."""
    if signed().owes_code or signed().owes_password:
        return redirect(url_for(str(owed(signed())), next=_next()), 303)
    if signed().has_authenticator or parts().second_factor == "off":
        return redirect(_next(), 303)
    title = _("Two-step login")
    desk, company = parts().login_desk, parts().company
    made = authenticator_to_enrol(desk, signed(), company)
    offered = parts().passkeys is not None and not signed().has_passkey
    shown: dict[str, Any] = {"made": made, "qr": _qr(made), "passkeys_offered": offered}
    if request.method == "GET":
        return page("login/factor.html", title=title, form=CodeForm(), **shown)
    form = CodeForm(request.form)
    if form.validate():
        with acting():
            enrolled = enrol_authenticator(desk, signed(), form.code.data or "", company)
        if enrolled is not None:
            codes, sid = enrolled
            hold(sid)
            return page(
                "login/recovery.html",
                title=_("Recovery codes"),
                codes=codes,
                next=safe_next(request.form.get("next")),
            )
        form.code.errors = [_("The code is not right. Type the one that is shown now.")]
    return refused("login/factor.html", title=title, form=form, **shown)


def _may_ask_provider() -> bool:
    """Whether the identity provider can prove once more that it is this user."""
    provider = parts().provider
    if provider is None or (signed().has_factor and signed().way != Way.PROVIDER_WITH_FACTOR):
        return False
    with reading() as connection:
        return identity_of(connection, signed().name, provider.issuer) is not None


def _code_page(template: str, title: str) -> Reply:
    if request.method == "GET":
        return page(template, title=title, form=CodeForm(), next=_next(), **_shown())
    form = CodeForm(request.form)
    desk, address = parts().login_desk, request.remote_addr or ""
    answer, checks = request.form.get("passkey", ""), parts().passkeys
    if answer and checks is not None:
        with acting():
            sid = give_passkey(desk, checks, signed(), answer, address)
        if sid is not None:
            return _go_on(sid)
        form.code.errors = [_("The passkey was not accepted. Try again, or type a code.")]
    elif form.validate():
        with acting():
            sid = give_code(desk, signed(), form.code.data or "", address)
        if sid is not None:
            return _go_on(sid)
        form.code.errors = [_("The code is not right, or was used already. Type a new one.")]
    return refused(template, title=title, form=form, next=_next(), **_shown())


def _next() -> str:
    return safe_next(request.values.get("next"))


def _qr(made: Enrolment) -> Markup:
    drawn = segno.make_qr(made.address).svg_inline(scale=4, omitsize=False, svgclass="qr")
    return Markup(drawn)  # noqa: S704 - drawn by the library from an address

"""Colleagues: who they are, what they may do, and how they get in; for administrators."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from wtforms import SelectField, StringField

from backend.interface.codes import Role
from backend.staff.administration import (
    Colleague,
    add_user,
    disable_user,
    enable_user,
    end_sessions_of,
    list_colleagues,
    renew_password,
    set_role,
    take_factor_away,
)
from backend.staff.authentication.passwords import new_password
from common.error_codes import ErrorCode
from common.errors import UserError
from console.web.access import needs, signed
from console.web.forms import Form, choices, length, required
from console.web.pages import Reply, done, once, page, refused, remember
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.words import N_, _, word

blueprint = Blueprint("staff", __name__)

Result = TypeVar("Result")
RoleFormKind = TypeVar("RoleFormKind", "NewForm", "RoleForm")

_ONE = "staff/one.html"
_TAKEN = (
    ErrorCode.USER_NAME_INVALID,
    ErrorCode.USER_NAME_RESERVED,
    ErrorCode.USER_NAME_TAKEN,
    ErrorCode.USER_NAME_USED_BEFORE,
)


class NewForm(Form):
    """Who comes in."""

    name = StringField(
        N_("User name"), [required(N_("Enter a user name.")), length(40, N_("It is too long."))]
    )
    role = SelectField(N_("Role"), choices=[])


class RoleForm(Form):
    """What a colleague may do."""

    role = SelectField(N_("Role"), choices=[])


@blueprint.get("/staff")
@needs("staff.manage")
def staff() -> Reply:
    with reading() as connection:
        found = list_colleagues(connection, parts().clock())
    return page("staff/list.html", title=_("Staff"), colleagues=found, now=parts().clock())


@blueprint.route("/staff/new", methods=["GET", "POST"])
@needs("staff.manage", fresh=True)
def new() -> Reply:
    """Let a colleague in; the one-time password is shown once."""
    title, form = _("New colleague"), _with_roles(NewForm(request.form))
    if request.method == "GET":
        return page("staff/new.html", title=title, form=form)
    if form.validate():
        name, role = (form.name.data or "").strip(), form.role.data
        made = new_password(parts().rng, parts().hasher)
        try:
            with writing() as connection:
                before = once(connection, request.form)
                if before is not None:
                    return redirect(before, 303)
                by, now = signed().name, parts().clock()
                add_user(connection, name, role, None, now, made, by=by)
                remember(connection, request.form, _address(name))
        except UserError as error:
            if error.code not in _TAKEN:
                raise
            form.name.errors = [refusal(error)]
        else:
            return _password_page(name, made.text)
    return refused("staff/new.html", title=title, form=form)


@blueprint.get("/staff/<name>")
@needs("staff.manage", fresh=True)
def one(name: str) -> Reply:
    found = _find(name)
    form = _with_roles(RoleForm(data={"role": found.user.role}))
    return page(_ONE, title=_title(name), form=form, **_shown(found))


@blueprint.post("/staff/<name>/role")
@needs("staff.manage", fresh=True)
def role(name: str) -> Reply:
    """Give a colleague another role; their sessions end."""
    found, form = _find(name), _with_roles(RoleForm(request.form))
    if not form.validate():
        form.role.errors = [_("Choose a role.")]
        return refused(_ONE, title=_title(name), form=form, **_shown(found))
    chosen = form.role.data
    if chosen == found.user.role:
        return redirect(_address(name), 303)
    _administer(name, lambda connection: set_role(connection, name, chosen, _now(), by=_by()))
    told = _("The role was changed: %(role)s. Sessions have ended.", role=word("role", chosen))
    return done(told, _address(name))


@blueprint.post("/staff/<name>/password")
@needs("staff.manage", fresh=True)
def password(name: str) -> Reply:
    """Give a colleague a one-time password, which is shown once; the old one is void."""
    made = new_password(parts().rng, parts().hasher)
    _administer(name, lambda connection: renew_password(connection, name, _now(), made, by=_by()))
    return _password_page(name, made.text)


@blueprint.post("/staff/<name>/factor")
@needs("staff.manage", fresh=True)
def factor(name: str) -> Reply:
    """Take a colleague's second factor away: they enrol another."""
    _administer(name, lambda connection: take_factor_away(connection, name, _now(), by=_by()))
    told = _("Two-step login of %(name)s was removed. Sessions have ended.", name=name)
    return done(told, _address(name))


@blueprint.post("/staff/<name>/sessions")
@needs("staff.manage", fresh=True)
def sessions(name: str) -> Reply:
    _administer(name, lambda connection: end_sessions_of(connection, name, _now(), by=_by()))
    return done(_("The sessions of %(name)s have ended.", name=name), _address(name))


@blueprint.route("/staff/<name>/disable", methods=["GET", "POST"])
@needs("staff.manage", fresh=True)
def disable(name: str) -> Reply:
    """Let a colleague do nothing any more, on a page that says what that means."""
    found = _find(name)
    if request.method == "GET":
        title = _("Disable: %(name)s", name=name)
        return page("staff/disable.html", title=title, colleague=found)
    _administer(name, lambda connection: disable_user(connection, name, _now(), by=_by()))
    return done(_("%(name)s is disabled.", name=name), _address(name))


@blueprint.post("/staff/<name>/enable")
@needs("staff.manage", fresh=True)
def enable(name: str) -> Reply:
    """Let a disabled colleague come back, with a one-time password that is shown once."""
    if _find(name).user.disabled_at is None:
        return done(_("%(name)s is enabled already.", name=name), _address(name))
    made = new_password(parts().rng, parts().hasher)
    _administer(name, lambda connection: enable_user(connection, name, _now(), made, by=_by()))
    return _password_page(name, made.text)


def _administer(name: str, act: Callable[[Connection], Result]) -> Result:
    """Do it in one transaction. Raises ``NotFound`` for no such user, ``UserError`` as it does."""
    _find(name)
    with writing() as connection:
        return act(connection)


def _shown(found: Colleague) -> dict[str, Any]:
    return {
        "colleague": found,
        "is_oneself": found.user.name == signed().name,
        "has_identity": parts().provider is not None,
        "has_factors": parts().second_factor != "off",
    }


def _title(name: str) -> str:
    return _("Colleague: %(name)s", name=name)


def _password_page(name: str, made: str) -> Reply:
    title = _("One-time password of %(name)s", name=name)
    return page("staff/password.html", title=title, name=name, password=made, next=_address(name))


def _find(name: str) -> Colleague:
    with reading() as connection:
        found = [
            each for each in list_colleagues(connection, parts().clock()) if each.user.name == name
        ]
    if not found:
        raise NotFound
    return found[0]


def _with_roles(form: RoleFormKind) -> RoleFormKind:
    form.role.choices = choices((role, word("role", role)) for role in Role)
    return form


def _address(name: str) -> str:
    return url_for(".one", name=name)


def _by() -> str:
    return signed().name


def _now() -> datetime:
    return parts().clock()

"""Whom an administrator lets in by the identity provider."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.exceptions import NotFound
from wtforms import StringField

from backend.staff.authentication.identities import (
    MOST_SUBJECT,
    identity_of,
    link_identity,
    unlink_identity,
)
from backend.staff.users import list_users
from common.errors import UserError
from console.web.access import needs, signed
from console.web.forms import Form, length, required
from console.web.pages import Reply, done, page, refused
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.words import N_, _

blueprint = Blueprint("identity", __name__)

_TEMPLATE = "staff/identity.html"


class SubjectForm(Form):
    """Who a user is at the provider."""

    subject = StringField(
        N_("Identifier at the login service"),
        [required(N_("Enter the identifier.")), length(MOST_SUBJECT, N_("It is too long."))],
    )


@blueprint.get("/staff/<name>/identity")
@needs("staff.manage", fresh=True)
def identity(name: str) -> Reply:
    return page(_TEMPLATE, title=_title(name), form=SubjectForm(), **_shown(name))


@blueprint.post("/staff/<name>/identity")
@needs("staff.manage", fresh=True)
def link(name: str) -> Reply:
    shown, form = _shown(name), SubjectForm(request.form)
    if form.validate():
        subject = (form.subject.data or "").strip()
        try:
            with writing() as connection:
                link_identity(
                    connection, name, _issuer(), subject, parts().clock(), by=signed().name
                )
        except UserError as error:
            form.subject.errors = [refusal(error)]
        else:
            told = _("%(name)s can log in with the company account from now on.", name=name)
            return done(told, url_for(".identity", name=name))
    return refused(_TEMPLATE, title=_title(name), form=form, **shown)


@blueprint.post("/staff/<name>/identity/remove")
@needs("staff.manage", fresh=True)
def unlink(name: str) -> Reply:
    """Take that link away; the user's sessions end."""
    if _shown(name)["linked"] is None:
        raise NotFound
    with writing() as connection:
        unlink_identity(connection, name, _issuer(), parts().clock(), by=signed().name)
    told = _("%(name)s cannot log in with the company account any more.", name=name)
    return done(told, url_for(".identity", name=name))


def _title(name: str) -> str:
    return _("Company account of %(name)s", name=name)


def _issuer() -> str:
    provider = parts().provider
    if provider is None:
        raise NotFound
    return provider.issuer


def _shown(name: str) -> dict[str, Any]:
    """What the page needs. Raises ``NotFound`` for no such user, and where there is no provider."""
    issuer = _issuer()
    with reading() as connection:
        user = next((user for user in list_users(connection) if user.name == name), None)
        if user is None:
            raise NotFound
        return {"user": user, "issuer": issuer, "linked": identity_of(connection, name, issuer)}

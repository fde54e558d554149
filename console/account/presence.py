"""How long the session of an open page lasts, and staying in it."""

from flask import Blueprint, g, jsonify, redirect, request

from console.web.access import needs, owed, signed
from console.web.own_paths import safe_next
from console.web.pages import Reply
from console.web.parts import parts

blueprint = Blueprint("presence", __name__)

WARNED = 120
"""Seconds before its end at which a page asks whether somebody is there."""


@blueprint.get("/session")
@needs("me", poll=True)
def left() -> Reply:
    """Say how many seconds are left; to ask is no sign that somebody is there."""
    return jsonify(left=_left())


@blueprint.post("/session")
@needs("me")
def stay() -> Reply:
    """Stay; without script, go back to the page."""
    if "HX-Request" in request.headers:
        return jsonify(left=_left())
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.app_template_global()
def seconds_left() -> int | None:
    """How long the session lasts if nothing more is done; ``None`` for who is not quite in."""
    found = g.get("signed")
    return None if found is None or owed(found) is not None else _left()


@blueprint.app_template_global()
def seconds_warned() -> int:
    return WARNED


def _left() -> int:
    return max(int((signed().ends_at() - parts().clock()).total_seconds()), 0)

"""The first page: what waits for this user."""

from flask import Blueprint

from console.access import needs
from console.pages import Reply, page
from console.parts import parts
from console.words import _

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@needs("home")
def home() -> Reply:
    """Say what waits."""
    return page("home.html", title=_("To do"), now=parts().clock())

"""One call: its path through the menu step by step, and the requests that were made in it."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from werkzeug.exceptions import NotFound

from backend.calls.call_lists import ListedCall, find_by_reference
from backend.calls.call_log import Step, find_path
from backend.interface.place import Place
from backend.records.requests.ledger import Filters, page_of_requests
from console.calls.menu_words import sentence, shown, spoken_language, topic
from console.web.access import needs
from console.web.pages import Reply, page
from console.web.parts import reading
from console.web.words import _, word
from ivr.lines.call_steps import Typed, typed_at
from menus.loader import Line

blueprint = Blueprint("call", __name__)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of a path: where it is in the menu, what was said last, and what was to be typed."""

    at: datetime
    path: str
    topic: str
    said: str
    prompt: str
    typed: str


@blueprint.get("/calls/<reference>")
@needs("call.see")
def call(reference: str) -> Reply:
    """Show the path of a call; what was typed is not in it."""
    with reading() as connection:
        found = find_by_reference(connection, reference)
        if found is None:
            raise NotFound
        path = find_path(connection, found.call_sid)
        made = page_of_requests(connection, Filters(call_sid=found.call_sid))
    line = _line(found)
    return page(
        "calls/call.html",
        title=_("Call %(reference)s", reference=found.reference),
        call=found,
        steps=[_shown(step, line) for step in path],
        is_earlier_menu=line is None,
        requests=[entry.request for entry in made],
    )


def _line(found: ListedCall) -> Line | None:
    """The line that the call began with, if it is still what the files hold."""
    lines = shown().lines.values()
    return next((line for line in lines if line.tree_hash == found.tree_hash), None)


def _shown(step: Step, line: Line | None) -> ShownStep:
    place = step.place if isinstance(step.place, Place) else Place.parse(step.place)
    node = line.tree.at(place.path) if line is not None else None
    typed = typed_at(place.step, place.prompt)
    told = "" if line is None or node is None else topic(line, node)
    return ShownStep(
        step.at,
        place.path,
        told,
        _said(place, line),
        place.prompt,
        "" if typed is Typed.NOTHING else word("typed", typed),
    )


def _said(place: Place, line: Line | None) -> str:
    if place.step == "dial":
        return _("Connecting to the desk %(desk)s", desk=place.prompt.split(" ")[0])
    if place.step == "end":
        return word("call end", "talked" if place.prompt == "talked" else "over")
    if place.step == "opening":
        return _("The call begins")
    if line is None:
        return ""
    return sentence(line.phrasebooks[spoken_language(line)], place.prompt)

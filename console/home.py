"""The first page: what waits for this user, what is going on, and what needs a look."""

import hashlib
from typing import Any

from flask import Blueprint, get_template_attribute, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from console.todo import ToDo, gather, open_tasks
from console.web.access import needs
from console.web.pages import PollBlock, Reply, answer_poll, page, poll_block
from console.web.parts import parts, reading
from console.web.words import _

blueprint = Blueprint("home", __name__)

POLL_SECONDS = 30


@blueprint.get("/")
@needs("home")
def home() -> Reply:
    with reading() as connection:
        found = gather(connection, fresh=True)
    return page(
        "home.html",
        title=_("To do"),
        now=parts().clock(),
        found=found,
        figures=_block(found, _shown(found)),
    )


@blueprint.get("/figures")
@needs("home", poll=True)
def figures() -> Reply:
    """The figures of the first page; ``shown`` tells which lines it has."""
    with reading() as connection:
        found = gather(connection)
    return answer_poll(_block(found, request.args.get("shown", "")))


@blueprint.get("/waiting")
@needs("inbox.see", poll=True)
def waiting() -> Reply:
    """How many tasks are open, for the bar."""
    with reading() as connection:
        number, _oldest = open_tasks(connection, fresh=False)
    if request.args.get("n") == str(number):
        return Response(status=204)
    return str(_waiting_figure(number))


def waiting_tasks() -> Markup:
    """The figure beside the inbox in the bar, which asks for itself again."""
    with reading() as connection:
        number, _oldest = open_tasks(connection, fresh=True)
    return _waiting_figure(number)


def _waiting_figure(number: int) -> Markup:
    return Markup(
        '<span id="waiting" data-poll hx-get="{}" hx-trigger="every {}s" hx-swap="outerHTML">'
        "{}</span>"
    ).format(url_for("home.waiting", n=number), POLL_SECONDS, f"({number})" if number else "")


def _block(found: ToDo, shown: str) -> PollBlock:
    """The region that refreshes the page's figures, and says when a line has come or gone."""
    return poll_block(
        "figures",
        url_for("home.figures", shown=shown),
        POLL_SECONDS,
        "home/_figures.html",
        beside=_words(found, is_new=shown != _shown(found)),
        changed=shown != _shown(found),
    )


def _words(found: ToDo, *, is_new: bool) -> dict[str, str]:
    """What the spans of the page say, by their ids."""
    now = parts().clock()
    tasks = _macro("tasks")(found, now)
    going = {
        f"going-{each.campaign_id}": _macro("going")(found.progress[each.campaign_id], now)
        for each in found.running
    }
    again = _("The list has changed – show it") if is_new else _("Refresh")
    return {"tasks": tasks, **going, "calls": _macro("calls")(found.line), "again": again}


def _macro(name: str) -> Any:
    return get_template_attribute("home/_words.html", name)


def _shown(found: ToDo) -> str:
    return hashlib.sha256(" ".join(found.lines).encode()).hexdigest()[:12]

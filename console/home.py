"""The first page: what waits for this user, what is going on, and what needs a look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import Blueprint, current_app, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from backend.calls.call_statistics import AgentTimes, statistics
from backend.interface.codes import CampaignState
from backend.records.service_notices import open_notices
from backend.records.task_list import count_open_tasks
from backend.staff.users import is_same_user
from common.timezone import BUDAPEST, in_budapest
from console.web.access import may, needs, signed
from console.web.pages import PollBlock, Reply, answer_poll, page, poll_block
from console.web.parts import parts, reading
from console.web.words import _
from messages.campaigns.campaign import Campaign, count, page_of_campaigns

blueprint = Blueprint("home", __name__)

POLL_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page counts; ``begun`` are the messages of running campaigns that are on their way.

    ``to_approve`` and ``tasks`` are what this user may deal with.
    """

    to_approve: int
    tasks: int
    oldest: datetime | None
    begun: int
    recipients: int
    calls: int
    agent: AgentTimes | None
    notices: int


@blueprint.get("/")
@needs("home")
def home() -> Reply:
    """Say what waits."""
    with reading() as connection:
        to_approve, running = _to_approve(connection), _in(connection, CampaignState.RUNNING)
        paused = _in(connection, CampaignState.PAUSED)
        figures = _figures(connection, to_approve, running)
    tasks_wait = may("task.answer") and figures.tasks > 0
    return page(
        "home.html",
        title=_("To do"),
        now=parts().clock(),
        to_approve=to_approve,
        running=running,
        paused=paused,
        tasks_wait=tasks_wait,
        idle=not (to_approve or running or paused or tasks_wait),
        figures=_block(figures),
        address=_address,
    )


@blueprint.get("/figures")
@needs("home", poll=True)
def figures() -> Reply:
    """The figures of the first page."""
    with reading() as connection:
        to_approve, running = _to_approve(connection), _in(connection, CampaignState.RUNNING)
        return answer_poll(_block(_figures(connection, to_approve, running)))


@blueprint.get("/waiting")
@needs("inbox.see", poll=True)
def waiting() -> Reply:
    """How many tasks are open, for the bar."""
    number = _open_tasks()
    if request.args.get("n") == str(number):
        return Response(status=204)
    return str(_waiting_figure(number))


def waiting_tasks() -> Markup:
    """The figure beside the inbox in the bar, which asks for itself again."""
    return _waiting_figure(_open_tasks())


def _waiting_figure(number: int) -> Markup:
    return Markup(
        '<span id="waiting" data-poll hx-get="{}" hx-trigger="every {}s" hx-swap="outerHTML">'
        "{}</span>"
    ).format(url_for("home.waiting", n=number), POLL_SECONDS, f"({number})" if number else "")


def _open_tasks() -> int:
    with reading() as connection:
        return count_open_tasks(connection)[0]


def _block(found: Figures) -> PollBlock:
    return poll_block(
        "figures",
        url_for("home.figures"),
        POLL_SECONDS,
        "home/_figures.html",
        found=found,
        now=parts().clock(),
    )


def _figures(
    connection: Connection, to_approve: Sequence[Campaign], running: Sequence[Campaign]
) -> Figures:
    now = parts().clock()
    midnight = datetime.combine(in_budapest(now).date(), time(), BUDAPEST)
    today = statistics(connection, midnight, now)
    tasks, oldest = count_open_tasks(connection)
    queued = sum(count(connection, each.campaign_id).states["queued"] for each in running)
    recipients = sum(each.recipients for each in running)
    return Figures(
        to_approve=len(to_approve),
        tasks=tasks if may("task.answer") else 0,
        oldest=oldest,
        begun=recipients - queued,
        recipients=recipients,
        calls=today.calls,
        agent=today.agent,
        notices=len(open_notices(connection, now)),
    )


def _to_approve(connection: Connection) -> list[Campaign]:
    """Drafts that this user may approve: a colleague's, never their own."""
    if not may("campaign.approve"):
        return []
    drafts = _in(connection, CampaignState.DRAFT)
    return [each for each in drafts if not is_same_user(each.created_by, signed().name)]


def _in(connection: Connection, state: CampaignState) -> list[Campaign]:
    return page_of_campaigns(connection, state=state)


def _address(endpoint: str, **values: Any) -> str | None:
    """Where a screen is; ``None`` when this application has no such screen."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None

"""What is typed in a step of a planned campaign: kept as they type, found again in its form."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import NotFound

from backend.staff.drafts import DraftError
from common.errors import CampaignError
from common.timezone import local_date
from console.campaigns.plan_views import found_plan, show, state_of_step
from console.web.access import actor, needs
from console.web.forms import Form
from console.web.kept import kept_state, number_in
from console.web.pages import Reply
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.words import _
from console.web.written import hour, short_day, table_day
from messages.campaigns.planning.plans import Plan, keep_typed

blueprint = Blueprint("plan_typed", __name__)

MOST_CHARACTERS = 200
"""In one field; more is never right in any of them."""


@blueprint.post("/campaigns/new/<draft_id>/<step>/keep")
@needs("campaign.make")
def keep(draft_id: str, step: str) -> Reply:
    """Keep what was typed; a region of the form."""
    if step not in ("who", "what", "when"):
        raise NotFound
    since = number_in(request.form.get("version"))
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    if plan.draft.version != since:
        return kept_state(None, since, field="version")
    try:
        return state_of_step(_kept(plan, step))
    except DraftError:
        return kept_state(None, since, field="version")
    except CampaignError as error:
        return kept_state(None, since, problem=refusal(error), field="version")


def refused_step(plan: Plan, form: Form, step: str, **values: Any) -> Reply:
    """The step once more with what is wrong in it; what was typed is kept all the same."""
    if form["version"].data == str(plan.draft.version):
        with suppress(DraftError, CampaignError):
            plan = _kept(plan, step)
            form["version"].data = str(plan.draft.version)
    return show(plan, form, step, status=422, **values)


def _kept(plan: Plan, step: str) -> Plan:
    saved = saved_values(plan, step)
    typed = {name: request.form.get(name, "")[:MOST_CHARACTERS] for name in saved}
    with writing() as connection:
        return keep_typed(connection, plan, step, {} if typed == saved else typed, actor())


def form_values(plan: Plan, step: str) -> dict[str, str]:
    """What the fields of a step hold: as it was typed last, otherwise as it was saved."""
    return {**saved_values(plan, step), **plan.typed(step), "version": str(plan.draft.version)}


def saved_values(plan: Plan, step: str) -> dict[str, str]:
    """What the fields of a step hold when nothing is typed."""
    steps: Mapping[str, dict[str, str]] = {
        "who": {
            "name": plan.name or _proposed_name(),
            "source": plan.source or "",
            "days": str(plan.days_overdue),
        },
        "what": {"template": plan.template or "", "spelling": plan.spelling},
        "when": _time_values(plan.starts_at),
    }
    return steps[step]


def _proposed_name() -> str:
    return _("Reminder of %(day)s", day=short_day(local_date(parts().clock())))


def _time_values(begins: datetime | None) -> dict[str, str]:
    if begins is None:
        return {"when": "at once", "day": "", "clock": ""}
    return {"when": "at", "day": table_day(begins), "clock": hour(begins)}

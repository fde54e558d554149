"""What every step of a planned campaign shows, and how a step is saved."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import redirect, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from backend.desks import public_holiday
from backend.staff.background_jobs.stored_files import file_name
from backend.staff.drafts import DraftError, find_draft
from backend.staff.users import find_user
from common.errors import CampaignError, RecordsError
from common.timezone import local_date
from console.web.access import signed
from console.web.forms import Form
from console.web.kept import kept_state
from console.web.pages import Reply, job_block, page, refused
from console.web.parts import parts, reading
from console.web.refusals import job_refusal, refusal
from console.web.words import _, word
from console.web.written import moment_text, number
from messages.campaigns.desk_contact import desk_facts, desk_lines
from messages.campaigns.planning.judged_lists import faults_of, figures_of
from messages.campaigns.planning.plan_review import Block, Warn, review
from messages.campaigns.planning.plans import Plan, judging_of
from messages.campaigns.template_library import look_up_template, preview
from messages.content.render import render

SHOWN_DAYS = 14
STEPS = ("who", "what", "when", "check")


def found_plan(connection: Connection, draft_id: str) -> Plan:
    """This user's plan. Raises ``NotFound``; a colleague's is not found."""
    try:
        return Plan(find_draft(connection, draft_id, signed().name, "campaign"))
    except DraftError as error:
        raise NotFound from error


def address_of_plan(plan: Plan) -> str:
    """Where its author goes on with it."""
    late = plan.draft.step in ("when", "check")
    return url_for("plan_check.check" if late else "plan.who", draft_id=plan.draft.draft_id)


def saved(plan: Plan, form: Form, step: str, save: Callable[[Plan], Reply], **values: Any) -> Reply:
    """Save a step, unless the draft is not as this form has seen it; then both are shown."""
    try:
        if form["version"].data == str(plan.draft.version):
            return save(plan)
    except DraftError:
        with reading() as connection:
            plan = found_plan(connection, plan.draft.draft_id)
    except CampaignError as error:
        form[_field_of(step)].errors = [refusal(error)]
        return show(plan, form, step, status=422, **values)
    form["version"].data = str(plan.draft.version)
    return show(plan, form, step, status=409, stale=True, **values)


def _field_of(step: str) -> str:
    return {"who": "name", "what": "template", "when": "day"}[step]


def on(plan: Plan, step: str) -> Reply:
    room = "plan_check" if step == "check" else "plan"
    return redirect(url_for(f"{room}.{step}", draft_id=plan.draft.draft_id), 303)


def show(
    plan: Plan,
    form: Form,
    step: str,
    *,
    status: int = 200,
    stale: bool = False,
    chosen: str = "",
    proposal: datetime | None = None,
) -> Reply:
    values = plan_values(plan, step) | {"stale": stale, "proposal": proposal}
    with reading() as connection:
        if step == "what":
            values |= preview_values(connection, plan, chosen)
        if step == "when":
            values["days"] = list(_calendar_days())
    template, title = f"plan/{step}.html", _("New campaign: %(step)s", step=word("step", step))
    if status == 200:
        return page(template, title=title, form=form, **values)
    return refused(template, title=title, form=form, status=status, **values)


def state_of_step(plan: Plan) -> Markup:
    """The region of a step's form that tells when it was last kept."""
    return kept_state(plan.draft, plan.draft.version, field="version")


def plan_values(plan: Plan, step: str) -> dict[str, Any]:
    """What every step shows of its plan: the list, how it was judged, and the look over it."""
    now = parts().clock()
    with reading() as connection:
        job = judging_of(connection, plan)
        look = review(connection, parts().desks, plan, job, parts().policy, parts().calendar, now)
        file = plan.get("file")
        file_kept = file_name(connection, file, signed().name) if file else None
        faults = faults_of(connection, job)
        has_phone = find_user(connection, signed().name).phone is not None
    url = url_for("plan.judging", draft_id=plan.draft.draft_id)
    return {
        "plan": plan,
        "steps": STEPS,
        "step": step,
        "job": job,
        "polled": job_block(job, url, Block.NO_WORKER not in look.blocks)
        if job and not job.is_over
        else None,
        "review": look,
        "warnings": [_warning(each, values) for each, values in look.warnings],
        "file_kept": file_kept,
        "job_refusal": job_refusal,
        "faults": faults,
        "has_phone": has_phone,
        "now": now,
        "kept": state_of_step(plan),
    }


def _warning(warning: Warn, values: Mapping[str, Any]) -> str:
    told: dict[str, Any] = {}
    for name, value in values.items():
        match value:
            case datetime():
                told[name] = moment_text(value)
            case int():
                told[name] = number(value)
            case _:
                told[name] = value
    return word("plan warning", warning.value) % told


def preview_values(connection: Connection, plan: Plan, name: str) -> dict[str, Any]:
    try:
        stored = look_up_template(connection, name) if name else None
    except RecordsError:
        stored = None
    if stored is None:
        return {"shown": None}
    facts, lines = desk_facts(parts().desks, stored.kind), desk_lines(parts().desks, stored.kind)
    figures = figures_of(judging_of(connection, plan))
    try:
        accented = render(stored.text, facts)
    except ValueError:
        accented = stored.text
    return {
        "shown": stored,
        "accented": accented,
        "preview": preview(stored.text, stored.kind, facts, {*lines, *stored.lines}),
        "recipients": figures.recipients if figures else None,
    }


def _calendar_days() -> Iterator[dict[str, Any]]:
    """The next two weeks: from when until when, or why not."""
    today: date = local_date(parts().clock())
    hours, calendar = parts().policy.contact_hours, parts().calendar
    for offset in range(SHOWN_DAYS):
        day = today + timedelta(days=offset)
        spans = hours.spans_on(day, calendar)
        why_not = calendar.moratorium(day)
        if why_not is None and not spans and (name := public_holiday(day)):
            why_not = word("holiday", name)
        yield {"day": day, "spans": [_span(*span) for span in spans], "why_not": why_not}


def _span(opens: time, closes: time | None) -> str:
    ends = "24:00" if closes is None else f"{closes.hour}:{closes:%M}"
    return f"{opens.hour}:{opens:%M}–{ends}"

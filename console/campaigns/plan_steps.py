"""The first three steps of a planned campaign: recipients, text and time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from backend.interface.codes import MessageKind
from backend.staff.background_jobs.jobs import a_worker_is_there
from backend.staff.background_jobs.stored_files import packed, store_file
from common.error_codes import ErrorCode
from common.errors import CampaignError
from console.campaigns.plan_forms import WhatForm, WhenForm, WhoForm
from console.campaigns.plan_typed import form_values, refused_step
from console.campaigns.plan_views import (
    found_plan,
    on,
    preview_values,
    saved,
    show,
)
from console.web.access import actor, needs, signed
from console.web.forms import choices
from console.web.pages import Reply, answer_poll, job_block, page
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.typed import NotUnderstoodError, moment_named
from console.web.words import _, word
from messages.campaigns.planning.judged_lists import figures_of
from messages.campaigns.planning.plans import (
    DAYS_OVERDUE,
    SOURCE_KINDS,
    Plan,
    change_plan,
    judging_of,
    let_judge,
)
from messages.campaigns.template_library import StoredTemplate, list_templates, look_up_template

blueprint = Blueprint("plan", __name__)

MOST_FILE_BYTES = 64 * 2**20


@blueprint.route("/campaigns/new/<draft_id>/who", methods=["GET", "POST"])
@needs("campaign.make", most_bytes=MOST_FILE_BYTES)
def who(draft_id: str) -> Reply:
    """Name the campaign and choose its recipients."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    form = WhoForm(request.form if request.method == "POST" else None)
    kinds = [kind for kind in SOURCE_KINDS if kind != "former" or plan.get("former")]
    form.source.choices = choices((kind, word("source kind", kind)) for kind in kinds)
    if request.method == "GET":
        form.process(None, data=form_values(plan, "who"))
        return show(plan, form, "who")
    sent = request.files.get("file")
    loaded = sent if sent is not None and sent.filename else None
    valid = form.validate()
    if form.source.data == "file" and loaded is None and not plan.get("file"):
        form.file.errors = [_("Choose the file of the list.")]
        valid = False
    if not valid:
        return refused_step(plan, form, "who")
    return saved(plan, form, "who", lambda plan: _save_who(plan, form, loaded))


def _save_who(plan: Plan, form: WhoForm, loaded: FileStorage | None) -> Reply:
    changed: dict[str, Any] = {"name": (form.name.data or "").strip(), "source": form.source.data}
    if form.source.data == "register":
        changed["days"] = int(form.days.data or DAYS_OVERDUE)
    file_parts = None if loaded is None else packed(_chunks(loaded))
    judged = plan.get("judged")
    with writing() as connection:
        if file_parts is not None and loaded is not None and form.source.data == "file":
            by, now = signed().name, parts().clock()
            name = loaded.filename or ""
            changed["file"] = store_file(connection, name, file_parts, by, now, parts().rng)
        plan = change_plan(connection, plan, "who", changed, actor())
        plan = let_judge(connection, parts().desks, plan, actor(), parts().rng)
        job = judging_of(connection, plan)
    settled = plan.get("judged") == judged and figures_of(job) is not None
    return on(plan, "what" if settled else "who")


@blueprint.get("/campaigns/new/<draft_id>/judging")
@needs("campaign.make", poll=True)
def judging(draft_id: str) -> Reply:
    """How far the list is read; the page loads itself again when that is over."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
        job = judging_of(connection, plan)
        alive = a_worker_is_there(connection, parts().clock())
    if job is None or job.is_over:
        return Response(headers={"HX-Refresh": "true"})
    return answer_poll(job_block(job, url_for("plan.judging", draft_id=draft_id), alive))


@blueprint.route("/campaigns/new/<draft_id>/what", methods=["GET", "POST"])
@needs("campaign.make")
def what(draft_id: str) -> Reply:
    with reading() as connection:
        plan = found_plan(connection, draft_id)
        known = _usable(connection)
    form = WhatForm(request.form if request.method == "POST" else None)
    named = [(each.name, each.name) for each in known]
    form.template.choices = choices([("", _("– choose –")), *named])
    if request.method == "GET":
        form.process(None, data=form_values(plan, "what") | _asked("template", "spelling"))
        return show(plan, form, "what", chosen=form.template.data or "")
    chosen = form.template.data or ""
    if "preview" in request.form:
        return show(plan, form, "what", chosen=chosen)
    if not form.validate():
        return refused_step(plan, form, "what", chosen=chosen)
    return saved(plan, form, "what", lambda plan: _save_what(plan, form), chosen=chosen)


def _asked(*names: str) -> dict[str, str]:
    """What the address asks for, of those fields."""
    return {name: request.args[name] for name in names if name in request.args}


def _save_what(plan: Plan, form: WhatForm) -> Reply:
    changed = {"template": form.template.data, "spelling": form.spelling.data}
    with writing() as connection:
        look_up_template(connection, form.template.data or "")
        plan = change_plan(connection, plan, "what", changed, actor())
        if plan.source is not None:
            plan = let_judge(connection, parts().desks, plan, actor(), parts().rng)
    return on(plan, "when")


@blueprint.get("/campaigns/new/<draft_id>/preview")
@needs("campaign.make")
def text_preview(draft_id: str) -> Reply:
    """The text as it would arrive; a region of the second step."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
        values = preview_values(connection, plan, request.args.get("template", ""))
    return page("plan/_preview.html", title="", **values)


@blueprint.route("/campaigns/new/<draft_id>/when", methods=["GET", "POST"])
@needs("campaign.make")
def when(draft_id: str) -> Reply:
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    form = WhenForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        form.process(None, data=form_values(plan, "when"))
        return show(plan, form, "when")
    try:
        begins = _proposed() or form.moment()
    except NotUnderstoodError:
        form.day.errors = [_("Write a day and a time such as 2026. 11. 24. and 9:00.")]
        return refused_step(plan, form, "when")
    if begins is not None and (problem := _time_problem(begins)) is not None:
        sentence, proposal = problem
        form.day.errors = [sentence]
        return refused_step(plan, form, "when", proposal=proposal)
    return saved(plan, form, "when", lambda plan: _save_when(plan, begins))


def _proposed() -> datetime | None:
    """The time that a button has proposed, if it was pressed. Raises ``NotUnderstoodError``."""
    return moment_named(request.form["take"]) if "take" in request.form else None


def _time_problem(begins: datetime) -> tuple[str, datetime | None] | None:
    now = parts().clock()
    if begins < now.replace(second=0, microsecond=0):
        return _("That time is past. Choose a later one."), None
    permitted = parts().policy.contact_hours.next_permitted(begins, parts().calendar)
    if permitted is None:
        return refusal(CampaignError("", code=ErrorCode.NO_HOUR_PERMITTED)), None
    if permitted > begins:
        error = CampaignError("", code=ErrorCode.HOUR_FORBIDDEN, begins=permitted)
        return refusal(error), permitted
    return None


def _save_when(plan: Plan, begins: datetime | None) -> Reply:
    changed = {"starts_at": None if begins is None else begins.isoformat()}
    with writing() as connection:
        plan = change_plan(connection, plan, "when", changed, actor())
    return on(plan, "check")


def _usable(connection: Connection) -> list[StoredTemplate]:
    """The texts that a campaign can have, those of reminders first."""
    known = list_templates(connection)
    fit = [each for each in known if each.is_for_many and not each.is_published]
    return sorted(fit, key=lambda each: (each.kind is not MessageKind.DEBT, each.name))


def _chunks(loaded: FileStorage) -> Iterator[bytes]:
    return iter(lambda: loaded.stream.read(1 << 20), b"")

"""A planned campaign from its first press to the look over it, and on to a campaign."""

import codecs
import csv
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from backend.staff.background_jobs.jobs import a_worker_is_there
from backend.staff.background_jobs.stored_files import each_part, file_name
from backend.staff.drafts import DraftError
from backend.staff.users import phones_of
from common.errors import CampaignError, TemplateRefusedError, UserError
from console.campaigns.figures import found_campaign
from console.campaigns.plan_views import found_plan, plan_values, preview_values
from console.web.access import actor, needs, signed
from console.web.exports import note_download
from console.web.pages import (
    Reply,
    answer_poll,
    done,
    job_block,
    once,
    page,
    remember,
)
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.tables import csv_response
from console.web.words import _, word
from messages.campaigns.campaign import campaign_is_there
from messages.campaigns.planning.judged_lists import figures_of
from messages.campaigns.planning.plans import (
    Plan,
    begin_plan,
    discard_plan,
    judging_of,
    let_judge,
    making_of,
    planned_text,
    submit_plan,
)
from messages.campaigns.planning.rehearsals import rehearse_draft
from messages.campaigns.returning import draft_data

blueprint = Blueprint("plan_check", __name__)


@blueprint.post("/campaigns/new")
@needs("campaign.make")
def begin() -> Reply:
    return _begin({})


@blueprint.post("/campaigns/<campaign_id>/again")
@needs("campaign.make")
def again(campaign_id: str) -> Reply:
    """Begin to plan another campaign with the same text."""
    with reading() as connection:
        data = draft_data(found_campaign(connection, campaign_id), with_recipients=False)
    data.pop("starts_at", None)
    data.pop("name", None)
    return _begin(data)


def _begin(data: dict[str, object]) -> Reply:
    with writing() as connection:
        before = once(connection, request.form)
        if before is not None:
            return redirect(before, 303)
        draft_id = begin_plan(connection, actor(), parts().rng, data)
        address = url_for("plan.who", draft_id=draft_id)
        remember(connection, request.form, address)
    return redirect(address, 303)


@blueprint.get("/campaigns/new/sample.csv")
@needs("campaign.make")
def sample() -> Reply:
    """A list to go by, as a spreadsheet saves it."""
    rows = [("K-20481", "06301234567"), ("K-20482", "")]
    return csv_response("minta", ["case_id", "phone"], rows)


@blueprint.get("/campaigns/new/<draft_id>/check")
@needs("campaign.make")
def check(draft_id: str) -> Reply:
    """Look over all of it before it goes to an approver."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    return _page(plan)


def _page(plan: Plan, problems: list[tuple[str, str]] | None = None, status: int = 200) -> Reply:
    with reading() as connection:
        job = making_of(connection, plan)
        values = preview_values(connection, plan, plan.template or "")
    values |= plan_values(plan, "check")
    values["failed"] = job if job and job.state == "failed" else None
    title = _("New campaign: %(step)s", step=word("step", "check"))
    body = render_template("plan/check.html", title=title, problems=problems, **values)
    return make_response(body, status)


@blueprint.post("/campaigns/new/<draft_id>/check")
@needs("campaign.make")
def submit(draft_id: str) -> Reply:
    """Have the campaign made, for an approver to look at."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    blocked = plan_values(plan, "check")["review"].blocks
    if blocked:
        sentences = [("akadalyok", word("plan block", each.value)) for each in blocked]
        return _page(plan, sentences, 422)
    try:
        with writing() as connection:
            plan = submit_plan(connection, parts().desks, plan, actor(), parts().rng)
    except DraftError as error:
        # Another press of the button, or another window, was quicker.
        with reading() as connection:
            plan = found_plan(connection, draft_id)
        if not plan.get("making"):
            return _page(plan, [("akadalyok", refusal(error))], 409)
    except (CampaignError, TemplateRefusedError) as error:
        return _page(plan, [("akadalyok", refusal(error))], 409)
    return redirect(_made(".making", plan.draft.draft_id, plan.get("campaign")), 303)


def _made(endpoint: str, draft_id: str, campaign_id: str) -> str:
    return url_for(endpoint, draft_id=draft_id, campaign_id=campaign_id)


@blueprint.get("/campaigns/new/<draft_id>/making/<campaign_id>")
@needs("campaign.make")
def making(draft_id: str, campaign_id: str) -> Reply:
    """Wait for the worker that makes the campaign; then on to its page, or back to the plan."""
    with reading() as connection:
        if campaign_is_there(connection, campaign_id):
            return redirect(url_for("campaigns.one", campaign_id=campaign_id), 303)
        plan = found_plan(connection, draft_id)
        job = making_of(connection, plan)
        alive = a_worker_is_there(connection, parts().clock())
    if job is None or job.is_over:
        return redirect(url_for("plan_check.check", draft_id=draft_id), 303)
    polled = job_block(job, _made("plan_check.progress", draft_id, campaign_id), alive)
    return page("plan/making.html", title=_("The campaign is being made"), plan=plan, polled=polled)


@blueprint.get("/campaigns/new/<draft_id>/making/<campaign_id>/progress")
@needs("campaign.make", poll=True)
def progress(draft_id: str, campaign_id: str) -> Reply:
    address = _made("plan_check.making", draft_id, campaign_id)
    with reading() as connection:
        if campaign_is_there(connection, campaign_id):
            return Response(headers={"HX-Redirect": address})
        job = making_of(connection, found_plan(connection, draft_id))
        alive = a_worker_is_there(connection, parts().clock())
    if job is None or job.is_over:
        return Response(headers={"HX-Redirect": address})
    return answer_poll(job_block(job, f"{address}/progress", alive))


@blueprint.post("/campaigns/new/<draft_id>/judge")
@needs("campaign.make")
def judge(draft_id: str) -> Reply:
    """Have the list read once more, such as that of a returned campaign."""
    try:
        with writing() as connection:
            plan = found_plan(connection, draft_id)
            let_judge(connection, parts().desks, plan, actor(), parts().rng, anew=True)
    except CampaignError as error:
        return _page(plan, [("akadalyok", refusal(error))], 409)
    return redirect(url_for("plan_check.check", draft_id=draft_id), 303)


@blueprint.post("/campaigns/new/<draft_id>/rehearse")
@needs("campaign.make")
def rehearse(draft_id: str) -> Reply:
    """Send the text to one's own telephone before there is a campaign."""
    address = url_for("plan_check.check", draft_id=draft_id)
    try:
        with writing() as connection:
            plan = found_plan(connection, draft_id)
            before = once(connection, request.form)
            if before is not None:
                return redirect(before, 303)
            remember(connection, request.form, address)
            text = planned_text(connection, parts().desks, plan)
            phones = phones_of(connection, [signed().name])
            rehearse_draft(connection, text, phones, actor(), parts().rng)
    except (CampaignError, UserError, TemplateRefusedError) as error:
        with reading() as connection:
            plan = found_plan(connection, draft_id)
        return _page(plan, [("akadalyok", refusal(error))], 409)
    return done(_("The rehearsal is on its way to your telephone."), address)


@blueprint.route("/campaigns/new/<draft_id>/discard", methods=["GET", "POST"])
@needs("campaign.make")
def discard(draft_id: str) -> Reply:
    """Throw the draft away, on a page that says what goes with it."""
    if request.method == "POST":
        with writing() as connection:
            discard_plan(connection, found_plan(connection, draft_id), actor())
        return done(_("The draft is discarded."), url_for("campaigns.campaigns"))
    with reading() as connection:
        plan = found_plan(connection, draft_id)
    return page("plan/discard.html", title=_("Discard the draft"), plan=plan)


@blueprint.post("/campaigns/new/<draft_id>/excluded.csv")
@needs("export")
def excluded(draft_id: str) -> Reply:
    """Who of the list would be left out, and why."""
    with reading() as connection:
        plan = found_plan(connection, draft_id)
        figures = figures_of(judging_of(connection, plan))
        kept = figures and file_name(connection, figures.exclusions, signed().name)
    if figures is None or not kept:
        raise NotFound
    rows = _rows(each_part(parts().engine, figures.exclusions))
    note_download(f"draft exclusions {draft_id}")
    return csv_response("kampany-piszkozat-kizartak", [_("Row"), _("Case"), _("Reason")], rows)


def _rows(content: Iterator[bytes]) -> Iterator[tuple[str, str, str]]:
    # A part may end in the middle of a character or of a row.
    text = codecs.iterdecode(content, "utf-8")
    for line, case_id, reason in csv.reader(_lines(text), delimiter=";"):
        yield line, case_id, word("reason", reason)


def _lines(text: Iterable[str]) -> Iterator[str]:
    """The same text in whole lines."""
    begun = ""
    for each in text:
        *whole, begun = (begun + each).split("\n")
        yield from (f"{line}\n" for line in whole)
    if begun:
        yield begun

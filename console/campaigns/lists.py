"""Campaigns: their list, and the page of one through all its states."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from backend.interface.codes import CampaignState, OutboxState
from backend.staff.audit import list_acts
from backend.staff.users import find_user, is_same_user, list_users
from console.campaigns.figures import (
    GOING,
    STEP_SECONDS,
    counted_now,
    delivered_of,
    figures_block,
    figures_of,
    found_campaign,
    seen,
)
from console.campaigns.plan_views import address_of_plan
from console.campaigns.tables import exclusions_table, letters_table, recipients_table, why
from console.web.access import may, needs, signed
from console.web.exports import Maker, answer_export
from console.web.pages import PollBlock, Reply, answer_poll, page, poll_block
from console.web.parts import parts, reading
from console.web.tables import PAGE_ROWS, cut, with_query
from console.web.typed import number_typed
from console.web.words import _
from messages.campaigns.campaign import Campaign, page_of_campaigns
from messages.campaigns.lifecycle import held_back_until
from messages.campaigns.planning.plans import plans_of
from messages.campaigns.planning.recipient_lists import page_of_recipients
from messages.campaigns.progress import Progress

blueprint = Blueprint("campaigns", __name__)
blueprint.add_app_template_global(why)

PERIODS = {"7": 7, "30": 30, "365": 365}
"""Days that the list may be narrowed to."""


@blueprint.get("/campaigns")
@needs("campaign.see")
def campaigns() -> Reply:
    wanted = request.args
    with reading() as connection:
        rows, after = cut(_listed(connection), key=lambda each: each.campaign_id)
        delivered = delivered_of(connection, rows)
        figures = {
            each.campaign_id: figures_of(connection, each) for each in rows if each.state in GOING
        }
        plans = plans_of(connection, signed().name) if may("campaign.make") else []
        people = [user.name for user in list_users(connection)]
    return page(
        "campaigns/list.html",
        title=_("Campaigns"),
        rows=rows,
        delivered=delivered,
        going=_going_block(rows, figures),
        states=tuple(CampaignState),
        people=people,
        plans=plans,
        address_of_plan=address_of_plan,
        periods=PERIODS,
        wanted=wanted,
        filtered=any(wanted.get(name) for name in ("state", "by", "days", "after")),
        next_url=with_query(after=after) if after else None,
    )


def _listed(connection: Connection) -> list[Campaign]:
    wanted = request.args
    days = PERIODS.get(wanted.get("days", ""))
    state = wanted.get("state")
    return page_of_campaigns(
        connection,
        state=state if state in tuple(CampaignState) else None,
        created_by=wanted.get("by") or None,
        since=None if days is None else parts().clock() - timedelta(days=days),
        rehearsals="rehearsals" in wanted,
        single="single" in wanted,
        after=found_campaign(connection, wanted["after"]) if wanted.get("after") else None,
        limit=PAGE_ROWS + 1,
    )


@blueprint.get("/campaigns/going")
@needs("campaign.see", poll=True)
def going() -> Reply:
    """The figures of the campaigns that run, for the list."""
    ids = request.args.get("ids", "").split()[:PAGE_ROWS]
    found = [seen(each) for each in ids]
    rows = [campaign for campaign, _figures in found]
    figures = {campaign.campaign_id: counted for campaign, counted in found}
    block = _going_block(rows, figures)
    if block is None or any(each.state not in GOING for each in rows):
        return Response(headers={"HX-Refresh": "true"})
    return answer_poll(block)


def _going_block(rows: Sequence[Campaign], figures: Mapping[str, Progress]) -> PollBlock | None:
    running = [each for each in rows if each.state in GOING]
    if not running:
        return None
    url = url_for("campaigns.going", ids=" ".join(each.campaign_id for each in running))
    return poll_block(
        "going",
        url,
        STEP_SECONDS,
        "campaigns/_going.html",
        rows=running,
        figures=figures,
        now=parts().clock(),
    )


@blueprint.get("/campaigns/<campaign_id>")
@needs("campaign.see")
def one(campaign_id: str) -> Reply:
    return campaign_page(campaign_id)


def campaign_page(
    campaign_id: str, problems: list[tuple[str, str]] | None = None, status: int = 200
) -> Reply:
    """A campaign's page, with what was refused on top."""
    now = parts().clock()
    with reading() as connection:
        campaign = found_campaign(connection, campaign_id)
        figures = counted_now(connection, campaign)
        state = request.args.get("state", "")
        states = (state,) if state in tuple(OutboxState) else ()
        read = page_of_recipients(
            connection, campaign_id, states, beyond=_beyond(), limit=PAGE_ROWS + 1
        )
        rows, after = cut(read, key=lambda row: row.number)
        acts = list_acts(connection, subject=campaign_id, limit=None)[::-1]
        held = held_back_until(campaign, parts().policy, parts().calendar, now)
        can_rehearse = find_user(connection, signed().name).phone is not None
    body = render_template(
        "campaigns/one.html",
        title=campaign.name,
        campaign=campaign,
        figures=figures,
        polled=figures_block(campaign, figures, _figures_url(campaign)),
        rows=rows,
        row_count=figures.states[state] if states else figures.recipients,
        chosen=state if states else "",
        states=[each for each in OutboxState if figures.states[each]],
        next_url=with_query(after=after) if after and request.method == "GET" else None,
        acts=acts,
        held=held,
        begins=begins_at(campaign, now),
        now=now,
        own=_is_own(campaign),
        can_rehearse=can_rehearse,
        problems=problems,
    )
    return make_response(body, status)


def begins_at(campaign: Campaign, now: datetime) -> datetime | None:
    """When an approved campaign would begin: at its author's wish, within the contact hours."""
    wanted = max(now, campaign.starts_at or now)
    return parts().policy.contact_hours.next_permitted(wanted, parts().calendar)


def _is_own(campaign: Campaign) -> bool:
    return any(is_same_user(each, signed().name) for each in campaign.authors)


@blueprint.get("/campaigns/<campaign_id>/figures")
@needs("campaign.see", poll=True)
def figures(campaign_id: str) -> Reply:
    """The figures alone; a page whose buttons are out of date loads itself again."""
    campaign, counted = seen(campaign_id)
    if request.args.get("was") != campaign.state:
        return Response(headers={"HX-Refresh": "true"})
    return answer_poll(figures_block(campaign, counted, _figures_url(campaign)))


def _figures_url(campaign: Campaign) -> str:
    return url_for("campaigns.figures", campaign_id=campaign.campaign_id, was=campaign.state)


@blueprint.post("/campaigns/<campaign_id>/recipients.csv")
@needs("export")
def recipients_csv(campaign_id: str) -> Reply:
    """The recipients in the states of the page's filter, all of them."""
    state = request.args.get("state", "")
    return _export("campaign recipients", recipients_table, campaign_id, state)


@blueprint.post("/campaigns/<campaign_id>/letters.csv")
@needs("export")
def letters_csv(campaign_id: str) -> Reply:
    """The cases whose message has failed: they are told by letter."""
    return _export("campaign letters", letters_table, campaign_id)


@blueprint.post("/campaigns/<campaign_id>/exclusions.csv")
@needs("export")
def exclusions_csv(campaign_id: str) -> Reply:
    return _export("campaign exclusions", exclusions_table, campaign_id)


def _export(kind: str, make: Maker, campaign_id: str, state: str = "") -> Reply:
    with reading() as connection:
        found_campaign(connection, campaign_id)
    return answer_export(kind, make, {"campaign": campaign_id, "state": state}, campaign_id)


def _beyond() -> int:
    return number_typed(request.args.get("after")) or 0

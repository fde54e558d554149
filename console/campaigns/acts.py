"""What is done to a campaign: approve, give back, start, pause, resume, end, rehearse."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest
from wtforms import TextAreaField

from backend.staff.api_access.api_keys import is_key
from backend.staff.users import phones_of
from common.errors import CampaignError, UserError
from console.campaigns.figures import figures_of, found_campaign
from console.campaigns.lists import campaign_page
from console.web.access import actor, needs
from console.web.forms import Form, length, required
from console.web.pages import Reply, done, once, page, refused, remember
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.typed import NotUnderstoodError, moment_named
from console.web.words import N_, _
from messages.campaigns import lifecycle
from messages.campaigns.campaign import Campaign
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.rehearsals import rehearse as rehearse_campaign
from messages.campaigns.returning import MOST_IN_REASON, give_back

blueprint = Blueprint("campaign_acts", __name__)

Step = Callable[[Connection, Actor], Campaign]

_RETURN = "campaigns/return.html"


class ReasonForm(Form):
    """Why a campaign goes back to its author."""

    reason = TextAreaField(
        N_("What is to be corrected?"),
        [
            required(N_("Write what is to be corrected.")),
            length(MOST_IN_REASON, N_("Write at most 500 characters.")),
        ],
    )


def _take(campaign_id: str, step: Step, said: Callable[[Campaign], str]) -> Reply:
    try:
        with writing() as connection:
            campaign = step(connection, actor())
    except (CampaignError, UserError) as error:
        return campaign_page(campaign_id, [("tartalom", refusal(error))], 409)
    return done(said(campaign), _address(campaign_id))


def _address(campaign_id: str) -> str:
    return url_for("campaigns.one", campaign_id=campaign_id)


@blueprint.post("/campaigns/<campaign_id>/approve")
@needs("campaign.approve", fresh=True)
def approve(campaign_id: str) -> Reply:
    return _take(
        campaign_id,
        lambda connection, actor: lifecycle.approve(connection, campaign_id, actor),
        lambda _campaign: _("The campaign is approved. Next it has to be started."),
    )


@blueprint.route("/campaigns/<campaign_id>/return", methods=["GET", "POST"])
@needs("campaign.approve", fresh=True)
def give_back_page(campaign_id: str) -> Reply:
    with reading() as connection:
        campaign = found_campaign(connection, campaign_id)
    title = _("Return for correction: %(name)s", name=campaign.name)
    of_system = is_key(campaign.created_by)
    if request.method == "GET":
        form = ReasonForm()
        return page(_RETURN, title=title, form=form, campaign=campaign, of_system=of_system)
    form = ReasonForm(request.form)
    if form.validate():
        try:
            with writing() as connection:
                give_back(connection, campaign_id, form.reason.data or "", actor(), parts().rng)
        except CampaignError as error:
            form.reason.errors = [refusal(error)]
        else:
            words = (
                N_("The campaign has ended. It was drafted by another system (%(name)s).")
                if of_system
                else N_("The campaign went back; %(name)s has a draft of it.")
            )
            return done(_(words, name=campaign.created_by), _address(campaign_id))
    return refused(_RETURN, title=title, form=form, campaign=campaign, of_system=of_system)


@blueprint.post("/campaigns/<campaign_id>/start")
@needs("campaign.run")
def start(campaign_id: str) -> Reply:
    """Start a campaign now, or at the time that the button has named."""
    not_before = _moment(request.form.get("begins"))

    def step(connection: Connection, actor: Actor) -> Campaign:
        return lifecycle.start(
            connection,
            campaign_id,
            actor,
            parts().policy,
            parts().calendar,
            not_before=not_before,
        )

    return _take(
        campaign_id,
        step,
        lambda campaign: (
            _("The campaign is scheduled; it begins by itself.")
            if campaign.state == "scheduled"
            else _("The campaign is being sent. You can pause it at any time.")
        ),
    )


def _moment(written: str | None) -> datetime | None:
    """The time that the button has named. Raises ``BadRequest``: it is never taken for "now"."""
    try:
        return moment_named(written) if written else None
    except NotUnderstoodError as error:
        raise BadRequest from error


@blueprint.post("/campaigns/<campaign_id>/pause")
@needs("campaign.run")
def pause(campaign_id: str) -> Reply:
    return _take(
        campaign_id,
        lambda connection, actor: lifecycle.pause(connection, campaign_id, actor),
        lambda _campaign: _("The campaign is paused. What has begun already is finished."),
    )


@blueprint.post("/campaigns/<campaign_id>/resume")
@needs("campaign.run")
def resume(campaign_id: str) -> Reply:
    return _take(
        campaign_id,
        lambda connection, actor: lifecycle.resume(connection, campaign_id, actor),
        lambda _campaign: _("The campaign goes on. Nobody gets the message twice."),
    )


@blueprint.route("/campaigns/<campaign_id>/cancel", methods=["GET", "POST"])
@needs("campaign.run")
def cancel(campaign_id: str) -> Reply:
    """End a campaign for good, on a page that says what that means."""
    if request.method == "POST":
        return _take(
            campaign_id,
            lambda connection, actor: lifecycle.cancel(connection, campaign_id, actor),
            lambda _campaign: _("The campaign has ended for good. Nothing more of it is sent."),
        )
    with reading() as connection:
        campaign = found_campaign(connection, campaign_id)
        figures = figures_of(connection, campaign, fresh=True)
    waiting = campaign.state in ("draft", "approved")
    title = (
        _("Discard: %(name)s", name=campaign.name)
        if waiting
        else _("End for good: %(name)s", name=campaign.name)
    )
    return page(
        "campaigns/cancel.html", title=title, campaign=campaign, figures=figures, waiting=waiting
    )


@blueprint.post("/campaigns/<campaign_id>/rehearse")
@needs("campaign.run")
def rehearse(campaign_id: str) -> Reply:
    """Send the text to one's own telephone."""

    def step(connection: Connection, actor: Actor) -> Campaign:
        if once(connection, request.form) is not None:
            return found_campaign(connection, campaign_id)
        phones = phones_of(connection, [actor.by])
        rehearsal = rehearse_campaign(connection, campaign_id, phones, actor, parts().rng)
        remember(connection, request.form, _address(campaign_id))
        return rehearsal

    return _take(
        campaign_id, step, lambda _campaign: _("The rehearsal is on its way to your telephone.")
    )

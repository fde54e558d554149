"""What the campaign commands print: a state, and what has become of everybody."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from backend.rules.contact_hours import ContactCalendar
from cli.support.common import clock
from common.timezone import in_budapest
from messages.campaigns.campaign import Campaign
from messages.campaigns.counting import Counts
from messages.campaigns.lifecycle import held_back_until
from messages.campaigns.pause_reasons import PauseCode
from messages.campaigns.policy import SendingPolicy


def state_sentence(campaign: Campaign) -> str:
    """What state it is in, since or until when, and why."""
    more = ""
    if campaign.state == "scheduled" and campaign.starts_at is not None:
        more = f" and begins on {clock(campaign.starts_at)}"
    if campaign.state == "paused" and campaign.pause_reason is not None:
        more = f": {str(campaign.pause_reason).rstrip('.')}"
        if campaign.pause_reason.code is PauseCode.TOO_MANY_FAILURES:
            more += f": zoldszam campaign status {campaign.campaign_id}"
    return f"Campaign {campaign.campaign_id} ({campaign.name}) is {campaign.state}{more}."


def status_lines(campaign: Campaign, counts: Counts) -> Iterator[str]:
    """The campaign and what has become of its recipients; the states add up to them."""
    yield state_sentence(campaign)
    yield f"  template   {campaign.template} version {campaign.template_version}"
    yield f"  text       {campaign.message}"
    yield f"  written    {clock(campaign.created_at)} by {campaign.created_by}"
    if campaign.approved_at is not None:
        yield f"  approved   {clock(campaign.approved_at)} by {campaign.approved_by}"
    yield f"  rows       {campaign.source_rows} in {campaign.source}"
    yield f"  excluded   {sum(counts.excluded.values())}{_listed(counts.excluded)}"
    yield f"  recipients {campaign.recipients}, of them"
    details = {"suppressed": counts.suppressed, "failed": counts.failed}
    for state, number in counts.states.items():
        yield f"    {state:<11}{number:>9}{_listed(details.get(state, {}))}"


def _listed(reasons: Mapping[str, int]) -> str:
    named = ", ".join(f"{name} {number}" for name, number in reasons.items())
    return f"  ({named})" if named else ""


def held_back_sentence(
    campaign: Campaign, policy: SendingPolicy, calendar: ContactCalendar, now: datetime
) -> str | None:
    """Until when a running campaign is held back by the hour, if it is."""
    permitted = held_back_until(campaign, policy, calendar, now)
    if permitted is None:
        return None
    return f"It is held back now and goes on at {in_budapest(permitted):%Y-%m-%d %H:%M}."


def status_object(campaign: Campaign, counts: Counts) -> dict[str, Any]:
    """The same for programs; the states' counts stand at the top level, moments in ISO 8601."""
    moments = ("created_at", "approved_at", "starts_at", "started_at", "ended_at")
    return {
        "id": campaign.campaign_id,
        "name": campaign.name,
        "state": campaign.state,
        "pause_reason": campaign.pause_reason and str(campaign.pause_reason),
        "rehearsal_of": campaign.rehearsal_of,
        "template": campaign.template,
        "template_version": campaign.template_version,
        "message": campaign.message,
        "segments": campaign.segments,
        "created_by": campaign.created_by,
        "approved_by": campaign.approved_by,
        **{name: _iso(getattr(campaign, name)) for name in moments},
        "rows": campaign.source_rows,
        "recipients": campaign.recipients,
        **counts.states,
        "excluded": dict(counts.excluded),
        "suppressed_for": dict(counts.suppressed),
        "failed_with": dict(counts.failed),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

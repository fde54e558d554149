"""The steps of a campaign: draft, approved, scheduled or running, paused, done or cancelled.

Each step is one conditional UPDATE, so two people who press at once cannot both win, and a step
that was taken already does nothing. Whoever wrote a campaign cannot approve it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from backend.message_tables import campaigns, outbox
from backend.rules.contact_hours import ContactCalendar
from backend.rules.timezone import in_budapest
from sms.campaigns import Campaign, find_campaign
from sms.errors import CampaignError
from sms.outbox import QUEUED, open_rows
from sms.policy import SendingPolicy
from sms.staff import record_act, require_role

APPROVERS = ("approver", "admin")
SENDERS = ("sender", "admin")
STARTERS = ("sender", "approver", "admin")


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, and when."""

    by: str
    now: datetime


def approve(connection: Connection, campaign_id: str, step: Step) -> Campaign:
    """Let the campaign's text and recipients go out; nobody approves what they wrote themselves."""
    require_role(connection, step.by, *APPROVERS)
    campaign = find_campaign(connection, campaign_id)
    if campaign.created_by == step.by:
        raise CampaignError(
            f"{step.by} has written campaign {campaign_id} and cannot approve it too. Ask a "
            "colleague with the role approver."
        )
    if campaign.approved_by is not None and campaign.state != "cancelled":
        return campaign
    moved = _move(
        connection, campaign, ("draft",), state="approved", approved_at=step.now,
        approved_by=step.by,
    )  # fmt: skip
    return _taken(connection, campaign, moved, "approve", step)


def start(
    connection: Connection,
    campaign_id: str,
    step: Step,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    *,
    not_before: datetime | None = None,
    when_permitted: bool = False,
) -> Campaign:
    """Start now, or from ``not_before`` on; twice is harmless.

    Refuses a forbidden hour with the next permitted one, unless ``when_permitted`` says to wait
    for it. Raises ``CampaignError``.
    """
    require_role(connection, step.by, *STARTERS)
    campaign = find_campaign(connection, campaign_id)
    if campaign.state in ("scheduled", "running", "done"):
        return campaign
    if campaign.state == "draft":
        raise CampaignError(
            f"Campaign {campaign_id} is not approved yet. Ask a colleague: zoldszam campaign "
            f"approve {campaign_id} --by NAME"
        )
    if campaign.state == "paused":
        raise CampaignError(
            f"Campaign {campaign_id} is paused. Go on with it: zoldszam campaign resume "
            f"{campaign_id} --by {step.by}"
        )
    begins = _begins(campaign_id, step.now, policy, calendar, not_before, when_permitted)
    state = {"state": "running", "started_at": step.now}
    if begins > step.now:
        state = {"state": "scheduled", "starts_at": begins}
    moved = _move(connection, campaign, ("approved",), **state)
    return _taken(connection, campaign, moved, "start", step)


def pause(connection: Connection, campaign_id: str, step: Step) -> Campaign:
    """Hold everything back that is not on its way yet; it takes effect within one batch."""
    require_role(connection, step.by, *STARTERS)
    campaign = find_campaign(connection, campaign_id)
    if campaign.state == "paused":
        return campaign
    moved = _move(
        connection, campaign, ("scheduled", "running"), state="paused",
        pause_reason=f"paused by {step.by}",
    )  # fmt: skip
    return _taken(connection, campaign, moved, "pause", step)


def pause_by_itself(connection: Connection, campaign_id: str, reason: str, now: datetime) -> bool:
    """Stop a running campaign because something is wrong; whether it ran."""
    campaign = find_campaign(connection, campaign_id)
    moved = _move(connection, campaign, ("running",), state="paused", pause_reason=reason)
    if moved:
        record_act(connection, "worker", "campaign pause", campaign_id, reason, now)
    return moved


def resume(connection: Connection, campaign_id: str, step: Step) -> Campaign:
    """Go on with a paused campaign; outside the contact hours it waits for them."""
    require_role(connection, step.by, *STARTERS)
    campaign = find_campaign(connection, campaign_id)
    if campaign.state in ("running", "scheduled"):
        return campaign
    waits = campaign.starts_at is not None and campaign.starts_at > step.now
    moved = _move(
        connection, campaign, ("paused",), state="scheduled" if waits else "running",
        started_at=None if waits else campaign.started_at or step.now, pause_reason=None,
    )  # fmt: skip
    return _taken(connection, campaign, moved, "resume", step)


def cancel(connection: Connection, campaign_id: str, step: Step) -> Campaign:
    """End a campaign for good: what is not on its way yet is never sent."""
    require_role(connection, step.by, *STARTERS)
    campaign = find_campaign(connection, campaign_id)
    if campaign.state == "cancelled":
        return campaign
    moved = _move(
        connection, campaign, ("draft", "approved", "scheduled", "running", "paused"),
        state="cancelled", ended_at=step.now,
    )  # fmt: skip
    taken = _taken(connection, campaign, moved, "cancel", step)
    waiting = update(outbox).where(outbox.c.campaign_id == campaign_id, QUEUED)
    connection.execute(waiting.values(state="cancelled", settled_at=step.now))
    return taken


def begin_scheduled(connection: Connection, now: datetime) -> int:
    """Let the campaigns run whose time has come; how many."""
    due = (
        update(campaigns)
        .where(campaigns.c.state == "scheduled", campaigns.c.starts_at <= now)
        .values(state="running", started_at=now)
    )
    return connection.execute(due).rowcount


def finish(connection: Connection, campaign_id: str, now: datetime) -> bool:
    """Call a running campaign done when nothing of it is open any more."""
    over = (
        update(campaigns)
        .where(
            campaigns.c.campaign_id == campaign_id,
            campaigns.c.state == "running",
            ~open_rows(campaign_id).exists(),
        )
        .values(state="done", ended_at=now)
    )
    return bool(connection.execute(over).rowcount)


def _begins(
    campaign_id: str,
    now: datetime,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    not_before: datetime | None,
    when_permitted: bool,
) -> datetime:
    wanted = max(now, not_before or now)
    permitted = policy.contact_hours.next_permitted(wanted, calendar)
    if permitted is None:
        raise CampaignError(
            "Nothing may go out within a year: CONTACT_HOURS and the moratoria in calendar.yaml "
            "leave no hour. Correct them."
        )
    if permitted > wanted and not when_permitted:
        local = in_budapest(permitted)
        truce = calendar.moratorium(in_budapest(wanted).date())
        because = f"there is a moratorium ({truce})" if truce else "people are left alone then"
        raise CampaignError(
            f"Campaign {campaign_id} may not start at {in_budapest(wanted):%Y-%m-%d %H:%M}: "
            f'{because}; CONTACT_HOURS is "{policy.contact_hours.written}". Let it begin by '
            f"itself on {local:%Y-%m-%d at %H:%M}: zoldszam campaign start {campaign_id} "
            "--when-permitted --by NAME"
        )
    return permitted


def _move(
    connection: Connection, campaign: Campaign, states: tuple[str, ...], **values: object
) -> bool:
    moved = (
        update(campaigns)
        .where(campaigns.c.campaign_id == campaign.campaign_id, campaigns.c.state.in_(states))
        .values(values)
    )
    return bool(connection.execute(moved).rowcount)


def _taken(
    connection: Connection, campaign: Campaign, moved: bool, act: str, step: Step
) -> Campaign:
    if not moved:
        raise CampaignError(
            f"Campaign {campaign.campaign_id} is {campaign.state}: one cannot {act} it now."
        )
    record_act(connection, step.by, f"campaign {act}", campaign.campaign_id, None, step.now)
    return find_campaign(connection, campaign.campaign_id)

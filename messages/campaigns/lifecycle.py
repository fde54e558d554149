"""The steps of a campaign: draft, approved, scheduled or running, paused, done or cancelled.

A step holds its campaign's row, so of two people who press at once the second finds what the first
has done; a step that was taken already does nothing. Whoever wrote a campaign cannot approve it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, update

from backend.db.tables.messages import acts, campaigns, outbox
from backend.hooks.outbox import note_event
from backend.interface.codes import EventKind
from backend.rules.contact_hours import ContactCalendar
from backend.staff.audit import record_act
from backend.staff.users import is_same_user, require_role
from common.error_codes import ErrorCode
from common.errors import CampaignError
from common.timezone import in_budapest
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.outbox import QUEUED, open_rows
from messages.campaigns.pause_reasons import PauseCode, PauseReason
from messages.campaigns.policy import SendingPolicy

APPROVERS = ("approver", "admin")
SENDERS = ("sender", "admin")
STARTERS = ("sender", "approver", "admin")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and when."""

    by: str
    now: datetime


def approve(connection: Connection, campaign_id: str, actor: Actor) -> Campaign:
    """Let the campaign's text and recipients go out; nobody approves what they wrote themselves.

    Neither a draft with its list nor a text, whoever has made a campaign of it.
    """
    campaign = _held(connection, campaign_id, actor, APPROVERS)
    for what, author in (
        (f"campaign {campaign_id}", campaign.created_by),
        (f"the text of campaign {campaign_id}", campaign.text_by),
        (f"campaign {campaign_id}, by a key that they have made,", campaign.key_by),
    ):
        if is_same_user(author, actor.by):
            raise CampaignError(
                f"{actor.by} has written {what} and cannot approve it too. Ask a colleague with "
                "the role approver.",
                code=ErrorCode.CAMPAIGN_OWN,
                id=campaign_id,
                by=actor.by,
            )
    if campaign.approved_by is not None and campaign.state != "cancelled":
        return campaign
    _require_state(campaign, "approve", actor, "draft")
    _require_recipients(campaign, "approve")
    return _take(
        connection, campaign, "approve", actor,
        state="approved", approved_at=actor.now, approved_by=actor.by,
    )  # fmt: skip


def start(
    connection: Connection,
    campaign_id: str,
    actor: Actor,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    *,
    not_before: datetime | None = None,
    when_permitted: bool = False,
) -> Campaign:
    """Start now, or from ``not_before`` on; twice is harmless.

    A scheduled campaign is moved to another ``not_before``. Refuses a time that is past, and a
    forbidden hour with the next permitted one, unless ``when_permitted`` says to wait for it.
    Raises ``CampaignError``.
    """
    campaign = _held(connection, campaign_id, actor, STARTERS)
    repeated = not_before is None or not_before == campaign.starts_at
    if campaign.state in ("scheduled", "running", "done") and repeated:
        return campaign
    _require_state(campaign, "start", actor, "approved", "scheduled")
    _require_recipients(campaign, "start")
    if not_before is not None:
        _require_future(campaign, not_before, actor)
    wanted = max(actor.now, not_before or actor.now)
    begins = policy.next_permitted(wanted, calendar)
    if begins > wanted and not when_permitted:
        raise _forbidden(campaign_id, actor, wanted, begins, policy, calendar)
    if begins > actor.now:
        if campaign.state == "scheduled" and begins == campaign.starts_at:
            return campaign
        return _take(connection, campaign, "start", actor, state="scheduled", starts_at=begins)
    return _take(
        connection, campaign, "start", actor, state="running", starts_at=None, started_at=actor.now
    )


def pause(connection: Connection, campaign_id: str, actor: Actor) -> Campaign:
    """Hold everything back that is not on its way yet; it takes effect within one batch."""
    campaign = _held(connection, campaign_id, actor, STARTERS)
    if campaign.state == "paused":
        return campaign
    _require_state(campaign, "pause", actor, "scheduled", "running")
    reason = PauseReason(PauseCode.BY_USER, {"by": actor.by}).stored()
    return _take(connection, campaign, "pause", actor, state="paused", pause_reason=reason)


def pause_by_itself(
    connection: Connection,
    campaign_id: str,
    reason: PauseReason,
    now: datetime,
    *,
    by: str = "worker",
) -> bool:
    """Stop a campaign that runs or is scheduled because something is wrong; whether it did."""
    paused = (
        update(campaigns)
        .where(
            campaigns.c.campaign_id == campaign_id, campaigns.c.state.in_(("running", "scheduled"))
        )
        .values(state="paused", pause_reason=reason.stored())
    )
    if not connection.execute(paused).rowcount:
        return False
    record_act(connection, by, "campaign pause", campaign_id, reason.stored(), now)
    return True


def resume(connection: Connection, campaign_id: str, actor: Actor) -> Campaign:
    """Go on with a paused campaign; outside the contact hours it waits for them."""
    campaign = _held(connection, campaign_id, actor, STARTERS)
    if campaign.state in ("running", "scheduled"):
        return campaign
    _require_state(campaign, "resume", actor, "paused")
    waits = campaign.starts_at is not None and campaign.starts_at > actor.now
    return _take(
        connection, campaign, "resume", actor, state="scheduled" if waits else "running",
        started_at=None if waits else campaign.started_at or actor.now, pause_reason=None,
    )  # fmt: skip


def cancel(connection: Connection, campaign_id: str, actor: Actor) -> Campaign:
    """End a campaign for good: what is not on its way yet is never sent."""
    campaign = _held(connection, campaign_id, actor, STARTERS)
    if campaign.state == "cancelled":
        return campaign
    _require_state(
        campaign, "cancel", actor, "draft", "approved", "scheduled", "running", "paused"
    )  # fmt: skip
    taken = _take(connection, campaign, "cancel", actor, state="cancelled", ended_at=actor.now)
    waiting = update(outbox).where(outbox.c.campaign_id == campaign_id, QUEUED)
    connection.execute(waiting.values(state="cancelled", settled_at=actor.now))
    _tell_of_end(connection, taken, actor.now)
    return taken


def held_back_until(
    campaign: Campaign, policy: SendingPolicy, calendar: ContactCalendar, now: datetime
) -> datetime | None:
    """Until when the hour holds a running campaign back; ``None`` when it does not."""
    if campaign.state != "running" or campaign.at_any_hour:
        return None
    permitted = policy.contact_hours.next_permitted(now, calendar)
    return permitted if permitted is not None and permitted > now else None


def begin_scheduled(connection: Connection, now: datetime) -> int:
    """Let the campaigns run whose time has come; how many."""
    due = update(campaigns).where(_is_to_begin(now)).values(state="running", started_at=now)
    return connection.execute(due).rowcount


def starts_are_due(now: datetime) -> ColumnElement[bool]:
    """Whether ``begin_scheduled`` has anything to do."""
    return exists().where(_is_to_begin(now))


def _is_to_begin(now: datetime) -> ColumnElement[bool]:
    return and_(campaigns.c.state == "scheduled", campaigns.c.starts_at <= now)


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
    if not connection.execute(over).rowcount:
        return False
    _tell_of_end(connection, find_campaign(connection, campaign_id), now)
    return True


def _tell_of_end(connection: Connection, campaign: Campaign, now: datetime) -> None:
    if campaign.is_to_many:
        note_event(connection, EventKind.CAMPAIGN_ENDED, campaign.campaign_id, now)


def let_run_at(connection: Connection, campaign_id: str) -> datetime | None:
    """When somebody last started or resumed it; ``None`` for what runs as soon as it is there."""
    when: datetime | None = connection.scalar(
        select(func.max(acts.c.at)).where(
            acts.c.subject == campaign_id, acts.c.act.in_(("campaign start", "campaign resume"))
        )
    )
    return when


def _held(
    connection: Connection, campaign_id: str, actor: Actor, roles: tuple[str, ...]
) -> Campaign:
    require_role(connection, actor.by, *roles)
    return find_campaign(connection, campaign_id, hold=True)


def _require_state(campaign: Campaign, act: str, actor: Actor, *states: str) -> None:
    if campaign.state not in states:
        raise CampaignError(
            f"Campaign {campaign.campaign_id} is {campaign.state}: one cannot {act} it now.",
            code=ErrorCode.CAMPAIGN_STATE,
            id=campaign.campaign_id,
            state=campaign.state,
            act=act,
            by=actor.by,
        )


def _require_recipients(campaign: Campaign, act: str) -> None:
    if not campaign.recipients:
        raise CampaignError(
            f"Campaign {campaign.campaign_id} has no recipients, so there is nothing to {act}.",
            code=ErrorCode.CAMPAIGN_WITHOUT_RECIPIENTS,
            id=campaign.campaign_id,
        )


def _require_future(campaign: Campaign, not_before: datetime, actor: Actor) -> None:
    # The minute that has begun is still "now" to who writes times without seconds.
    if not_before < actor.now.replace(second=0, microsecond=0):
        raise CampaignError(
            f"{in_budapest(not_before):%Y-%m-%d %H:%M} is past; now it is "
            f"{in_budapest(actor.now):%Y-%m-%d %H:%M}. Write a later time for campaign "
            f"{campaign.campaign_id}.",
            code=ErrorCode.TIME_PAST,
            id=campaign.campaign_id,
            by=actor.by,
            wanted=not_before,
        )


def _take(
    connection: Connection, campaign: Campaign, act: str, actor: Actor, **values: object
) -> Campaign:
    moved = update(campaigns).where(campaigns.c.campaign_id == campaign.campaign_id)
    connection.execute(moved.values(values))
    record_act(connection, actor.by, f"campaign {act}", campaign.campaign_id, None, actor.now)
    return find_campaign(connection, campaign.campaign_id)


def _forbidden(
    campaign_id: str,
    actor: Actor,
    wanted: datetime,
    begins: datetime,
    policy: SendingPolicy,
    calendar: ContactCalendar,
) -> CampaignError:
    truce = calendar.moratorium(in_budapest(wanted).date())
    because = f"there is a moratorium ({truce})" if truce else "people are left alone then"
    return CampaignError(
        f"Campaign {campaign_id} may not start at {in_budapest(wanted):%Y-%m-%d %H:%M}: "
        f'{because}; CONTACT_HOURS is "{policy.contact_hours.written}". The next permitted time is '
        f"{in_budapest(begins):%Y-%m-%d %H:%M}.",
        code=ErrorCode.HOUR_FORBIDDEN,
        id=campaign_id,
        by=actor.by,
        wanted=wanted,
        begins=begins,
        moratorium=truce,
    )

"""Sending a campaign: claim a batch; for each row pre-send check, send, settle.

No transaction is open while the carrier is asked. Whatever happens between two steps, the outbox
tells what may be repeated: a row that was claimed and not attempted, never one that was attempted.
"""

import logging
import secrets
from datetime import datetime, timedelta

from backend.db.transactions import read, write
from messages.campaigns import outbox as rows
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.lifecycle import finish
from messages.campaigns.outbox import Claim
from messages.delivery.delivery_receipts import callback_url
from messages.delivery.gateway import (
    SHORTEST_VALIDITY,
    Accepted,
    Misconfigured,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from messages.delivery.pre_send_check import ClaimLostError, Denied, Permit, Unfit, pre_send_check
from messages.delivery.rate_limit import hold_back, take_slot
from messages.delivery.sending_context import SendingContext
from messages.delivery.settling import hold_text_back, look_at_failures, settle
from telemetry.catalogue import CARRIER_SECONDS, SEGMENTS, SENDS
from telemetry.log_context import bound
from telemetry.work import Work

logger = logging.getLogger(__name__)

BATCH_SECONDS = 2.0
"""A batch is what the rate limit allows in this time: pause and cancel take effect within it."""
MOST_CLAIMED = 50
UNKNOWN_IN_A_ROW = 5
"""After so many the carrier is taken to be away: nobody sends for as long as one waits for it."""


def send_batch(context: SendingContext, campaign_id: str) -> bool:
    """Send what the rate limit allows in about two seconds; whether there may be more to send.

    Safe to run twice, at the same time, or not at all.
    """
    with bound(campaign=campaign_id):
        return _send_batch(context, campaign_id)


def _send_batch(context: SendingContext, campaign_id: str) -> bool:
    with read(context.engine) as connection:
        campaign = find_campaign(connection, campaign_id)
    if campaign.state != "running" or not may_send_now(context, campaign):
        return False
    token = secrets.token_hex(8)
    now = context.clock()
    lease = context.policy.claim_lease
    most = _most(context, campaign)
    # A claim, a slot and what is given back need not survive a power cut: the lease ends anyway.
    with write(context.engine, durable=False) as connection:
        look_at_failures(connection, context, campaign, now)
        claims = rows.claim(connection, campaign_id, token, most, now, lease)
    try:
        _send_all(context, campaign, claims, now + lease)
    finally:
        with write(context.engine, durable=False) as connection:
            rows.release_claims(connection, token)
            if len(claims) < most:
                finish(connection, campaign_id, context.clock())
    return bool(claims)


def may_send_now(context: SendingContext, campaign: Campaign) -> bool:
    """Whether the hour is permitted, and for as long as the carrier needs to send a message.

    Staff who rehearse have asked for it at any hour, and so has a caller who asked for a text.
    """
    if campaign.at_any_hour:
        return True
    return all(_is_permitted(context, moment) for moment in _moments(context))


def _moments(context: SendingContext) -> list[datetime]:
    """Now, by our clock and by the carrier's: where they differ, the hour holds by both."""
    carrier_time = context.gateway.carrier_time()
    return [context.clock()] if carrier_time is None else [context.clock(), carrier_time]


def _is_permitted(context: SendingContext, now: datetime) -> bool:
    hours = context.policy.contact_hours
    closes = hours.closes_at(now, context.calendar)
    soon = closes is not None and closes - now < SHORTEST_VALIDITY
    return not soon and hours.permit(now, context.calendar)


def _most(context: SendingContext, campaign: Campaign) -> int:
    fits = int(context.policy.pace * BATCH_SECONDS / campaign.segments)
    return max(1, min(fits, MOST_CLAIMED))


def _send_all(
    context: SendingContext, campaign: Campaign, claims: list[Claim], lease_until: datetime
) -> None:
    unknowns = 0
    for claimed in claims:
        if context.clock() >= lease_until:
            # A slow carrier; others may have taken the rest over.
            return
        if not _wait_for_slot(context, campaign) or not may_send_now(context, campaign):
            return
        with Work("send", outbox_row=claimed.number) as work:
            outcome = _send_one(context, campaign, claimed)
            work.note(outcome=_OUTCOMES[type(outcome)])
        _count(outcome, campaign)
        unknowns = unknowns + 1 if isinstance(outcome, Unknown) else 0
        if unknowns >= UNKNOWN_IN_A_ROW:
            with write(context.engine, durable=False) as connection:
                wait = context.policy.send_timeout
                hold_back(connection, context.gateway.sender, context.clock(), wait)
            return
        if isinstance(outcome, RetryLater | Misconfigured | Unfit):
            return


def _wait_for_slot(context: SendingContext, campaign: Campaign) -> bool:
    """Wait for the sender's next free moment; ``False`` when the worker is to stop."""
    now = context.clock()
    with write(context.engine, durable=False) as connection:
        slot = take_slot(
            connection, context.gateway.sender, campaign.segments, context.policy.pace, now
        )
    return not context.wait(max(0.0, (slot - now).total_seconds()))


def _send_one(
    context: SendingContext, campaign: Campaign, claimed: Claim
) -> Outcome | Denied | Unfit | None:
    now, carrier_time = context.clock(), context.gateway.carrier_time()
    facts = context.facts(campaign.kind)
    try:
        with write(context.engine) as connection:
            verdict = pre_send_check(
                connection, claimed, campaign, facts, context.policy, now, carrier_time
            )
            match verdict:
                case Denied(reason):
                    rows.suppress(connection, claimed, reason.value, now)
                case Unfit(finding):
                    hold_text_back(connection, claimed, campaign, finding, now)
    except ClaimLostError:
        return None
    if not isinstance(verdict, Permit):
        return verdict
    if _held_up_since(context, now, carrier_time) > context.policy.claim_lease / 2:
        # This process was held up; by now the row may be somebody else's.
        with write(context.engine) as connection:
            rows.queue_again(connection, claimed, None)
        return None
    callback = callback_url(context.public_url, claimed.number, verdict.reference)
    valid_for = _valid_for(context, campaign)
    with Work("carrier request", CARRIER_SECONDS):
        outcome = context.gateway.send(claimed.phone, campaign.message, callback, valid_for)
    with write(context.engine) as connection:
        settle(connection, context, campaign, claimed, outcome)
    return outcome


_OUTCOMES: dict[type, str] = {
    Accepted: "accepted",
    Refused: "refused",
    RetryLater: "later",
    Misconfigured: "misconfigured",
    Unknown: "unknown",
    Denied: "suppressed",
    Unfit: "unfit",
    type(None): "lost",
}
"""What each is called in the metrics."""


def _count(outcome: Outcome | Denied | Unfit | None, campaign: Campaign) -> None:
    SENDS.count(_OUTCOMES[type(outcome)])
    if isinstance(outcome, Accepted):
        SEGMENTS.count(by=campaign.segments)


def _held_up_since(
    context: SendingContext, now: datetime, carrier_time: datetime | None
) -> timedelta:
    """How long ago that was, by whichever clock says more: ours may have been put back."""
    held_up = context.clock() - now
    later = context.gateway.carrier_time()
    if carrier_time is None or later is None:
        return held_up
    return max(held_up, later - carrier_time)


def _valid_for(context: SendingContext, campaign: Campaign) -> timedelta | None:
    """How long the carrier may keep it waiting: a reminder must not come after the hours."""
    if campaign.at_any_hour:
        return None
    hours = context.policy.contact_hours
    ends = [(hours.closes_at(now, context.calendar), now) for now in _moments(context)]
    return min((closes - now for closes, now in ends if closes is not None), default=None)

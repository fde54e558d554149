"""Sending a campaign: claim a handful, and for each look once more, send, settle.

No transaction is open while the carrier is asked. Whatever happens between two steps, the outbox
tells what may be repeated: a row that was claimed and not attempted, never one that was attempted.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection, Engine, select

from backend.database import read, write
from backend.message_tables import outbox
from backend.rules.contact_hours import ContactCalendar
from sms import outbox as rows
from sms.campaigns import Campaign, find_campaign
from sms.gateway import Accepted, Gateway, InDoubt, Later, Misconfigured, Outcome, Refused
from sms.lifecycle import finish, pause_by_itself
from sms.outbox import Claim
from sms.pacing import hold_back, take_slot
from sms.policy import SendingPolicy
from sms.receipts import callback_url
from sms.recheck import ClaimLostError, Denied, Permit, recheck
from sms.states import FROM_CARRIER, RANKS
from sms.stops import add_stop
from sms.templates.desk_facts import DeskFacts
from sms.templates.shipped import Kind

logger = logging.getLogger(__name__)

BATCH_SECONDS = 2.0
"""A batch is what the pace lets through in this time: pause and cancel take effect within it."""
MOST_CLAIMED = 50
DOUBTS_IN_A_ROW = 5
"""After so many the carrier is taken to be away, and the batch ends."""
RECENT_ATTEMPTS = 100
FIRST_BACK_OFF = timedelta(seconds=2)
LONGEST_BACK_OFF = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingContext:
    """What sending needs: the store, the carrier, the rules, and the world's clock and chance.

    ``wait`` sleeps so many seconds and tells whether the worker is to stop.
    """

    engine: Engine
    gateway: Gateway
    policy: SendingPolicy
    calendar: ContactCalendar
    facts: Callable[[Kind], DeskFacts]
    public_url: str
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    chance: Random


def send_batch(context: SendingContext, campaign_id: str) -> bool:
    """Send what the pace lets through in about two seconds; whether there may be more to send.

    Safe to run twice, at the same time, or not at all.
    """
    with read(context.engine) as connection:
        campaign = find_campaign(connection, campaign_id)
    if campaign.state != "running" or not may_send_now(context, campaign):
        return False
    token = secrets.token_hex(8)
    now = context.clock()
    lease = context.policy.claim_lease
    with write(context.engine) as connection:
        claims = rows.claim(connection, campaign_id, token, _most(context, campaign), now, lease)
        if not claims:
            finish(connection, campaign_id, now)
    try:
        _send_all(context, campaign, claims, now + lease)
    finally:
        with write(context.engine) as connection:
            rows.let_go(connection, token)
    return bool(claims)


def may_send_now(context: SendingContext, campaign: Campaign) -> bool:
    """Whether the hour is permitted; staff who rehearse have asked for it at any hour."""
    if campaign.rehearsal_of is not None:
        return True
    return context.policy.contact_hours.permit(context.clock(), context.calendar)


def _most(context: SendingContext, campaign: Campaign) -> int:
    fits = int(context.policy.pace * BATCH_SECONDS / campaign.segments)
    return max(1, min(fits, MOST_CLAIMED))


def _send_all(
    context: SendingContext, campaign: Campaign, claims: list[Claim], lease_until: datetime
) -> None:
    doubts = 0
    for claimed in claims:
        if context.clock() >= lease_until:
            # A slow carrier; others may have taken the rest over.
            return
        if not _wait_for_slot(context, campaign) or not may_send_now(context, campaign):
            return
        outcome = _send_one(context, campaign, claimed)
        doubts = doubts + 1 if isinstance(outcome, InDoubt) else 0
        if doubts >= DOUBTS_IN_A_ROW or isinstance(outcome, Later | Misconfigured):
            return


def _wait_for_slot(context: SendingContext, campaign: Campaign) -> bool:
    """Wait for the sender's next free moment; ``False`` when the worker is to stop."""
    now = context.clock()
    with write(context.engine) as connection:
        slot = take_slot(
            connection, context.gateway.sender, campaign.segments, context.policy.pace, now
        )
    return not context.wait(max(0.0, (slot - now).total_seconds()))


def _send_one(context: SendingContext, campaign: Campaign, claimed: Claim) -> Outcome | None:
    now = context.clock()
    facts = context.facts(campaign.kind)
    try:
        with write(context.engine) as connection:
            verdict = recheck(connection, claimed, campaign, facts, context.policy, now)
            if isinstance(verdict, Denied):
                _deny(connection, claimed, verdict, now)
    except ClaimLostError:
        return None
    if not isinstance(verdict, Permit):
        return None
    if context.clock() - now > context.policy.claim_lease / 2:
        # This process was held up; by now the row may be somebody else's.
        with write(context.engine) as connection:
            rows.queue_again(connection, claimed, None)
        return None
    callback = callback_url(context.public_url, claimed.number, verdict.reference)
    valid_for = _valid_for(context, campaign)
    outcome = context.gateway.send(claimed.phone, campaign.message, callback, valid_for)
    with write(context.engine) as connection:
        settle(connection, context, claimed, outcome)
    return outcome


def _deny(connection: Connection, claimed: Claim, denied: Denied, now: datetime) -> None:
    rows.suppress(connection, claimed, denied.reason.value, now)
    if denied.findings:
        # The text names a recipient: nobody gets it before a person has looked (C.8).
        rule = denied.findings[0].rule
        reason = (
            f"the text holds something of a recipient's own record ({rule}, case "
            f"{claimed.case_id}). Cancel the campaign and write another text"
        )
        pause_by_itself(connection, claimed.campaign_id, reason, now)


def _valid_for(context: SendingContext, campaign: Campaign) -> timedelta | None:
    """How long the carrier may keep it waiting: a reminder must not come after the hours."""
    if campaign.rehearsal_of is not None:
        return None
    now = context.clock()
    closes = context.policy.contact_hours.closes_at(now, context.calendar)
    return None if closes is None else closes - now


def settle(
    connection: Connection, context: SendingContext, claimed: Claim, outcome: Outcome
) -> None:
    """Write down what the carrier's answer says of the row."""
    now = context.clock()
    match outcome:
        case Accepted(message_sid, status):
            state = FROM_CARRIER.get(status, "accepted")
            rows.accept(connection, claimed.number, message_sid, state, RANKS[state], now)
        case Refused(code, _, stop):
            rows.refuse(connection, claimed, code, now)
            if stop is not None:
                add_stop(connection, claimed.phone, stop, "carrier", now)
            _pause_when_too_many_fail(connection, context, claimed.campaign_id, now)
        case Later(code):
            again = now + _back_off(connection, claimed, context.chance)
            rows.queue_again(connection, claimed, again)
            hold_back(connection, context.gateway.sender, now + FIRST_BACK_OFF)
            logger.info("message %s goes later: code %s", claimed.number, code)
        case Misconfigured(code, sentence):
            rows.queue_again(connection, claimed, None)
            reason = f"the carrier refuses (code {code}): {sentence}"
            pause_by_itself(connection, claimed.campaign_id, reason, now)
            logger.error("campaign %s is paused: %s", claimed.campaign_id, reason)
        case InDoubt(kind):
            rows.doubt(connection, claimed, now)
            logger.warning("message %s is unknown: %s", claimed.number, kind)


def _back_off(connection: Connection, claimed: Claim, chance: Random) -> timedelta:
    attempts = select(outbox.c.attempt).where(outbox.c.number == claimed.number)
    attempt: int = connection.scalar(attempts) or 1
    longest: timedelta = min(FIRST_BACK_OFF * 2 ** min(attempt - 1, 10), LONGEST_BACK_OFF)
    return longest * (0.5 + chance.random() / 2)


def _pause_when_too_many_fail(
    connection: Connection, context: SendingContext, campaign_id: str, now: datetime
) -> None:
    """Stop when too large a share of the last attempts has failed: something is wrong."""
    recent = (
        select(outbox.c.state)
        .where(outbox.c.campaign_id == campaign_id, outbox.c.attempted_at.is_not(None))
        .order_by(outbox.c.attempted_at.desc())
        .limit(RECENT_ATTEMPTS)
    )
    states = [state for state in connection.scalars(recent) if RANKS[state] >= RANKS["accepted"]]
    failed = states.count("failed")
    policy = context.policy
    if len(states) >= policy.least_attempts and failed > policy.failure_share * len(states):
        reason = (
            f"{failed} of the last {len(states)} messages failed. Look at the codes in zoldszam "
            f"campaign status {campaign_id} before you resume"
        )
        pause_by_itself(connection, campaign_id, reason, now)
        logger.error("campaign %s is paused: %s", campaign_id, reason)

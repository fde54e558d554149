"""Sending a campaign: claim a batch; of each lot of it pre-send check, requests, settling.

A lot is what the rate limit allows in an instant. No transaction is open while the carrier is
asked. Whatever happens between two steps, the outbox tells what may be repeated: a row that was
claimed and not attempted, never one that was attempted. See docs/decisions/0115-lots.md.
"""

import secrets
from collections import deque
from datetime import datetime, timedelta
from math import ceil

from backend.db.transactions import read, write
from messages.campaigns import outbox as rows
from messages.campaigns.campaign import Campaign, find_campaign
from messages.campaigns.lifecycle import finish
from messages.campaigns.outbox import Claim
from messages.delivery.gateway import SHORTEST_VALIDITY
from messages.delivery.in_flight import InFlight, Noted
from messages.delivery.pre_send_check import (
    Denied,
    Permit,
    Unfit,
    Verdict,
    pre_send_check,
    subjects,
)
from messages.delivery.rate_limit import take_slot
from messages.delivery.sending_context import SendingContext
from messages.delivery.sending_metrics import count_outcome, name_of
from messages.delivery.settling import hold_text_back, look_at_failures
from telemetry.log_context import bound
from telemetry.work import Work

BATCH_SECONDS = 2.0
"""A batch is what the rate limit allows in this time: pause and cancel take effect within it."""
MOST_CLAIMED = 50
"""Rows of a batch; more where more than a quarter of it can be on its way at once."""
SHORTEST_LOT = timedelta(seconds=0.02)
LONGEST_LOT = timedelta(seconds=0.2)
"""A lot is what the rate limit allows in the time that the last one took, and one message at least.

In a shorter one the pace could not be kept; of a longer one more is lost with a worker that dies.
"""


def send_batch(context: SendingContext, campaign_id: str, requests: InFlight | None = None) -> bool:
    """Send what the rate limit allows in about two seconds; whether there may be more to send.

    Requests that ``requests`` makes in threads may still be on their way at the end; without it
    they are made one by one. Safe to run twice, at the same time, or not at all.
    """
    with bound(campaign=campaign_id):
        return _send_batch(context, campaign_id, requests or InFlight(context))


def _send_batch(context: SendingContext, campaign_id: str, requests: InFlight) -> bool:
    with read(context.engine) as connection:
        campaign = find_campaign(connection, campaign_id)
    if campaign.state != "running" or not may_send_now(context, campaign):
        return False
    token = secrets.token_hex(8)
    now = context.clock()
    lease = context.policy.claim_lease
    most = _most(context, campaign, requests)
    # A claim, a slot and what is given back need not survive a power cut: the lease ends anyway.
    with write(context.engine, durable=False) as connection:
        look_at_failures(connection, context, campaign, now)
        claims = rows.claim(connection, campaign_id, token, most, now, lease)
    try:
        _send_all(context, campaign, claims, now + lease, requests)
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


def _most(context: SendingContext, campaign: Campaign, requests: InFlight) -> int:
    fits = int(context.policy.pace * BATCH_SECONDS / campaign.segments)
    return max(1, min(fits, max(MOST_CLAIMED, 4 * requests.most)))


def _most_in_lot(
    context: SendingContext, campaign: Campaign, requests: InFlight, took: timedelta
) -> int:
    seconds = max(SHORTEST_LOT, min(took, LONGEST_LOT)).total_seconds()
    fits = ceil(context.policy.pace * seconds / campaign.segments)
    return max(1, min(fits, requests.most // 4))


def _send_all(
    context: SendingContext,
    campaign: Campaign,
    claims: list[Claim],
    lease_until: datetime,
    requests: InFlight,
) -> None:
    waiting, took = deque(claims), SHORTEST_LOT
    requests.halted = False
    lot = _next_lot(waiting, _most_in_lot(context, campaign, requests, took))
    slot = _reserve(context, campaign, lot)
    while lot:
        requests.wait_for_room(len(lot))
        if context.clock() >= lease_until:
            # A slow carrier; others may have taken the rest over.
            return
        if not _wait_for(context, slot) or not may_send_now(context, campaign):
            return
        began = context.clock()
        # Before this one's check, or the time that it takes would be lost to the pace.
        following = _next_lot(waiting, _most_in_lot(context, campaign, requests, took))
        slot = _reserve(context, campaign, following)
        if not _send_lot(context, campaign, lot, requests) or requests.halted:
            return
        lot, took = following, context.clock() - began


def _next_lot(waiting: deque[Claim], most: int) -> list[Claim]:
    """The next rows, up to ``most`` and to the second one of the same person."""
    lot: list[Claim] = []
    people: set[str] = set()
    while waiting and len(lot) < most and people.isdisjoint(subjects(waiting[0])):
        people.update(subjects(waiting[0]))
        lot.append(waiting.popleft())
    return lot


def _reserve(context: SendingContext, campaign: Campaign, lot: list[Claim]) -> datetime:
    """The sender's next free moment, for all of the lot."""
    now = context.clock()
    if not lot:
        return now
    segments = campaign.segments * len(lot)
    with write(context.engine, durable=False) as connection:
        return take_slot(connection, context.gateway.sender, segments, context.policy.pace, now)


def _wait_for(context: SendingContext, slot: datetime) -> bool:
    """Wait for a moment; ``False`` when the worker is to stop."""
    return not context.wait(max(0.0, (slot - context.clock()).total_seconds()))


def _send_lot(
    context: SendingContext, campaign: Campaign, lot: list[Claim], requests: InFlight
) -> bool:
    """Check a lot and ask the carrier for all who may get the message; whether to go on."""
    now, carrier_time = context.clock(), context.gateway.carrier_time()
    facts = context.facts(campaign.kind)
    with write(context.engine) as connection:
        verdicts = pre_send_check(
            connection, lot, campaign, facts, context.policy, now, carrier_time
        )
        for claimed, verdict in verdicts:
            match verdict:
                case Denied(reason):
                    rows.suppress(connection, claimed, reason.value, now)
                case Unfit(finding):
                    hold_text_back(connection, claimed, campaign, finding, now)
    permitted = [(claimed, each) for claimed, each in verdicts if isinstance(each, Permit)]
    _tell_of_others(campaign, lot, verdicts)
    noted = Noted(now, carrier_time, _valid_for(context, campaign))
    requests.begin(campaign, permitted, noted)
    return not any(isinstance(verdict, Unfit) for _, verdict in verdicts)


def _tell_of_others(
    campaign: Campaign, lot: list[Claim], verdicts: list[tuple[Claim, Verdict]]
) -> None:
    """Count those for whom the carrier is not asked."""
    judged = dict(verdicts)
    unfit = any(isinstance(verdict, Unfit) for verdict in judged.values())
    for claimed in lot:
        verdict = judged.get(claimed)
        if isinstance(verdict, Permit) or (verdict is None and unfit):
            continue
        with Work("send", outbox_row=claimed.number) as work:
            work.note(outcome=name_of(verdict))
        count_outcome(verdict, campaign)


def _valid_for(context: SendingContext, campaign: Campaign) -> timedelta | None:
    """How long the carrier may keep it waiting: a reminder must not come after the hours."""
    if campaign.at_any_hour:
        return None
    hours = context.policy.contact_hours
    ends = [(hours.closes_at(now, context.calendar), now) for now in _moments(context)]
    return min((closes - now for closes, now in ends if closes is not None), default=None)

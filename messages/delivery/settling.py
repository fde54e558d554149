"""What is written down of a message once it is known what came of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection, select

from backend.db.tables.messages import outbox
from backend.db.transactions import write
from backend.interface.codes import OutboxState, StopOrigin
from backend.records.suppression.stops import add_stop
from messages.campaigns import outbox as rows
from messages.campaigns.campaign import Campaign
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.outbox import LONGEST_BACK_OFF, Claim
from messages.campaigns.outbox_lots import Acceptance, accept_all
from messages.campaigns.outbox_states import FROM_CARRIER
from messages.campaigns.pause_reasons import PauseCode, PauseReason
from messages.content.findings import Finding, Rule
from messages.delivery.circuit_breaker import pause_and_tell, pause_if_too_many_fail
from messages.delivery.gateway import (
    Accepted,
    Misconfigured,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from messages.delivery.rate_limit import hold_back
from messages.delivery.sending_context import SendingContext

logger = logging.getLogger(__name__)

FIRST_BACK_OFF = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request; ``None`` when it was not made after all."""

    campaign: Campaign
    claimed: Claim
    outcome: Outcome | None


def settle_all(context: SendingContext, answers: Sequence[Answer]) -> None:
    """Write down what has come of these; all that the carrier has taken in one transaction.

    Any other answer has a transaction of its own, because it may change more than its row.
    """
    accepted = [
        Acceptance(
            answer.claimed.number,
            answer.outcome.message_sid,
            FROM_CARRIER.get(answer.outcome.status, OutboxState.ACCEPTED),
        )
        for answer in answers
        if isinstance(answer.outcome, Accepted)
    ]
    if accepted:
        with write(context.engine) as connection:
            accept_all(connection, accepted, context.clock())
    for answer in answers:
        if not isinstance(answer.outcome, Accepted):
            with write(context.engine) as connection:
                _settle(connection, context, answer.campaign, answer.claimed, answer.outcome)


def _settle(
    connection: Connection,
    context: SendingContext,
    campaign: Campaign,
    claimed: Claim,
    outcome: Refused | RetryLater | Misconfigured | Unknown | None,
) -> None:
    now = context.clock()
    match outcome:
        case None:
            rows.queue_again(connection, claimed, None)
        case Refused(code, _, stop):
            rows.refuse(connection, claimed, code, now)
            if stop is not None:
                add_stop(connection, claimed.phone, stop, StopOrigin.CARRIER, now)
            look_at_failures(connection, context, campaign, now)
        case RetryLater(code):
            again = now + _back_off(connection, claimed, context.rng)
            _try_later(connection, claimed, again, f"code {code}", logging.INFO)
            hold_back(connection, context.gateway.sender, now, FIRST_BACK_OFF)
        case Misconfigured(code, sentence):
            what = sentence if code is None else f"carrier's code {code}: {sentence}"
            if campaign.is_asked_for:
                # Nobody would look for this one campaign to resume it, so it tries by itself.
                again = now + _back_off(connection, claimed, context.rng)
                _try_later(connection, claimed, again, what, logging.ERROR)
                return
            # The campaign before its row: threads that are refused at once would else lock up.
            refused = PauseReason(PauseCode.CARRIER_REFUSES, {"what": what})
            pause_and_tell(connection, claimed.campaign_id, refused, now)
            rows.queue_again(connection, claimed, None)
        case Unknown(kind):
            rows.mark_unknown(connection, claimed, now, context.gateway.carrier_time())
            logger.warning(
                "message %s is unknown: %s",
                claimed.number,
                kind,
                extra={"event": "message_unknown"},
            )


def _try_later(
    connection: Connection, claimed: Claim, again: datetime, why: str, level: int
) -> None:
    rows.queue_again(connection, claimed, again)
    logger.log(
        level, "message %s goes later: %s", claimed.number, why, extra={"event": "message_later"}
    )


def look_at_failures(
    connection: Connection, context: SendingContext, campaign: Campaign, now: datetime
) -> None:
    """Of the one row that a caller asked for there is no share."""
    if not campaign.is_asked_for:
        pause_if_too_many_fail(connection, campaign.campaign_id, context.policy, now)


def _back_off(connection: Connection, claimed: Claim, rng: Random) -> timedelta:
    attempts = select(outbox.c.attempt).where(outbox.c.number == claimed.number)
    attempt: int = connection.scalar(attempts) or 1
    longest: timedelta = min(FIRST_BACK_OFF * 2 ** min(attempt - 1, 10), LONGEST_BACK_OFF)
    return longest * (0.5 + rng.random() / 2)


def hold_text_back(
    connection: Connection, claimed: Claim, campaign: Campaign, finding: Finding, now: datetime
) -> None:
    """Pause before anybody gets the text (C.8); what one caller asked for ends there."""
    if campaign.is_asked_for:
        rows.suppress(connection, claimed, Reason.UNFIT_TEXT.value, now)
        logger.error(
            "text %s may not be sent: rule %s",
            campaign.name,
            finding.rule,
            extra={"event": "text_unfit"},
        )
        return
    what = finding.message
    if finding.rule is Rule.RECIPIENT:
        rows.suppress(connection, claimed, Reason.NAMES_RECIPIENT.value, now)
        what = f"it holds something of the record of case {claimed.case_id}"
    reason = PauseReason(PauseCode.TEXT_UNFIT, {"what": what, "rule": str(finding.rule)})
    pause_and_tell(connection, claimed.campaign_id, reason, now, told=f"rule {finding.rule}")

"""Pre-send check: may this recipient still get the message, now?

Between selection and sending people pay, opt out, get another number, or get a reminder from
another campaign. Whatever decided at selection (``recipients.judging``) decides here again, in
the same order; a property test holds the two together. The look and the note that the request
goes out are one transaction.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection

from backend.db.locks import lock_subjects
from common.timezone import local_date
from messages.campaigns.campaign import Campaign
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS, Reason
from messages.campaigns.outbox import Claim
from messages.campaigns.outbox_lots import begin_attempts
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.number_checks import why_not
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.findings import Finding
from messages.delivery.lot_records import LotRecords, read_records

LONGEST_WAIT = timedelta(hours=1)
"""What a caller asked for longer ago is not sent any more: it would surprise, at night too."""

_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Permit:
    """The request may go out now, with this reference in its callback's address."""

    reference: str


@dataclass(frozen=True, slots=True)
class Denied:
    """This person gets no message."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nobody gets this text before a person has looked at it (C.8); ``finding`` is what is wrong.

    Either it holds something of this recipient's own record, or the desk's contacts have changed.
    """

    finding: Finding


Verdict: TypeAlias = Permit | Denied | Unfit


def pre_send_check(
    connection: Connection,
    claims: Sequence[Claim],
    campaign: Campaign,
    facts: DeskFacts,
    policy: SendingPolicy,
    now: datetime,
    carrier_time: datetime | None = None,
) -> list[tuple[Claim, Verdict]]:
    """Look once more at each of a lot, and note that the permitted requests go out.

    A lot is rows of one claim, in which nobody is twice: not by number and not as a customer. What
    is no longer this worker's is missing, and all of it once the campaign does not run any more. A
    text that is unfit for one goes to nobody behind. ``carrier_time`` is what time it is at the
    carrier, if that is known.
    """
    # Nobody else looks at these people meanwhile.
    lock_subjects(connection, *(each for claimed in claims for each in subjects(claimed)))
    records = read_records(connection, claims, campaign, policy, now)
    against: list[tuple[Claim, Denied | Unfit | None]] = []
    for claimed in claims:
        found = _why_not(records, claimed, campaign, facts, policy, now)
        against.append((claimed, found))
        if isinstance(found, Unfit):
            break
    references = begin_attempts(
        connection,
        permitted := [claimed for claimed, found in against if found is None],
        [secrets.token_urlsafe(16) for _ in permitted],
        now,
        policy.attempt_lease,
        carrier_time,
    )
    permits = {number: Permit(reference) for number, reference in references.items()}
    verdicts = ((claimed, found or permits.get(claimed.number)) for claimed, found in against)
    return [(claimed, verdict) for claimed, verdict in verdicts if verdict is not None]


def subjects(claimed: Claim) -> tuple[str, str]:
    """The number and the customer, of whom there must be one only in a lot."""
    return claimed.phone, claimed.customer_id or claimed.phone


def _why_not(
    records: LotRecords,
    claimed: Claim,
    campaign: Campaign,
    facts: DeskFacts,
    policy: SendingPolicy,
    now: datetime,
) -> Denied | Unfit | None:
    reason = _of_the_case(records, claimed, campaign, now)
    if reason is None and claimed.case_id is not None:
        reason = why_not(claimed.phone, voip_allowed=policy.voip_allowed)
    stopped = records.stops.get(claimed.phone)
    reason = reason or (None if stopped is None else Reason(stopped))
    if reason is None and campaign.is_reminder and _is_too_soon(records, claimed, policy, now):
        reason = Reason.TOO_SOON
    if reason is None and campaign.is_asked_for and now - campaign.created_at > LONGEST_WAIT:
        reason = Reason.TOO_LATE
    if reason is not None:
        return Denied(reason)
    findings = check_message(
        campaign.message,
        facts,
        _tokens(records, claimed),
        kind=campaign.kind,
        allowed_numbers=campaign.lines,
    )
    return Unfit(findings[0]) if findings else None


def _of_the_case(
    records: LotRecords, claimed: Claim, campaign: Campaign, now: datetime
) -> Reason | None:
    """What the records say by now: the case is still that person's, at that number (CO-17).

    For a reminder there must be an overdue debt at the moment of sending (CO-10).
    """
    if claimed.case_id is None and not campaign.is_reminder:
        return None
    row = records.cases.get(claimed.number)
    if row is None:
        return Reason.UNKNOWN_CASE
    if row.customer_id != claimed.customer_id:
        return Reason.OTHER_CUSTOMER
    if campaign.is_reminder:
        if row.status != _OPEN:
            return OF_DEBT_STATUS[row.status]
        if row.overdue_since > local_date(now):
            return Reason.NOT_OVERDUE
        if row.protected:
            return Reason.PROTECTED
    if row.phone_is_of_case and row.phone != claimed.phone:
        return Reason.NUMBER_CHANGED if row.phone else Reason.NO_NUMBER
    return None


def _is_too_soon(records: LotRecords, claimed: Claim, policy: SendingPolicy, now: datetime) -> bool:
    return any(
        records.reminded(claimed, now - timedelta(days=limit.days)) >= limit.most
        for limit in policy.limits
    )


def _tokens(records: LotRecords, claimed: Claim) -> list[str]:
    """All that the records hold of this person, to be found nowhere in the text (CO-12)."""
    tokens = [claimed.phone, *([claimed.case_id] if claimed.case_id else [])]
    if claimed.customer_id is not None:
        tokens += records.values.get(claimed.customer_id, ())
    return tokens

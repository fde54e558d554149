"""The last look before a message goes out: may this person still get it, now?

Between selection and sending people pay, opt out, or get a reminder from another campaign. The
look and the note that the request goes out are one transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from backend.message_tables import campaigns, outbox
from backend.tables import customers, debts, meters, sites
from sms.campaigns import Campaign
from sms.outbox import Claim, begin_attempt
from sms.policy import SendingPolicy
from sms.reasons import OF_DEBT_STATUS, Reason
from sms.states import COUNTS_AS_REMINDED
from sms.stops import stopped_for
from sms.templates.desk_facts import DeskFacts
from sms.templates.findings import Finding
from sms.templates.safety import check_message
from sms.turns import take_turns

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


class ClaimLostError(Exception):
    """The row is no longer this worker's, or its campaign does not run any more."""


def recheck(
    connection: Connection,
    claimed: Claim,
    campaign: Campaign,
    facts: DeskFacts,
    policy: SendingPolicy,
    now: datetime,
) -> Permit | Denied | Unfit:
    """Look once more, and note that the request goes out. Raises ``ClaimLostError``."""
    # Nobody else looks at this person meanwhile.
    take_turns(connection, claimed.phone, claimed.customer_id or claimed.phone)
    against = _why_not(connection, claimed, campaign, facts, policy, now)
    if against is not None:
        return against
    lease = max(policy.claim_lease, policy.send_timeout + timedelta(seconds=2))
    fresh = secrets.token_urlsafe(16)
    reference = begin_attempt(connection, claimed, fresh, now, lease)
    if reference is None:
        raise ClaimLostError
    return Permit(reference)


def _why_not(
    connection: Connection,
    claimed: Claim,
    campaign: Campaign,
    facts: DeskFacts,
    policy: SendingPolicy,
    now: datetime,
) -> Denied | Unfit | None:
    reason = stopped_for(connection, claimed.phone)
    if reason is None and campaign.is_reminder:
        reason = _of_the_debt(connection, claimed)
        reason = reason or _too_soon(connection, claimed, policy, now)
    if reason is None and campaign.is_asked_for and now - campaign.created_at > LONGEST_WAIT:
        reason = Reason.TOO_LATE
    if reason is not None:
        return Denied(reason)
    findings = check_message(
        campaign.message,
        facts,
        _tokens(connection, claimed),
        kind=campaign.kind,
        lines=campaign.lines,
    )
    return Unfit(findings[0]) if findings else None


def _of_the_debt(connection: Connection, claimed: Claim) -> Reason | None:
    """CO-10: there must be an overdue debt at the moment of sending."""
    row = connection.execute(
        select(debts.c.status, customers.c.protected)
        .join_from(debts, customers)
        .where(debts.c.case_id == claimed.case_id)
    ).first()
    if row is None:
        return Reason.UNKNOWN_CASE
    if row.status != _OPEN:
        return OF_DEBT_STATUS[row.status]
    return Reason.PROTECTED if row.protected else None


def _too_soon(
    connection: Connection, claimed: Claim, policy: SendingPolicy, now: datetime
) -> Reason | None:
    for limit in policy.limits:
        reminded = (
            select(func.count())
            .select_from(outbox)
            .join(campaigns)
            .where(
                or_(
                    outbox.c.phone == claimed.phone,
                    and_(
                        outbox.c.customer_id.is_not(None),
                        outbox.c.customer_id == claimed.customer_id,
                    ),
                ),
                outbox.c.attempted_at > now - timedelta(days=limit.days),
                outbox.c.state.in_(COUNTS_AS_REMINDED),
                outbox.c.number != claimed.number,
                campaigns.c.kind == "debt",
                campaigns.c.rehearsal_of.is_(None),
            )
        )
        if connection.execute(reminded).scalar_one() >= limit.most:
            return Reason.TOO_SOON
    return None


def _tokens(connection: Connection, claimed: Claim) -> list[str]:
    """All that the records hold of this person, to be found nowhere in the text (CO-12)."""
    tokens = [claimed.phone, claimed.case_id or ""]
    if claimed.customer_id is None:
        return tokens
    person = connection.execute(
        select(customers).where(customers.c.customer_id == claimed.customer_id)
    ).first()
    tokens += _texts(person) if person else []
    places = (
        select(sites.c.site_id, sites.c.address, meters.c.serial)
        .outerjoin_from(sites, meters)
        .where(sites.c.customer_id == claimed.customer_id)
    )
    for place in connection.execute(places):
        tokens += _texts(place)
    return [token for token in tokens if token]


def _texts(row: Row[*tuple[Any, ...]]) -> list[str]:
    return [value for value in row._mapping.values() if isinstance(value, str)]

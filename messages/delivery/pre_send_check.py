"""Pre-send check: may this recipient still get the message, now?

Between selection and sending people pay, opt out, get another number, or get a reminder from
another campaign. Whatever decided at selection (``recipients.judging``) decides here again, in
the same order; a property test holds the two together. The look and the note that the request
goes out are one transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, literal_column, or_, select

from backend.db.locks import lock_subjects
from backend.db.message_tables import campaigns, outbox
from backend.db.prepared import Prepared
from backend.db.tables import customers, debts, meters, sites
from backend.interface.codes import MessageKind
from backend.records.stops import stopped_for
from common.timezone import local_date
from messages.campaigns.campaign import Campaign
from messages.campaigns.exclusion_reasons import OF_DEBT_STATUS, Reason
from messages.campaigns.outbox import Claim, begin_attempt
from messages.campaigns.outbox_states import COUNTS_AS_REMINDED
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.number_checks import why_not
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.findings import Finding

LONGEST_WAIT = timedelta(hours=1)
"""What a caller asked for longer ago is not sent any more: it would surprise, at night too."""

_OPEN = "open"

_CASE_OF_ROW = Prepared(
    select(
        debts.c.customer_id,
        debts.c.phone,
        debts.c.status,
        debts.c.overdue_since,
        customers.c.protected,
        outbox.c.phone_is_of_case,
    )
    .join_from(outbox, debts, debts.c.case_id == outbox.c.case_id)
    .join(customers, customers.c.customer_id == debts.c.customer_id)
    .where(outbox.c.number == bindparam("row"))
)

_REMINDED = Prepared(
    select(func.count().label("times"))
    .select_from(outbox)
    .join(campaigns)
    .where(
        or_(
            outbox.c.phone == bindparam("to"),
            and_(
                outbox.c.customer_id.is_not(None),
                outbox.c.customer_id == bindparam("customer"),
            ),
        ),
        outbox.c.attempted_at > bindparam("since"),
        outbox.c.state.in_([literal_column(f"'{state}'") for state in COUNTS_AS_REMINDED]),
        outbox.c.number != bindparam("row"),
        campaigns.c.kind == MessageKind.DEBT.value,
        campaigns.c.rehearsal_of.is_(None),
    )
)
_PERSON = Prepared(select(customers).where(customers.c.customer_id == bindparam("customer")))
_PLACES = Prepared(
    select(sites.c.site_id, sites.c.address, meters.c.serial)
    .outerjoin_from(sites, meters)
    .where(sites.c.customer_id == bindparam("customer"))
)


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


def pre_send_check(
    connection: Connection,
    claimed: Claim,
    campaign: Campaign,
    facts: DeskFacts,
    policy: SendingPolicy,
    now: datetime,
    carrier_time: datetime | None = None,
) -> Permit | Denied | Unfit:
    """Look once more, and note that the request goes out. Raises ``ClaimLostError``.

    ``carrier_time`` is what time it is at the carrier, if that is known.
    """
    # Nobody else looks at this person meanwhile.
    lock_subjects(connection, claimed.phone, claimed.customer_id or claimed.phone)
    against = _why_not(connection, claimed, campaign, facts, policy, now)
    if against is not None:
        return against
    fresh = secrets.token_urlsafe(16)
    reference = begin_attempt(connection, claimed, fresh, now, policy.attempt_lease, carrier_time)
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
    reason = _of_the_case(connection, claimed, campaign, now)
    if reason is None and claimed.case_id is not None:
        reason = why_not(claimed.phone, voip_allowed=policy.voip_allowed)
    stopped = stopped_for(connection, claimed.phone)
    reason = reason or (None if stopped is None else Reason(stopped))
    if reason is None and campaign.is_reminder:
        reason = _too_soon(connection, claimed, policy, now)
    if reason is None and campaign.is_asked_for and now - campaign.created_at > LONGEST_WAIT:
        reason = Reason.TOO_LATE
    if reason is not None:
        return Denied(reason)
    findings = check_message(
        campaign.message,
        facts,
        _tokens(connection, claimed),
        kind=campaign.kind,
        allowed_numbers=campaign.lines,
    )
    return Unfit(findings[0]) if findings else None


def _of_the_case(
    connection: Connection, claimed: Claim, campaign: Campaign, now: datetime
) -> Reason | None:
    """What the records say by now: the case is still that person's, at that number (CO-17).

    For a reminder there must be an overdue debt at the moment of sending (CO-10).
    """
    if claimed.case_id is None and not campaign.is_reminder:
        return None
    found = _CASE_OF_ROW.rows(connection, row=claimed.number)
    if not found:
        return Reason.UNKNOWN_CASE
    [row] = found
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


def _too_soon(
    connection: Connection, claimed: Claim, policy: SendingPolicy, now: datetime
) -> Reason | None:
    for limit in policy.limits:
        [reminded] = _REMINDED.rows(
            connection,
            row=claimed.number,
            to=claimed.phone,
            customer=claimed.customer_id,
            since=now - timedelta(days=limit.days),
        )
        if reminded.times >= limit.most:
            return Reason.TOO_SOON
    return None


def _tokens(connection: Connection, claimed: Claim) -> list[str]:
    """All that the records hold of this person, to be found nowhere in the text (CO-12)."""
    tokens = [claimed.phone, claimed.case_id or ""]
    if claimed.customer_id is None:
        return tokens
    for found in (_PERSON, _PLACES):
        for row in found.rows(connection, customer=claimed.customer_id):
            tokens += (value for value in row if isinstance(value, str))
    return [token for token in tokens if token]

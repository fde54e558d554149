"""What the records say of the people of a lot, read for all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    literal_column,
    select,
)

from backend.db.list_parameters import is_one_of
from backend.db.prepared import Prepared, Statement
from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.messages import campaigns, outbox
from backend.db.tables.records import customers, debts, meters, sites
from backend.interface.codes import MessageKind, StopReason
from backend.records.suppression.stops import stopped_among
from messages.campaigns.campaign import Campaign
from messages.campaigns.outbox import Claim
from messages.campaigns.outbox_states import COUNTS_AS_REMINDED
from messages.campaigns.policy import SendingPolicy


def _cases(dialect: str) -> Statement:
    return (
        select(
            outbox.c.number,
            debts.c.customer_id,
            debts.c.phone,
            debts.c.status,
            debts.c.overdue_since,
            customers.c.protected,
            outbox.c.phone_is_of_case,
        )
        .join_from(outbox, debts, debts.c.case_id == outbox.c.case_id)
        .join(customers, customers.c.customer_id == debts.c.customer_id)
        .where(is_one_of(dialect, outbox.c.number, "numbers", BigInteger))
    )


def _reminders(dialect: str) -> Statement:
    # Two halves, so that each has its index.
    halves = (
        is_one_of(dialect, outbox.c.phone, "phones"),
        is_one_of(dialect, outbox.c.customer_id, "customers"),
    )
    first, second = (_reminders_of(half) for half in halves)
    return first.union(second)


def _reminders_of(people: ColumnElement[bool]) -> Select[Any]:
    # Not as a join: SQLite would begin with the campaigns and read all that they have sent.
    reminds = exists().where(
        campaigns.c.campaign_id == outbox.c.campaign_id,
        campaigns.c.kind == MessageKind.DEBT.value,
        campaigns.c.rehearsal_of.is_(None),
    )
    found = select(outbox.c.number, outbox.c.phone, outbox.c.customer_id, outbox.c.attempted_at)
    return found.where(
        people,
        outbox.c.attempted_at > bindparam("since", type_=UtcDateTime),
        outbox.c.state.in_([literal_column(f"'{state}'") for state in COUNTS_AS_REMINDED]),
        reminds,
    )


def _people(dialect: str) -> Statement:
    return select(customers).where(is_one_of(dialect, customers.c.customer_id, "customers"))


def _places(dialect: str) -> Statement:
    return (
        select(sites.c.customer_id, sites.c.site_id, sites.c.address, meters.c.serial)
        .outerjoin_from(sites, meters)
        .where(is_one_of(dialect, sites.c.customer_id, "customers"))
    )


_CASES, _REMINDERS = Prepared(_cases), Prepared(_reminders)
_PEOPLE, _PLACES = Prepared(_people), Prepared(_places)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that somebody may have got."""

    number: int
    phone: str
    customer_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LotRecords:
    """What the records say: cases by row, stops by number, values by customer, reminders."""

    cases: Mapping[int, Any]
    stops: Mapping[str, StopReason]
    values: Mapping[str, Sequence[str]]
    reminders: Sequence[Reminder]

    def reminded(self, claimed: Claim, since: datetime) -> int:
        """How many reminders this person may have got after ``since``, but for this row's own."""
        return sum(
            each.at > since
            and each.number != claimed.number
            and (
                each.phone == claimed.phone
                or (each.customer_id is not None and each.customer_id == claimed.customer_id)
            )
            for each in self.reminders
        )


def read_records(
    connection: Connection,
    claims: Sequence[Claim],
    campaign: Campaign,
    policy: SendingPolicy,
    now: datetime,
) -> LotRecords:
    """Read what decides over these rows, in this transaction."""
    about = sorted({each.customer_id for each in claims if each.customer_id is not None})
    phones = [each.phone for each in claims]
    cases = _CASES.rows(connection, numbers=[each.number for each in claims])
    longest = max((limit.days for limit in policy.limits), default=0)
    reminders = (
        _REMINDERS.rows(
            connection, phones=phones, customers=about, since=now - timedelta(days=longest)
        )
        if campaign.is_reminder and longest
        else []
    )
    return LotRecords(
        {row.number: row for row in cases},
        stopped_among(connection, phones),
        _values(connection, about) if about else {},
        [Reminder(*row) for row in reminders],
    )


def _values(connection: Connection, about: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """All that the records hold of each customer."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for found in (_PEOPLE, _PLACES):
        for row in found.rows(connection, customers=about):
            values[row.customer_id] += (value for value in row if value and isinstance(value, str))
    return values

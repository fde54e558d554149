"""Frequency limits over all campaigns: so many reminders within so many days (C.3).

A reminder counts for the number that it went to and for the customer whom it was meant for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, insert, or_, select, union_all

from backend.db.tables.messages import campaigns, outbox
from backend.interface.codes import MessageKind
from messages.campaigns.outbox_states import COUNTS_AS_REMINDED
from messages.campaigns.policy import ReminderLimit
from messages.campaigns.recipients.temp_tables import add_index, analyze, found, recent, too_soon


def find_too_soon(connection: Connection, limits: Sequence[ReminderLimit], now: datetime) -> None:
    """Fill ``too_soon`` with the rows for which another reminder would break a limit.

    The same look as ``pre_send_check`` takes at the moment of sending, over all rows at once.
    """
    if not limits:
        return
    _gather(connection, now - timedelta(days=max(limit.days for limit in limits)))
    same_phone = recent.c.phone == found.c.phone
    # One reminder that reached both this number and this customer counts once.
    same_customer = and_(
        recent.c.customer_id == found.c.customer_id, recent.c.phone != found.c.phone
    )
    reached = union_all(
        *(
            select(found.c.line, recent.c.attempted_at)
            .join_from(found, recent, condition)
            .where(found.c.reason.is_(None))
            for condition in (same_phone, same_customer)
        )
    ).subquery()
    broken = (
        func.sum(case((reached.c.attempted_at > now - timedelta(days=limit.days), 1), else_=0))
        >= limit.most
        for limit in limits
    )
    lines = select(reached.c.line).group_by(reached.c.line).having(or_(*broken))
    connection.execute(insert(too_soon).from_select(["line"], lines))
    analyze(connection, too_soon)


def _gather(connection: Connection, since: datetime) -> None:
    reminders = (
        select(outbox.c.phone, outbox.c.customer_id, outbox.c.attempted_at)
        .join_from(campaigns, outbox)
        .where(
            campaigns.c.kind == MessageKind.DEBT.value,
            campaigns.c.rehearsal_of.is_(None),
            and_(outbox.c.attempted_at > since, outbox.c.state.in_(COUNTS_AS_REMINDED)),
        )
    )
    connection.execute(insert(recent).from_select(list(recent.columns.keys()), reminders))
    add_index(connection, recent, "phone", "attempted_at")
    add_index(connection, recent, "customer_id", "phone", "attempted_at")
    analyze(connection, recent)

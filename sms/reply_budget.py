"""Reply budget: the parts that answers may cost on a day of Budapest, over all numbers.

A fifth of it is for numbers on a customer's record, so that no stranger silences the line for them.
"""

import logging
from datetime import datetime

from sqlalchemy import Connection, exists, select

from backend.db.tables.messages import reply_spending
from backend.db.tables.records import customers
from backend.db.transactions import upserting
from backend.interface.codes import TaskKind
from backend.records.work_list.tasks import open_task
from common.timezone import local_date
from sms.answer_policy import AnswerPolicy

FOR_CUSTOMERS = 5
"""One part of so many is for numbers on a customer's record alone."""

logger = logging.getLogger(__name__)


def spend(
    connection: Connection, policy: AnswerPolicy, phone: str, parts: int, now: datetime
) -> bool:
    """Take the parts of one answer from the day's budget; ``False`` when they are not left.

    Exact also when several workers answer at once. When half is spent, and when the first
    answer is refused, the log says so; at half a colleague gets a task.
    """
    day = local_date(now)
    is_customer = _is_on_record(connection, phone)
    most = policy.parts_a_day - (0 if is_customer else policy.parts_a_day // FOR_CUSTOMERS)
    spent = _spent_with(connection, parts, most, now) if parts <= most else None
    if spent is None:
        refused = upserting(connection, reply_spending).values(day=day, parts=0, refused=1)
        refused = refused.on_conflict_do_update(
            index_elements=["day"], set_={"refused": reply_spending.c.refused + 1}
        )
        times = connection.execute(refused.returning(reply_spending.c.refused)).scalar_one()
        if times == 1:
            logger.error(
                "REPLY_BUDGET (%d parts) is spent: %s are not answered until midnight",
                policy.parts_a_day,
                "messages" if is_customer else "numbers that no customer has",
                extra={"event": "reply_budget_spent"},
            )
        return False
    if 2 * (spent - parts) < policy.parts_a_day <= 2 * spent:
        logger.error(
            "answers to messages have cost %d parts today, half of REPLY_BUDGET (%d)",
            spent,
            policy.parts_a_day,
            extra={"event": "reply_budget_half"},
        )
        open_task(connection, TaskKind.REPLY_BUDGET, "", now)
    return True


def _spent_with(connection: Connection, parts: int, most: int, now: datetime) -> int | None:
    """The day's parts with these; ``None``, and nothing is spent, when they are too many."""
    total = reply_spending.c.parts + parts
    spending = (
        upserting(connection, reply_spending)
        .values(day=local_date(now), parts=parts, refused=0)
        .on_conflict_do_update(index_elements=["day"], set_={"parts": total}, where=total <= most)
    )
    return connection.execute(spending.returning(reply_spending.c.parts)).scalar()


def _is_on_record(connection: Connection, phone: str) -> bool:
    return bool(connection.execute(select(exists().where(customers.c.phone == phone))).scalar_one())

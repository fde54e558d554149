"""Reply policy: which senders are answered, and the daily budget of segments.

A sender's number can be forged, and premium, satellite and foreign numbers earn from what is sent
to them. So answers go to Hungarian mobiles only, and a budget of parts a day ends them for all.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from backend.db.message_tables import reply_spending
from backend.db.transactions import upserting
from backend.interface.codes import TaskKind
from backend.records.tasks import open_task
from common.phone_numbers import is_mobile
from common.timezone import local_date

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnswerPolicy:
    """``parts_a_day``: SMS parts that answers may cost on a day of Budapest, over all numbers.

    ``own_numbers`` (E.164) are those that messages are sent from: they are never answered.
    """

    parts_a_day: int = 1_000
    own_numbers: frozenset[str] = frozenset()

    def may_answer(self, phone: str, to: str | None) -> bool:
        """Whether this number (E.164), which has written to the number ``to``, gets answers."""
        return is_mobile(phone) and phone != to and phone not in self.own_numbers

    def spend(self, connection: Connection, parts: int, now: datetime) -> bool:
        """Take the parts of one answer from the day's budget; ``False`` when they are not left.

        Exact also when several workers answer at once. When half is spent, and when the first
        answer is refused, the log says so; at half a colleague gets a task.
        """
        day = local_date(now)
        spent = self._spent_with(connection, parts, now) if parts <= self.parts_a_day else None
        if spent is None:
            refused = upserting(connection, reply_spending).values(day=day, parts=0, refused=1)
            refused = refused.on_conflict_do_update(
                index_elements=["day"], set_={"refused": reply_spending.c.refused + 1}
            )
            times = connection.execute(refused.returning(reply_spending.c.refused)).scalar_one()
            if times == 1:
                logger.error(
                    "REPLY_BUDGET (%d parts) is spent: messages are not answered until midnight",
                    self.parts_a_day,
                    extra={"event": "reply_budget_spent"},
                )
            return False
        if 2 * (spent - parts) < self.parts_a_day <= 2 * spent:
            logger.error(
                "answers to messages have cost %d parts today, half of REPLY_BUDGET (%d)",
                spent,
                self.parts_a_day,
                extra={"event": "reply_budget_half"},
            )
            open_task(connection, TaskKind.REPLY_BUDGET, "", now)
        return True

    def _spent_with(self, connection: Connection, parts: int, now: datetime) -> int | None:
        """The day's parts with these; ``None``, and nothing is spent, when they are too many."""
        total = reply_spending.c.parts + parts
        spending = (
            upserting(connection, reply_spending)
            .values(day=local_date(now), parts=parts, refused=0)
            .on_conflict_do_update(
                index_elements=["day"], set_={"parts": total}, where=total <= self.parts_a_day
            )
        )
        return connection.execute(spending.returning(reply_spending.c.parts)).scalar()

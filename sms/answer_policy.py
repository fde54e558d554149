"""Reply policy: which senders are answered, and what answers may cost a day.

A sender's number can be forged, and premium, satellite and foreign numbers earn from what is sent
to them. So answers go to Hungarian mobiles only, and a budget of parts a day ends them for all
(``reply_budget.py``).
"""

from dataclasses import dataclass

from common.phone_numbers import is_mobile


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

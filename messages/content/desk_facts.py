"""The facts of a desk: all that can ever be filled into a template."""

import re
from dataclasses import dataclass
from enum import StrEnum

from common.phone_numbers import NotAPhoneNumberError, printed_phone

EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


class DeskFactsError(ValueError):
    """A fact of a desk cannot be printed in a message; names the fact, its value and the hint."""


class Slot(StrEnum):
    """What a template may leave open. Nothing here belongs to a recipient (CO-12)."""

    COMPANY = "company"
    DESK_PHONE = "desk_phone"
    DESK_EMAIL = "desk_email"
    DESK_HOURS = "desk_hours"


def printed_desk_phone(e164: str) -> str:
    """The number in groups (``printed_phone``); raises ``DeskFactsError`` with its value."""
    try:
        return printed_phone(e164)
    except NotAPhoneNumberError as error:
        raise DeskFactsError(f"phone {e164!r} {error}") from None


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """Who writes, and where people who handle the matter are reached (CO-13, CO-14, CO-15).

    ``phone`` is in E.164; ``hours`` are words with clock times, "hétfő-péntek 8-20". Raises
    ``DeskFactsError`` when a fact could carry anything else into a message.
    """

    company: str
    phone: str
    email: str
    hours: str = ""

    def __post_init__(self) -> None:
        printed_desk_phone(self.phone)
        if not self.company.strip() or re.search(r"[\d{}@]|://", self.company):
            raise DeskFactsError(f"company {self.company!r} must be a name without figures")
        if not EMAIL.fullmatch(self.email):
            raise DeskFactsError(f"email {self.email!r} must be an address such as desk@elmu.hu")
        if re.search(r"\d{3}|[{}@]|://", self.hours):
            raise DeskFactsError(f"hours {self.hours!r} must be days and hours such as 'H-P 8-20'")

    def values(self) -> dict[Slot, str]:
        """What each slot is filled with."""
        return {
            Slot.COMPANY: self.company,
            Slot.DESK_PHONE: printed_desk_phone(self.phone),
            Slot.DESK_EMAIL: self.email,
            Slot.DESK_HOURS: self.hours,
        }

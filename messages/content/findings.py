"""What a check says of a text: the rule, the place, the reason and the hint."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules of a message; the value is the name that staff see."""

    SLOT = "slot"
    AMOUNT = "amount"
    DATE = "date"
    DIGITS = "digits"
    LINK = "link"
    STEM = "stem"
    THREAT = "threat"
    URGENCY = "urgency"
    MISSING_PHONE = "missing-phone"
    MISSING_EMAIL = "missing-email"
    RECIPIENT = "recipient"
    LENGTH = "length"

    @property
    def source(self) -> str:
        """The business rules (CO-..) and the paragraph of the law's digest that it keeps."""
        return _SOURCES[self]


_SOURCES = {
    Rule.SLOT: "CO-12, C.8",
    Rule.AMOUNT: "CO-12, C.8",
    Rule.DATE: "CO-12, C.8",
    Rule.DIGITS: "CO-12, C.8",
    Rule.LINK: "C.8",
    Rule.STEM: "CO-12, C.8",
    Rule.THREAT: "CO-11, C.3, C.8",
    Rule.URGENCY: "C.3, C.8",
    Rule.MISSING_PHONE: "CO-13, CO-14, C.8",
    Rule.MISSING_EMAIL: "CO-15, C.8",
    Rule.RECIPIENT: "CO-12, C.8",
    Rule.LENGTH: "the carrier's error 21617",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule; ``excerpt`` is ``text[start:end]``, empty for what is missing."""

    rule: Rule
    start: int
    end: int
    excerpt: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.message} ({self.rule.source})"

"""What is found when the setup at the carrier is checked."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """``DOUBTFUL`` works, but not as well as it could; only ``WRONG`` must be mended."""

    RIGHT = "right"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ``subject`` is a number, a sender, a variable or an address.

    ``hint`` says what to change; it is empty where nothing is wrong. No secret is in it.
    """

    verdict: Verdict
    subject: str
    told: str
    hint: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding for other programs."""
        return {name: str(value) for name, value in asdict(self).items()}


def right(subject: str, told: str) -> Finding:
    return Finding(Verdict.RIGHT, subject, told)


def doubtful(subject: str, told: str, hint: str) -> Finding:
    return Finding(Verdict.DOUBTFUL, subject, told, hint)


def wrong(subject: str, told: str, hint: str) -> Finding:
    return Finding(Verdict.WRONG, subject, told, hint)

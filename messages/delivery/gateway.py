"""What a channel's gateway answers when a message is handed over, and how it is found again.

The one question that matters is whether a request may have been taken. Only what was surely not
taken may be sent again; everything else in doubt is *unknown*.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from backend.interface.codes import StopReason

SHORTEST_VALIDITY = timedelta(seconds=60)
"""What a carrier needs at least to pass a message on before its hour ends."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has the message under this id; ``status`` is the carrier's word."""

    message_sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier did not take it and never will, for this number; ``code`` is the carrier's."""

    code: int | None
    sentence: str
    stop: StopReason | None = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The carrier surely did not take it and may do so later."""

    code: int | None


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """Nothing can be sent before a person has corrected something; ``sentence`` says what."""

    code: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The carrier may have taken it: no answer, a broken one, or an error of its own."""

    kind: str


Outcome = Accepted | Refused | RetryLater | Misconfigured | Unknown


class CarrierUnavailableError(Exception):
    """The carrier's list cannot be read now; the text names no number and no secret."""


class CarrierRefusesError(Exception):
    """The carrier refuses our credentials or our request; the text is for the operator."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that the carrier has; of a body that it does not keep it tells nothing."""

    message_sid: str
    status: str
    body: str | None
    created_at: datetime | None
    code: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The messages to one number, the newest first, at ``as_of`` or later, carrier's time."""

    messages: list[Listed]
    as_of: datetime


class Gateway(Protocol):
    """What sends messages and finds them again."""

    sender: str

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        """Hand one message over. Never raises and never tries twice."""

    def find(self, to: str) -> Listing:
        """The messages that this account has sent to a number, the newest first.

        Raises ``CarrierUnavailableError`` or ``CarrierRefusesError``.
        """

    def check(self) -> None:
        """Prove that the account's credentials work; raises as ``find`` does."""

    def carrier_time(self) -> datetime | None:
        """What time it is at the carrier, by its own clock; ``None`` before its first answer.

        Never behind by a second or more.
        """

"""What happened in a call, in order. ``at`` is in virtual seconds since the call began."""

from dataclasses import dataclass
from typing import Literal

EndedBy = Literal["caller", "application", "error", "rejected"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Speech or sound began; it lasts ``seconds`` unless an ``Interrupted`` follows.

    ``language`` is the tag that the document gave, such as ``hu-HU``; ``rate`` is how many times as
    fast as usual the words are spoken, on average.
    """

    text: str
    at: float
    seconds: float
    language: str
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A key stopped the prompt that was being spoken."""

    at: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key, whether or not anything listened."""

    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Lost:
    """A key that fell outside every Gather and was thrown away."""

    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Dialling:
    """A transfer began to ring."""

    number: str
    at: float


@dataclass(frozen=True, slots=True)
class Dialled:
    """A transfer is over; ``seconds`` is how long the two sides talked."""

    number: str
    outcome: str
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class CallWarning:
    """The carrier ignored a part of a document and went on; ``code`` is from its dictionary."""

    code: int
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class CallError:
    """A webhook or its document was unusable.

    ``status`` is the HTTP status if the service answered at all. ``code`` is 0 where the
    simulator's own guard stopped the call, since the real carrier has no code for it.
    """

    code: int
    text: str
    url: str
    status: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""

    by: EndedBy
    at: float


Event = Heard | Interrupted | Pressed | Lost | Dialling | Dialled | CallWarning | CallError | Ended

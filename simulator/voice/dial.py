"""The far end of a transfer, and of a queue, as a script instead of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from simulator.transport import Form
from simulator.voice.document import Document

Outcome = Literal["answered", "busy", "no-answer", "failed"]


@dataclass(frozen=True, slots=True)
class DialOutcome:
    """What the dialled side does; ``seconds`` is the talk after ``answered``."""

    outcome: Outcome
    seconds: float = 0.0


FarEnd = Callable[[str], DialOutcome | Outcome]
"""Given the dialled number (or the queue's name), says what becomes of it."""

ANSWERED = DialOutcome("answered", 30.0)
RING_SECONDS = {"answered": 4.0, "busy": 2.0, "failed": 1.0}
"""How long the caller hears ringing; ``no-answer`` rings for the Dial's own time-out."""


def answer_after_ringing(number: str) -> DialOutcome:  # noqa: ARG001 - every number answers
    """The default far end: picks up and talks for half a minute."""
    return ANSWERED


def outcome_of(far_end: FarEnd, number: str) -> DialOutcome:
    """Ask the far end; a bare word stands for that outcome, ``answered`` for half a minute."""
    said = far_end(number)
    if isinstance(said, DialOutcome):
        return said
    return ANSWERED if said == "answered" else DialOutcome(said)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A Dial that rings or, since ``answered_at``, talks."""

    verb: Element
    document: Document
    number: str
    answered_at: float | None = None

    def broken_off(self, now: float) -> tuple[str, float]:
        """The carrier's word for a transfer that the caller's hang-up ends, and seconds talked."""
        if self.answered_at is None:
            return "canceled", 0.0
        return "completed", now - self.answered_at


def dial_report(word: str, talked: float, sid: str) -> Form:
    """The fields with which the carrier reports a transfer's end."""
    return [
        ("DialBridged", str(word == "completed").lower()),
        ("DialCallDuration", str(round(talked))),
        ("DialCallSid", sid),
        ("DialCallStatus", word),
    ]


def numbers_of(dial: Element) -> list[str]:
    """The numbers that a Dial rings at the same time, in document order."""
    nouns = [noun.text or "" for noun in dial if noun.tag == "Number"]
    numbers = [number.strip() for number in [dial.text or "", *nouns]]
    return [number for number in numbers if number]


def seconds_of(verb: Element, name: str, default: float) -> float:
    """A whole number of seconds from an attribute, or the default when it is none."""
    text = verb.get(name, "")
    return float(text) if text.isascii() and text.isdecimal() else default

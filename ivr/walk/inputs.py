"""What can happen to a call that waits: every key, every command, silence, every end of a dial."""

from collections.abc import Iterable

from ivr.dialogue.effects import Dial, HangUp, Listen, Wait
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence

KEYS = "1234567890*#"
OUTCOMES = ("completed", "answered", "busy", "no-answer", "failed", "canceled")
"""The carrier's words for how a transfer ended."""

_COMMANDS = ("*0", "*8", "*9", "**", "*99")
_VALUES = ("12", "1*2", "A", "")


def inputs(wait: Wait, paths: Iterable[str]) -> list[Heard]:
    """Everything worth trying at a wait; ``paths`` are dialled where a number can be typed."""
    match wait:
        case HangUp():
            return []
        case Dial():
            return [DialEnded(outcome) for outcome in OUTCOMES]
        case Listen(digits=1):
            return [Silence(), *map(Keys, KEYS), Keys("1", early=True)]
        case Listen(digits=digits):
            dialled = [form for path in paths for form in (f"*{path}", path)]
            typed = [*KEYS, *_COMMANDS, *_VALUES, "1" * digits, *dialled]
            return [
                Silence(),
                Silence(early=True),
                *(Keys(keys) for keys in dict.fromkeys(typed) if len(keys) <= digits),
            ]

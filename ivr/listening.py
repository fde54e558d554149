"""What a caller hears on the way through a menu: the dialogue's own turns, without any records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.interface.answers import KnownCaller, Notice
from ivr.dialogue.effects import HangUp, Said
from ivr.dialogue.engine import Turn, advance
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import FormCode, conduct
from ivr.dialogue.transcript import Began, DialEnded, Entry, Heard, Keys, Silence
from ivr.published_texts import published_texts
from ivr.walk.fake_environment import MOMENT, FakeEnvironment, NoRecordsError
from menus.lengths import REFERENCE
from menus.loader import Line
from menus.slots import Hours, Key

SILENCE = "-"
"""Stands among keys where the caller presses nothing."""

TALKED = "+"
"""Stands among keys where the talk with a desk is over."""


class OutOfReachError(LookupError):
    """A key after the end of the call, or an answer that only the records can give.

    ``turns`` are what was heard before.
    """

    def __init__(self, message: str, turns: Sequence[Turn]) -> None:
        self.turns = tuple(turns)
        super().__init__(message)


@dataclass(frozen=True)
class Audience:
    """Who listens, and when: the caller's language, and whether the desks answer.

    ``why_closed`` is the reason as ``Opening`` has it; ``notices`` concern the caller, who calls
    at ``moment``.
    """

    language: str
    is_open: bool = True
    why_closed: str = ""
    notices: tuple[Notice, ...] = ()
    moment: datetime = MOMENT


def listen(
    line: Line,
    hours: Mapping[str, Hours],
    forms: Mapping[str, FormCode],
    audience: Audience,
    keys: Sequence[str] = (),
) -> list[Turn]:
    """The turns of a call in which these keys are pressed, each when the line waits for it.

    Raises ``OutOfReachError`` where the call ends before the last key, or asks the records.
    """
    setting = CallSetting(line.tree, hours, published_texts(line))
    caller = KnownCaller(language=audience.language, notices=audience.notices)
    environment = FakeEnvironment(
        is_open=audience.is_open,
        caller=caller,
        gets_texts=True,
        why_closed=audience.why_closed,
        moment=audience.moment,
    )
    transcript: tuple[Entry, ...] = (Began("listened", REFERENCE, None, ""),)
    turns: list[Turn] = []
    for heard in (None, *map(_heard, keys)):
        if heard is not None:
            if isinstance(turns[-1].wait, HangUp):
                raise OutOfReachError("the call has ended before the last key", turns)
            transcript += (heard,)
        try:
            turn = advance(lambda call: conduct(call, forms), setting, transcript, environment)
        except NoRecordsError as error:
            message = "from here on the line asks the records, and there are none here"
            raise OutOfReachError(message, turns) from error
        transcript += turn.added
        turns.append(turn)
    return turns


def _heard(keys: str) -> Heard:
    if keys == SILENCE:
        return Silence()
    return DialEnded("completed") if keys == TALKED else Keys(keys)


def until(said: Sequence[Said], key: str) -> Sequence[Said]:
    """What a caller hears who presses the key as soon as it was offered."""
    for index, each in enumerate(said):
        if Key(key) in dict(each.text.slots).values():
            return said[: index + 1]
    return said


def before_option(said: Sequence[Said], number: int) -> Sequence[Said] | None:
    """What is said before the option of that number begins; None where there are fewer."""
    offers = [i for i, each in enumerate(said) if each.text.prompt.startswith("options.")]
    return said[: offers[number - 1]] if len(offers) >= number else None

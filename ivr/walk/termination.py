"""Termination check: no repeated key sequence may loop for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ivr.dialogue.call import MAX_TRANSFER_ATTEMPTS, Call
from ivr.dialogue.effects import Dial, Listen, LookUp, ReadClock
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import conduct
from ivr.dialogue.transcript import ClockRead, DialEnded, Keys, Silence
from ivr.walk.explorer import until_the_records
from ivr.walk.fake_environment import ENVIRONMENTS, MOMENT
from ivr.walk.walked_call import BEGAN
from menus.tree import Menu, Tree

if TYPE_CHECKING:
    from ivr.dialogue.menu import FormCode
    from menus.slots import Hours

SILENCE = "-"
_AFTER_THE_LIMIT = 2 * MAX_TRANSFER_ATTEMPTS + 2
"""Waits that may come after the last one counted: the transfers of the last resort."""


def endless_habits(
    tree: Tree, hours: Mapping[str, Hours], forms: Mapping[str, FormCode]
) -> Iterator[list[str]]:
    """The habits, as keys that are pressed over and over, with which a call does not end."""
    setting = CallSetting(tree, hours)
    walked = until_the_records(forms)
    for habit in _habits(tree):
        if _waits(setting, walked, habit) is None:
            yield habit


def _habits(tree: Tree) -> Iterator[list[str]]:
    yield from ([key] for key in (SILENCE, "#", "*", "0", "9", "7", "8"))
    for option in tree.root.options:
        yield [option.key, "9"]
        yield [option.key, SILENCE, "9"]
        if isinstance(option.node, Menu):
            yield [option.key, "7", "#", "9"]


def _waits(setting: CallSetting, forms: Mapping[str, FormCode], habit: list[str]) -> int | None:
    """How often a caller of this habit is waited for; None when there is no end to it."""
    most = setting.tree.limits.max_turns + _AFTER_THE_LIMIT
    call = Call(setting, BEGAN)
    dialogue: Any = conduct(call, forms)
    presses = cycle(habit)
    reply: object = None
    waits = 0
    try:
        while waits <= most:
            effect = dialogue.send(reply)
            call.forget_speech()
            match effect:
                case Listen():
                    waits += 1
                    key = next(presses)
                    reply = Silence() if key == SILENCE else Keys(key)
                case Dial():
                    waits += 1
                    reply = DialEnded("busy")
                case ReadClock():
                    reply = ClockRead(MOMENT)
                case LookUp(query=query):
                    reply = ENVIRONMENTS[0].look_up(query)
    except StopIteration:
        return waits
    finally:
        dialogue.close()
    return None

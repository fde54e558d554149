"""Inputs of which a question makes the same: one of them is walked for all.

That holds by what ``Call.ask_all`` and ``Call._dial_path`` do with keys: they read them, and go on
with what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING, Any

from ivr.dialogue.call import Call
from ivr.dialogue.commands import STARRED_COMMANDS, lone_commands, typed_path
from ivr.dialogue.fields import Rejected
from ivr.dialogue.line import OpenLine
from ivr.dialogue.transcript import Heard, Keys
from menus.tree import PATH_KEY, REPEAT_KEY

if TYPE_CHECKING:
    from ivr.dialogue.fields import Field
    from menus.tree import Tree

_LISTENING = OpenLine.listen.__code__
_ASKING = Call.ask_all.__code__
_DIALLING = Call._dial_path.__code__

Reading = Callable[[Heard], Hashable]
"""What is made of an input, the same for inputs that lead to the same; ``None`` if unknown."""


def reading_at(frames: Sequence[FrameType]) -> Reading:
    """How the question reads inputs that is waited at in the innermost of these frames."""
    for asks, waits in pairwise(frames[-3:]):
        if waits.f_code is _LISTENING and asks.f_code is _ASKING:
            field, call = asks.f_locals["field"], asks.f_locals["self"]
            commands = lone_commands(field, offers_pace=call.offers_pace)
            return partial(_at_question, field, commands)
        if waits.f_code is _LISTENING and asks.f_code is _DIALLING:
            tree = asks.f_locals["self"].setting.tree
            return partial(_at_path, tree, asks.f_locals["begun"])
    return unknown


def unknown(_heard: Heard) -> Hashable:
    """Each input for itself."""
    return None


def _at_question(field: Field[Any], commands: frozenset[str], heard: Heard) -> Hashable:
    if not isinstance(heard, Keys) or heard.early:
        return None
    keys = heard.keys
    if keys in ("", REPEAT_KEY):
        return REPEAT_KEY
    outcome = field.read(keys)
    if field.digits == 1 and not isinstance(outcome, Rejected):
        return None
    if keys.startswith(PATH_KEY):
        return keys[1:] if keys[1:] in STARRED_COMMANDS else None
    if keys in commands:
        return keys
    return (outcome.prompt, outcome.slots) if isinstance(outcome, Rejected) else None


def _at_path(tree: Tree, begun: str, heard: Heard) -> Hashable:
    if not isinstance(heard, Keys) or heard.keys in ("", REPEAT_KEY):
        return None
    keys = heard.keys.removeprefix(PATH_KEY)
    if not begun and keys in STARRED_COMMANDS:
        return keys
    target = typed_path(tree, begun, keys)
    return (target.prompt, target.slots) if isinstance(target, Rejected) else (target.id,)

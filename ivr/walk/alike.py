"""Inputs that come to the same: one of them is walked for all.

That holds by what ``Call.ask_all`` and ``Call._dial_path`` do with keys: they read them, and go on
with what was read. Who leaves a question leaves behind how often it was asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from ivr.dialogue.call import Call
from ivr.dialogue.commands import STARRED_COMMANDS, lone_commands, typed_path
from ivr.dialogue.fields import Rejected
from ivr.dialogue.line import OpenLine
from ivr.dialogue.transcript import DialEnded, Heard, Keys, Silence
from menus.tree import BACK_KEY, OPERATOR_KEY, PATH_KEY, REPEAT_KEY

if TYPE_CHECKING:
    from ivr.dialogue.fields import Field
    from menus.tree import Node, Tree

_LISTENING = OpenLine.listen.__code__
_ASKING = Call.ask_all.__code__
_DIALLING = Call._dial_path.__code__

_PASSED_OVER = "passed over"
_COUNTED_OR_SAID = frozenset({"_waits", "_faults", "_repeats", "_place", "_speech", "_preface"})
"""What a call has of the waits that are over: counters that only grow, place and words."""


class Leaves(NamedTuple):
    """An input with which a call goes on from a question to whatever is next."""

    by: Hashable


class Repeats(NamedTuple):
    """An input with which the question is heard again, however often it was asked before."""

    by: Hashable


class Position:
    """Where a call waits: what is made of inputs there."""

    faults = -1
    """Silences and wrong keys that the question has met with; below nought at no question."""
    knows: Hashable = None
    """What the call knows that may tell where it goes on to when it leaves the question."""

    def belongs_to(self, question: Position) -> bool:
        """Whether who leaves here leaves that question, at which the call stood just before."""
        # One fault more than before: the same question still waits, and nothing around it
        # has gone on. The first wait of another has met with none.
        return self.faults == question.faults + 1 > 0

    def reads(self, _heard: Heard) -> Hashable:
        """The same for inputs that lead to the same; ``None`` for one that is by itself."""
        return None


@dataclass
class _AtQuestion(Position):
    tree: Tree
    field: Field[Any]
    commands: frozenset[str]
    in_form: bool
    must_be_heard: bool
    hash_may_follow: bool
    faults: int
    knows: Hashable

    def reads(self, heard: Heard) -> Hashable:
        if isinstance(heard, DialEnded):
            return None
        if isinstance(heard, Silence):
            return _PASSED_OVER if heard.early and self.hash_may_follow else Silence
        if heard.early and self.must_be_heard:
            return _PASSED_OVER
        keys = heard.keys
        if keys in ("", REPEAT_KEY):
            return Repeats(REPEAT_KEY)
        outcome = self.field.read(keys)
        if self.field.digits == 1 and not isinstance(outcome, Rejected):
            return Leaves(("with", keys))
        if keys.startswith(PATH_KEY):
            return self._reads_behind_star(keys[1:])
        if keys in self.commands:
            return _obeys(keys, self.in_form)
        if isinstance(outcome, Rejected):
            return (outcome.prompt, outcome.slots)
        return Leaves(("with", keys))

    def _reads_behind_star(self, keys: str) -> Hashable:
        if keys in STARRED_COMMANDS:
            return _obeys(keys, self.in_form)
        if not keys:
            return Leaves(PATH_KEY)
        if keys.startswith(PATH_KEY) or len(keys) + 1 == self.field.digits:
            return None
        return _goes_to(typed_path(self.tree, "", keys))


@dataclass
class _AtPath(Position):
    tree: Tree
    begun: str
    in_form: bool
    knows: Hashable

    def belongs_to(self, question: Position) -> bool:
        """Whatever leads on from here leads on from the question that the path is dialled at."""
        return question.faults >= 0

    def reads(self, heard: Heard) -> Hashable:
        if not isinstance(heard, Keys) or heard.keys in ("", REPEAT_KEY):
            return Silence
        keys = heard.keys.removeprefix(PATH_KEY)
        if not self.begun and keys in STARRED_COMMANDS:
            reading = _obeys(keys, self.in_form)
            # The question that is heard again is another than the path's.
            return keys if isinstance(reading, Repeats) else reading
        return _goes_to(typed_path(self.tree, self.begun, keys))


def _obeys(key: str, in_form: bool) -> Hashable:
    if key == BACK_KEY:
        return Leaves(key)
    if key == OPERATOR_KEY:
        # In a form a person who is not reached leads back to the question.
        return key if in_form else Leaves(key)
    return Repeats(key)


def _goes_to(target: Node | Rejected) -> Hashable:
    if isinstance(target, Rejected):
        return (target.prompt, target.slots)
    return Leaves(("to", target.id))


ANYWHERE = Position()


def position_at(frames: Sequence[FrameType]) -> Position:
    """Where a call stands whose dialogue has these frames; the innermost is that of its wait."""
    asks, waits = frames[-2:]
    if waits.f_code is not _LISTENING:
        return ANYWHERE
    values = asks.f_locals
    if asks.f_code is _DIALLING:
        call = values["self"]
        return _AtPath(call.setting.tree, values["begun"], call._in_form, _known_to(call))
    if asks.f_code is not _ASKING:
        return ANYWHERE
    call = values["self"]
    return _AtQuestion(
        call.setting.tree,
        values["field"],
        lone_commands(values["field"], offers_pace=call.offers_pace),
        call._in_form,
        values["must_be_heard"],
        values["hash_may_follow"],
        values["noinput"] + values["nomatch"],
        _known_to(call),
    )


def _known_to(call: Call) -> Hashable:
    return tuple(
        tuple(value.items() if isinstance(value, dict) else value)
        if isinstance(value, dict | list)
        else value
        for name, value in call.__dict__.items()
        if name not in _COUNTED_OR_SAID
    )

"""A call of the walk: the real dialogue, which begins again from where it came to a node last."""

from __future__ import annotations

from collections.abc import Container, Coroutine, Generator, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ivr.dialogue.effects import Effect
from ivr.dialogue.engine import Turn, go_on
from ivr.dialogue.menu import FormCode, Onward, be_at, open_call
from ivr.dialogue.transcript import Began, Entry, Heard
from ivr.walk.alike import ANYWHERE, Position, position_at
from ivr.walk.fake_environment import FakeEnvironment
from ivr.walk.state import frames_of, state_key

if TYPE_CHECKING:
    from ivr.dialogue.call import Call

T = TypeVar("T")

BEGAN = Began("walked", "12345674", None, "")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A call as it was between two nodes, and what has happened since.

    ``onward`` is ``None`` before the opening words. Never changed: calls go on with a copy.
    """

    call: Call
    onward: Onward | None
    since: tuple[Entry, ...] = ()


class WalkedCall:
    """A call that takes one step from a checkpoint and is hung up at its next wait."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        forms: Mapping[str, FormCode],
        known: Container[Hashable] = (),
    ) -> None:
        self._call = checkpoint.call.copied()
        self._forms = forms
        self._known = known
        self._last = checkpoint
        self._happened = checkpoint.since
        self._used = self._used_before = 0
        self.state_key: Hashable = None
        """Where it stands at the wait; see ``walk.state``."""
        self.position: Position = ANYWHERE
        """What its question makes of inputs, where its key is none of those that are known."""

    def go_on(self, heard: Heard | None, environment: FakeEnvironment) -> Turn:
        """What is said to what is heard. Raises whatever the dialogue does not bear."""
        if heard is not None:
            self._happened += (heard,)
        turn = go_on(lambda _: self, self._call, self._happened, environment)
        self._happened += turn.added
        return turn

    def checkpoint(self) -> Checkpoint:
        """From where the step after this one can be taken."""
        last = self._last
        return Checkpoint(last.call, last.onward, self._happened[self._used_before :])

    def __await__(self) -> Generator[Effect, Any, None]:
        call, forms = self._call, self._forms
        onward = self._last.onward
        if onward is None:
            yield from self._driven(open_call(call, forms))
            onward = self._passed((call.setting.tree.root, None))
        while onward is not None:
            onward = yield from self._driven(be_at(call, forms, *onward))
            if onward is not None:
                self._passed(onward)

    def _passed(self, onward: Onward) -> Onward:
        self._last = Checkpoint(self._call.copied(), onward)
        self._used_before = self._used
        return onward

    def _driven(self, coroutine: Coroutine[Any, Any, T]) -> Generator[Effect, Any, T]:
        reply: object = None
        used = 0
        try:
            while True:
                reply = yield coroutine.send(reply)
                used += 1
        except StopIteration as ended:
            value: T = ended.value
            return value
        except GeneratorExit:
            frames = frames_of(coroutine)
            self.state_key = state_key(self._call, frames)
            if self.state_key not in self._known:
                self.position = position_at(frames)
            raise
        finally:
            self._used += used
            coroutine.close()

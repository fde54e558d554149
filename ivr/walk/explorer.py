"""Breadth-first search over the states of a line: every input in every new state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from types import MappingProxyType
from typing import Any

from backend.interface.place import Place
from backend.interface.published_text import PublishedText
from ivr.dialogue.call import Call
from ivr.dialogue.effects import Effect, HangUp, LookUp, Submit
from ivr.dialogue.engine import Turn
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import FormCode
from ivr.dialogue.transcript import Answered, Entry, Heard, Keys
from ivr.walk.alike import Leaves, Position, Repeats
from ivr.walk.fake_environment import DIFFERING, ENVIRONMENTS, OF_THE_MENU
from ivr.walk.inputs import inputs
from ivr.walk.walked_call import BEGAN, Checkpoint, WalkedCall
from menus.slots import Hours
from menus.tree import Tree

_NEVER = 10**9
_FIRST_PATH = str(Place("", "path", "path.ask"))
"""Where the number of a path is waited for that was begun in the first menu."""

Progress = Callable[[int, int], None]
"""Told how many states have been walked on from, and how many are known."""


@dataclass(eq=False)
class State:
    """One state: how it was first reached, what is said there, and where each input leads."""

    transcript: tuple[Entry, ...]
    turn: Turn
    checkpoint: Checkpoint
    position: Position
    left: dict[Hashable, list[State]]
    """Where a call came to that left this question, by what it knew and by which input."""
    leads_to: list[tuple[Heard, State]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path of the node at which the call stands; "" is the first menu."""
        return Place.parse(self.turn.place).path


@dataclass(frozen=True)
class Fault:
    """What the dialogue did not bear: the transcript ends with it, ``path`` is where it came."""

    path: str
    transcript: tuple[Entry, ...]
    problem: Exception


class Exploration:
    """All that can happen in a line, with patience for any number of turns and faults.

    A form is walked up to where it first asks the records; from there on it counts as settled.
    What it does with their answers is its own and has its own tests.

    A step is replayed from where the call came to its node last: from the first words it would
    cost five times as much.
    """

    def __init__(
        self,
        tree: Tree,
        hours: Mapping[str, Hours],
        forms: Mapping[str, FormCode],
        texts: Mapping[tuple[str, str], PublishedText] = MappingProxyType({}),
    ) -> None:
        patient = replace(tree.limits, max_faults=_NEVER, max_turns=_NEVER)
        self.tree = replace(tree, limits=patient)
        self.states: dict[Hashable, State] = {}
        self.turns: list[Turn] = []
        self.faults: list[Fault] = []
        self.tried = 0
        self._setting = CallSetting(self.tree, hours, texts)
        self._forms = until_the_records(forms)
        self._waiting: deque[State] = deque()
        self._said: set[Hashable] = set()
        self._everywhere = [_digits(node.path) for node in self.tree.walk() if node.path]
        self._published = cycle(map(_digits, self.tree.published_paths))

    def explore(self, progress: Progress) -> None:
        """Walk until nothing new is found."""
        self._try(None, None)
        walked = 0
        while self._waiting:
            state = self._waiting.popleft()
            self._walk_on_from(state)
            walked += 1
            progress(walked, len(self.states))

    def _walk_on_from(self, state: State) -> None:
        stays: dict[Hashable, list[State]] = {}
        for heard in inputs(state.turn.wait, self._paths(state)):
            reading = state.position.reads(heard)
            of_question = isinstance(reading, Leaves | Repeats)
            walked = state.left if of_question else stays
            key = (state.position.knows, reading) if of_question else reading
            if reading is not None and key in walked:
                afters = walked[key] or [state]  # none for what only repeats the question
                state.leads_to += [(heard, after) for after in afters]
                self.tried += len(afters)
                continue
            known = len(state.leads_to)
            if self._try(state, heard):
                afters = [after for _, after in state.leads_to[known:]]
                if not isinstance(reading, Repeats):
                    walked[key] = afters
                elif afters == [state]:
                    walked[key] = []

    def arrives(self, keys: Sequence[str]) -> str | None:
        """The path of the node that these keys lead to from the first words; None if they fail."""
        checkpoint = self._beginning()
        for heard in (None, *map(Keys, keys)):
            walked = WalkedCall(checkpoint, self._forms)
            try:
                turn = walked.go_on(heard, ENVIRONMENTS[0])
            except Exception:
                return None
            checkpoint = walked.checkpoint()
        return Place.parse(turn.place).path

    def _beginning(self) -> Checkpoint:
        return Checkpoint(Call(self._setting, BEGAN), None)

    def _paths(self, state: State) -> list[str]:
        """What is dialled: every node's path from the first menu, elsewhere one, each in turn."""
        if state.turn.place == _FIRST_PATH:
            return self._everywhere
        return [next(self._published)] if self.tree.published_paths else []

    def _try(self, before: State | None, heard: Heard | None) -> bool:
        """Take one step; when it asks what can be answered in two ways, once for each.

        Returns whether the dialogue bore it.
        """
        told = before.transcript if before else (BEGAN,)
        transcript = (*told, heard) if heard else told
        checkpoint = before.checkpoint if before else self._beginning()
        for environment in ENVIRONMENTS:
            self.tried += 1
            walked = WalkedCall(checkpoint, self._forms, self.states)
            try:
                turn = walked.go_on(heard, environment)
            except Exception as problem:
                path = before.path if before else ""
                self.faults.append(Fault(path, transcript, problem))
                return False
            self._reach(before, heard, transcript, walked, turn)
            asked = {entry.name for entry in turn.added if isinstance(entry, Answered)}
            if not asked & DIFFERING:
                break
        return True

    def _reach(
        self,
        before: State | None,
        heard: Heard | None,
        transcript: tuple[Entry, ...],
        walked: WalkedCall,
        turn: Turn,
    ) -> None:
        texts = (tuple(said.text for said in turn.said), turn.wait)
        if texts not in self._said:
            self._said.add(texts)
            self.turns.append(turn)
        ended = isinstance(turn.wait, HangUp)
        key = ("end", turn.place) if ended else walked.state_key
        state = self.states.get(key)
        if state is None:
            position = walked.position
            belongs = before is not None and position.belongs_to(before.position)
            left = before.left if before and belongs else {}
            transcript += turn.added
            state = State(transcript, turn, walked.checkpoint(), position, left)
            self.states[key] = state
            self._waiting.append(state)
        if before is not None and heard is not None:
            before.leads_to.append((heard, state))


def until_the_records(forms: Mapping[str, FormCode]) -> Mapping[str, FormCode]:
    """The forms, each ending where it would first ask the records what the menu does not ask."""
    return MappingProxyType({name: partial(_UntilTheRecords, form) for name, form in forms.items()})


def _digits(path: str) -> str:
    return path.replace(".", "")


class _UntilTheRecords:
    def __init__(self, form: FormCode, call: Call) -> None:
        self._form = form
        self._call = call

    def __await__(self) -> Generator[Effect, Any, None]:
        form: Any = self._form(self._call)
        reply: object = None
        try:
            while True:
                effect = form.send(reply)
                # What was answered is the form's: here it would tell alike states apart.
                reply = None
                asks = isinstance(effect, LookUp) and type(effect.query) not in OF_THE_MENU
                if asks or isinstance(effect, Submit):
                    return
                reply = yield effect
        except StopIteration:
            return
        finally:
            form.close()

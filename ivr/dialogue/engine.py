"""The replay: runs a dialogue over its transcript until it has to wait for the caller.

``advance`` is the whole engine. It is pure but for ``environment``, which answers what the
transcript does not hold yet; with the same transcript it returns the same turn, whenever and
wherever it runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend.interface.answers import Submitted, Unfinished
from backend.interface.queries import Query, answer_type
from ivr.dialogue.call import Call
from ivr.dialogue.effects import (
    Dial,
    Effect,
    Environment,
    HangUp,
    Listen,
    LookUp,
    Question,
    ReadClock,
    Said,
    Submit,
    Wait,
)
from ivr.dialogue.line import CallSetting
from ivr.dialogue.transcript import (
    Answered,
    Began,
    ClockRead,
    DialEnded,
    Entry,
    Keys,
    Silence,
    TranscriptMismatchError,
)

SLOW_PATIENCE = 2
"""How many times as long as usual a caller is waited for who has asked for slower speech."""

Dialogue = Callable[[Call], Awaitable[None]]

# Tuples, for a union is put together anew at each look, which costs ten times the look.
_WAITS = (Listen, Dial)
_AT_A_QUESTION = (Keys, Silence)


class Turn(Struct, frozen=True):
    """What to say and what to wait for, where in the tree, and the entries that this turn added.

    ``slow`` is how it is said; ``unfinished`` is what a caller leaves undone who hangs up here.
    ``keeps_note`` says that what was left undone before is still to be offered.
    """

    said: tuple[Said, ...]
    wait: Wait
    place: str
    added: tuple[Entry, ...]
    slow: bool = False
    unfinished: Unfinished | None = None
    keeps_note: bool = False


class Running:
    """A dialogue that is run over what has happened in a call, and waits for what happens next.

    What it says and asks is a function of what has happened alone, so to go on with it is the same
    as to replay another from the start. Not for two threads at once.
    """

    __slots__ = ("_coroutine", "_happened", "_waits", "call")

    def __init__(self, dialogue: Dialogue, call: Call, happened: Sequence[Entry] = ()) -> None:
        """``happened`` is what it is to be run over first."""
        self.call = call
        self._happened = happened
        self._coroutine = cast("Generator[Effect, Any, None]", dialogue(call).__await__())
        self._waits: Effect | None = None

    def go_on(self, happened: Iterable[Entry], environment: Environment | None) -> Turn:
        """Go on over what has happened since, until the caller is waited for; see ``advance``.

        After an error, or a turn that ends the call, it cannot be gone on with.
        """
        call, send = self.call, self._coroutine.send
        added: list[Entry] = []
        entries = chain(self._happened, happened)
        self._happened = ()
        try:
            effect = self._waits or send(None)
            while True:
                entry = next(entries, None)
                if isinstance(effect, _WAITS):
                    if entry is None:
                        self._waits = effect
                        return self._turn(effect, added)
                    reply: object = _heard(effect, entry)
                    call.forget_speech()
                else:
                    if entry is None:
                        entry = _ask(effect, environment)
                        added.append(entry)
                    reply = _answer(effect, entry)
                effect = send(reply)
        except StopIteration:
            if next(entries, None) is not None:
                raise TranscriptMismatchError(
                    "the transcript goes on after the call's end"
                ) from None
            return Turn(call.speech(), HangUp(), call.place, tuple(added), call.slow)

    def close(self) -> None:
        """End it where it waits, which is what a hang-up is."""
        self._coroutine.close()

    def _turn(self, effect: Listen | Dial, added: list[Entry]) -> Turn:
        call = self.call
        return Turn(
            call.speech(),
            _patiently(effect) if call.slow else effect,
            call.place,
            tuple(added),
            call.slow,
            call.unfinished if isinstance(effect, Listen) else None,
            call.keeps_note,
        )


def begun(dialogue: Dialogue, setting: CallSetting, transcript: Sequence[Entry]) -> Running:
    """The dialogue of the call that the transcript begins with, which is to run over the rest.

    Raises ``TranscriptMismatchError`` when it does not begin with the call's beginning.
    """
    if not transcript or not isinstance(began := transcript[0], Began):
        raise TranscriptMismatchError("the transcript does not begin with the call's beginning")
    return Running(dialogue, Call(setting, began), transcript[1:])


def advance(
    dialogue: Dialogue,
    setting: CallSetting,
    transcript: Sequence[Entry],
    environment: Environment | None,
) -> Turn:
    """Replay ``dialogue`` over ``transcript`` and return its next turn.

    ``environment`` answers what the transcript does not hold; ``None`` allows a pure replay only.
    Raises ``TranscriptMismatchError`` when the transcript does not fit the code.
    """
    return _once(begun(dialogue, setting, transcript), environment)


def go_on(
    dialogue: Dialogue, call: Call, happened: Sequence[Entry], environment: Environment | None
) -> Turn:
    """Replay what has happened since ``call`` stood at the dialogue's beginning: ``advance``."""
    return _once(Running(dialogue, call, happened), environment)


def _once(running: Running, environment: Environment | None) -> Turn:
    try:
        return running.go_on((), environment)
    finally:
        running.close()


def _patiently(wait: Listen | Dial) -> Listen | Dial:
    if isinstance(wait, Dial):
        return wait
    return replace(wait, timeout=wait.timeout * SLOW_PATIENCE)


def _heard(effect: Listen | Dial, entry: Entry) -> Keys | Silence | DialEnded:
    if isinstance(effect, Listen) and isinstance(entry, _AT_A_QUESTION):
        return entry
    if isinstance(effect, Dial) and isinstance(entry, DialEnded):
        return entry
    raise TranscriptMismatchError(
        f"waited with {type(effect).__name__}, but the transcript has {type(entry).__name__}"
    )


def _name(question: Question) -> str:
    match question:
        case LookUp():
            return type(question.query).__name__
        case Submit():
            return type(question.command).__name__
        case ReadClock():
            return type(question).__name__


def _ask(question: Question, environment: Environment | None) -> Entry:
    if environment is None:
        raise TranscriptMismatchError(f"a replay would have to ask for {_name(question)}")
    match question:
        case ReadClock():
            return ClockRead(environment.now())
        case LookUp():
            value = environment.look_up(question.query)
        case Submit():
            value = environment.submit(question.command)
    return Answered(_name(question), msgspec.Raw(msgspec.json.encode(value)))


@cache
def _decoder(asked: type[Query[Any]] | None) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(answer_type(asked) if asked else Submitted)


def _answer(question: Question, entry: Entry) -> object:
    if isinstance(question, ReadClock) and isinstance(entry, ClockRead):
        return entry
    if isinstance(entry, Answered) and entry.name == _name(question):
        asked = type(question.query) if isinstance(question, LookUp) else None
        try:
            return _decoder(asked).decode(entry.value)
        except msgspec.MsgspecError as error:
            raise TranscriptMismatchError(f"the answer to {entry.name} cannot be read") from error
    raise TranscriptMismatchError(
        f"asked for {_name(question)}, but the transcript has {type(entry).__name__}"
    )

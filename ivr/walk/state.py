"""State key of a call: calls with equal keys go on alike, however they got there.

A dialogue is code, so its state is the code's: at which line each of its coroutines waits, with
which values. Two calls whose states are equal cannot be told apart by anything that is pressed from
now on, so one of them need be walked only. Left out is what does not decide where a call can go:

* sentences, and the language and pace they are said in, unless a text can be sent in some languages
  only, which decides of its offer: the walk speaks each sentence in every language,
  and the key of the pace leads nowhere else;
* what was pressed last, which is done with;
* counters that only grow: the walk sets them free, and tries apart that they end a call;
* the question in the middle of which a transfer was asked for: the transfer is walked once, and the
  question that it may return to is a state of its own;
* the silences and wrong keys of a question that waits for a path to be typed, likewise;
* what lies behind the last resort, which goes back to the first menu or to what helps at any hour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from types import CoroutineType, FrameType, GeneratorType, MappingProxyType, NoneType
from typing import Any

from ivr.dialogue import transfers
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Rejected
from ivr.dialogue.line import CallSetting, MenuQuestion, OpenLine
from ivr.dialogue.transcript import DialEnded, Keys, Silence
from menus.slots import Text
from menus.tree import Form, Goto, Hangup, Info, Menu, Option, Transfer, Tree

_ONE_OF_EACH = (
    *(CallSetting, MenuQuestion, Tree, MappingProxyType),
    *(Menu, Form, Info, Transfer, Goto, Hangup, Option),
)
"""Types of which each object is made once, before the call: its address stands for it."""

_LEFT_OUT = (NoneType, Call, Text, Keys, Silence, DialEnded, Rejected, CoroutineType)
_PATIENCE = frozenset({"noinput", "nomatch"})
_SPOKEN = frozenset({"preface", "language"})
"""Values of a question that decide what is heard of it, and in which language."""
_SPOKEN_AND_PATIENCE = _SPOKEN | _PATIENCE
_NO_NAMES: frozenset[str] = frozenset()
_ASKING = Call.ask_all.__code__
_LISTENING = OpenLine.listen.__code__
_DIALLING = OpenLine.dial.__code__
_TRANSFER = Call.transfer.__code__
_COMMANDS = [each.__code__ for each in (Call._command, Call._obey, Call._dial_path)]
_LAST_RESORT = transfers.last_resort.__code__
_PROMPT = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")

_NOTHING = object()


def state_key(call: Call, frames: list[FrameType]) -> Hashable:
    """What decides how this call can go on; equal for calls that cannot be told apart.

    ``frames`` are those of its dialogue, which waits.
    """
    parts: list[Hashable] = [
        call._confirmed,
        call._in_form,
        call.leaves_unrecorded,
        _language_that_matters(call),
    ]
    # What is waited for follows from the values of the frame that waits for it.
    *asking, wait = _that_matter(frames)
    asked = asking[-1] if wait.f_code is _LISTENING else None
    for frame in asking:
        _add_values(parts, frame, asked=frame is asked)
    return tuple(parts)


def _language_that_matters(call: Call) -> str | None:
    """The caller's language, where not every text can be sent in each: then it decides of an offer.

    Every node with texts in all languages is the same to callers of all of them.
    """
    return None if _has_each_text_in_all_languages(call.setting) else call.language


@lru_cache(maxsize=1)
def _has_each_text_in_all_languages(setting: CallSetting) -> bool:
    texts = setting.texts
    return len(texts) == len({node for node, _ in texts}) * len(setting.tree.languages)


def _that_matter(frames: list[FrameType]) -> list[FrameType]:
    codes = [frame.f_code for frame in frames]
    if _LAST_RESORT in codes:
        return _that_matter(frames[codes.index(_LAST_RESORT) + 1 :])
    if _TRANSFER in codes:
        last = len(codes) - codes[::-1].index(_TRANSFER) - 1
        if last and codes[last - 1] in _COMMANDS:
            return frames[last:]
    return frames


def frames_of(waiting: Any) -> list[FrameType]:
    """The frames of a suspended dialogue and of all that it waits for, the outermost first.

    The innermost is that of ``OpenLine.listen`` or ``OpenLine.dial``.
    """
    frames: list[FrameType] = []
    frame: FrameType | None
    while True:
        if type(waiting) is CoroutineType:
            frame, waiting = waiting.cr_frame, waiting.cr_await
        elif type(waiting) is GeneratorType:
            frame = waiting.gi_frame
            # One that drives another by hand keeps it among its values.
            values = frame.f_locals.values() if frame else ()
            driven = [value for value in values if type(value) is CoroutineType]
            waiting = waiting.gi_yieldfrom or next(iter(driven), None)
        else:
            return frames
        if frame is not None:
            frames.append(frame)
            if frame.f_code is _LISTENING or frame.f_code is _DIALLING:
                return frames


def _add_values(parts: list[Hashable], frame: FrameType, *, asked: bool) -> None:
    """Add what the frame is at, and its values, each behind its name."""
    code = frame.f_code
    if code is _ASKING:
        left_out = _SPOKEN if asked else _SPOKEN_AND_PATIENCE
    else:
        left_out = _NO_NAMES if asked else _PATIENCE
    # A function's code is made once: its number stands for it, and costs no look at its contents.
    parts += id(code), frame.f_lasti
    for name, value in frame.f_locals.items():
        way = _WAYS[type(value)]
        if way is None or name in left_out:
            continue
        frozen = value if way is _itself else way(value)
        if frozen is not _NOTHING:
            parts += name, frozen


def _frozen(value: Any) -> Hashable:
    """The value, or something hashable that is equal when the values are."""
    way = _WAYS[type(value)]
    return way(value) if way else _NOTHING


def _itself(value: Hashable) -> Hashable:
    return value


class _Ways(dict[Any, Callable[[Any], Hashable] | None]):
    """How a value of each type is frozen; None for what is left out."""

    def __missing__(self, kind: Any) -> Callable[[Any], Hashable] | None:
        self[kind] = way = _way_of(kind)
        return way


_WAYS = _Ways()


class _Words(dict[str, Hashable]):
    """What stands for a word: itself, or nothing for the name of a sentence."""

    def __missing__(self, word: str) -> Hashable:
        self[word] = frozen = _NOTHING if _PROMPT.fullmatch(word) else word
        return frozen


def _way_of(kind: Any) -> Callable[[Any], Hashable] | None:
    if kind is str:
        return _Words().__getitem__
    if issubclass(kind, _LEFT_OUT):
        return None
    if issubclass(kind, _ONE_OF_EACH):
        return id
    if issubclass(kind, list | tuple) and not hasattr(kind, "_fields"):
        return _sequence
    if issubclass(kind, dict):
        return lambda value: tuple((key, _frozen(each)) for key, each in value.items())
    if issubclass(kind, BaseException):
        return lambda value: (kind, _frozen(value.args), _frozen(vars(value)))
    if kind.__hash__ is not None and kind.__eq__ is not object.__eq__:
        return _itself
    return lambda value: (kind, _frozen(vars(value)) if hasattr(value, "__dict__") else id(value))


def _sequence(values: list[Any] | tuple[Any, ...]) -> Hashable:
    """A list's values; nothing for a list of sentences."""
    first = values[0] if values else None
    if isinstance(first, Text) or (isinstance(first, tuple) and isinstance(first[-1], Text)):
        return _NOTHING
    return tuple(map(_frozen, values))

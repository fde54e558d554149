"""What a dialogue can stop for: the caller, another line, the records or the clock."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol

from msgspec import Struct

from backend.interface.queries import Answer, Query
from ivr.dialogue.transcript import ClockRead, DialEnded, Keys, Silence

if TYPE_CHECKING:
    from backend.interface.answers import Submitted
    from backend.interface.commands import Command
    from menus.slots import Text


class Said(Struct, frozen=True):
    """One prompt in one language."""

    language: str
    text: Text


class Listen(Struct, frozen=True):
    """Wait for keys. ``digits`` ends the entry at once; ``finish_on_key`` is "" when none does.

    ``timeout`` is in seconds, from the end of the prompt to the first key and between keys.
    """

    digits: int
    finish_on_key: str
    timeout: int

    def __await__(self) -> Generator[Listen, Keys | Silence, Keys | Silence]:
        return (yield self)


class Dial(Struct, frozen=True):
    """Connect the caller with a desk and wait until that is over."""

    desk: str

    def __await__(self) -> Generator[Dial, DialEnded, DialEnded]:
        return (yield self)


class HangUp(Struct, frozen=True):
    """End the call; nothing comes after it."""


Wait = Listen | Dial | HangUp


class LookUp(Struct, Generic[Answer], frozen=True):
    """Ask the records."""

    query: Query[Answer]

    def __await__(self) -> Generator[LookUp[Answer], Answer, Answer]:
        return (yield self)


class Submit(Struct, frozen=True):
    """Hand a confirmed command to the records."""

    command: Command

    def __await__(self) -> Generator[Submit, Submitted, Submitted]:
        return (yield self)


class ReadClock(Struct, frozen=True):
    """Ask what time it is."""

    def __await__(self) -> Generator[ReadClock, ClockRead, ClockRead]:
        return (yield self)


Question = LookUp[Any] | Submit | ReadClock
"""What the environment answers at once, without the caller."""

Effect = Listen | Dial | Question


class Environment(Protocol):
    """Records and clock, open for the newest turn only; a replay never touches them."""

    def look_up(self, query: Query[Answer]) -> Answer:
        """Answer a query inside the webhook's transaction."""

    def submit(self, command: Command) -> Submitted:
        """Store a command inside the webhook's transaction."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""

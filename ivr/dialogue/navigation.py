"""Where a caller may want to go from any question: raised inside ``ask``, caught by the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from menus.slots import Text

FaultKind = Literal["noinput", "nomatch", "turns"]


class NavigationError(Exception):
    """The caller leaves the question; the menu knows where to go on."""


class BackError(NavigationError):
    """One step back: the question before, or the menu above."""


@dataclass
class JumpError(NavigationError):
    """The caller dialled a path, or a form leads on to another node."""

    node: str


@dataclass
class TooManyFaultsError(NavigationError):
    """Silences or wrong keys have used up the patience that the tree allows."""

    kind: FaultKind


@dataclass
class HandOverError(NavigationError):
    """A form cannot go on by keypad: a person has to.

    ``say`` is heard before the transfer, ``say_closed`` when nobody answers at this hour; the
    reason goes into the call's record.
    """

    say: str
    say_closed: str
    reason: str


class OperatorClosedError(NavigationError):
    """The caller asked for a person while nobody answers: the menu offers what helps now.

    ``closed`` are the sentences that say so.
    """

    def __init__(self, closed: tuple[Text, ...]) -> None:
        super().__init__()
        self.closed = closed


class CallEndedError(NavigationError):
    """Everything is said; the line hangs up."""

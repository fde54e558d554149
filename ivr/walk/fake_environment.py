"""Fake environment of the walk: every answer that the menu itself depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from backend.interface.answers import KnownCaller, Notice, Opening
from backend.interface.queries import (
    AskOpening,
    FindCaller,
    OfferText,
    RememberLanguage,
    RememberPace,
    SendText,
)

if TYPE_CHECKING:
    from backend.interface.answers import Submitted
    from backend.interface.commands import Command
    from backend.interface.queries import Query

MOMENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

OF_THE_MENU = (AskOpening, FindCaller, RememberLanguage, RememberPace, OfferText, SendText)
"""What the menu itself asks, also in the middle of a form; everything else is a form's own."""

DIFFERING = frozenset({AskOpening.__name__, FindCaller.__name__, OfferText.__name__})
"""Of these, what the environments answer in different ways."""

_NOTICES = (
    Notice("outage", "Minta utca", "Minta street", MOMENT, MOMENT + timedelta(hours=3)),
    Notice("maintenance", "Minta tér", "Minta square", MOMENT + timedelta(days=1), None),
)


class NoRecordsError(LookupError):
    """The dialogue asked what only the records can tell, or had something to store."""


@dataclass(frozen=True)
class FakeEnvironment:
    """Desks that are all open or all closed, a caller, and a clock that stands; no records.

    A query that the dialogue asks outside of its forms has to be answered here, in all ways that
    make a difference, and to stand in ``OF_THE_MENU``.
    """

    is_open: bool
    caller: KnownCaller
    gets_texts: bool

    def look_up(self, query: Query) -> object:
        """Answer what the menu asks. Raises ``NoRecordsError`` for everything else."""
        match query:
            case AskOpening():
                return Opening(self.is_open)
            case FindCaller():
                # No language or pace leads elsewhere than another; what is said is spoken in all.
                return self.caller
            case RememberLanguage() | RememberPace():
                return True
            case OfferText() | SendText():
                return self.gets_texts
        raise NoRecordsError(f"{__name__} has no answer to {type(query).__name__}")

    def submit(self, command: Command) -> Submitted:
        """Refuse: the menu itself stores nothing."""
        raise NoRecordsError(f"the menu tried to store {type(command).__name__}")

    def now(self) -> datetime:
        """The moment of the walk."""
        return MOMENT


ENVIRONMENTS = (
    FakeEnvironment(is_open=True, caller=KnownCaller(), gets_texts=True),
    FakeEnvironment(
        is_open=False, caller=KnownCaller(broken_off=True, notices=_NOTICES), gets_texts=False
    ),
)

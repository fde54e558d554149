"""Fake environment of the walk: every answer that the menu itself depends on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from backend.interface.answers import KnownCaller, Notice, Opening
from backend.interface.codes import NoticeKind
from backend.interface.queries import (
    Answer,
    AskOpening,
    FindCaller,
    OfferText,
    Query,
    RememberLanguage,
    RememberPace,
    SendText,
)

if TYPE_CHECKING:
    from backend.interface.answers import Submitted
    from backend.interface.commands import Command

MOMENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

_NOTICES = (
    Notice(NoticeKind.OUTAGE, "Minta utca", "Minta street", MOMENT, MOMENT + timedelta(hours=3)),
    Notice(NoticeKind.MAINTENANCE, "Minta tér", "Minta square", MOMENT + timedelta(days=1), None),
)


class NoRecordsError(LookupError):
    """The dialogue asked what only the records can tell, or had something to store."""


class FakeEnvironment:
    """Desks that are all open or all closed, a caller, and a clock that stands; no records.

    ``answers`` are to the queries that the menu itself asks, also in the middle of a form;
    everything else is a form's own.
    """

    def __init__(
        self,
        *,
        is_open: bool,
        caller: KnownCaller,
        gets_texts: bool,
        why_closed: str = "",
        moment: datetime = MOMENT,
    ) -> None:
        self._moment = moment
        self.answers: Mapping[type[Query[Any]], object] = {
            AskOpening: Opening(is_open, why_closed),
            # No language or pace leads elsewhere than another; what is said is spoken in all.
            FindCaller: caller,
            RememberLanguage: True,
            RememberPace: True,
            OfferText: gets_texts,
            SendText: gets_texts,
        }

    def look_up(self, query: Query[Answer]) -> Answer:
        """Answer what the menu asks. Raises ``NoRecordsError`` for everything else."""
        if type(query) not in self.answers:
            raise NoRecordsError(f"{__name__} has no answer to {type(query).__name__}")
        return cast("Answer", self.answers[type(query)])

    def submit(self, command: Command) -> Submitted:
        """Refuse: the menu itself stores nothing."""
        raise NoRecordsError(f"the menu tried to store {type(command).__name__}")

    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self._moment


ENVIRONMENTS = (
    FakeEnvironment(is_open=True, caller=KnownCaller(), gets_texts=True),
    FakeEnvironment(
        is_open=False, caller=KnownCaller(broken_off=True, notices=_NOTICES), gets_texts=False
    ),
)

OF_THE_MENU = ENVIRONMENTS[0].answers.keys()
"""The queries that the menu itself asks."""

DIFFERING = frozenset(
    query.__name__
    for query, answer in ENVIRONMENTS[0].answers.items()
    if answer != ENVIRONMENTS[1].answers[query]
)
"""The queries that the environments answer in different ways."""

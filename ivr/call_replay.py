"""What a replay of a stored call needs: its transcript, its line, and the rules' surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.caller_id import known_number
from ivr.dialogue.transcript import Began, Entry, TranscriptMismatchError, stored_entries
from ivr.turn_transaction import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from backend.calls.transcripts import StoredTurn
    from backend.context import CallContext
    from ivr.lines.registry import Lines, PublishedLine
    from ivr.turn_transaction import ServiceParts


class Replay:
    """Finds the line that a call began with, and makes the context of a turn on it."""

    def __init__(self, lines: Lines, parts: ServiceParts, rng: Random) -> None:
        self._lines = lines
        self._parts = parts
        self._rng = rng
        self.secret = parts.secret

    def context(
        self, call_sid: str, caller: str, key: str | None, line: PublishedLine, now: datetime
    ) -> CallContext:
        """The context of a turn; ``key`` is the caller's, ``caller`` the number as reported."""
        return self._parts.context(
            call_sid=call_sid,
            caller_key=key,
            channel=CHANNEL,
            now=now,
            rng=self._rng,
            desks=line.desks,
            caller=known_number(caller),
        )

    def line_of(self, transcript: Sequence[Entry]) -> tuple[Began, PublishedLine]:
        """How the call began, and its line. Raises ``TranscriptMismatchError`` for another tree."""
        began = transcript[0] if transcript else None
        line = self._lines.begun_with(began.tree_hash) if isinstance(began, Began) else None
        if not isinstance(began, Began) or line is None:
            raise TranscriptMismatchError("the call began with another version of the tree")
        return began, line


def transcript_of(turns: Sequence[StoredTurn]) -> list[Entry]:
    """What was heard in these turns, in order."""
    return stored_entries(turn.heard for turn in turns)


def is_reduced(turns: Sequence[StoredTurn]) -> bool:
    """Whether only the path of the call is left, because it has ended."""
    return any(turn.heard is None for turn in turns)

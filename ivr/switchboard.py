"""Answering webhooks: one transaction, one replay, one turn, however often a webhook comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import IntegrityError

from backend import calls, store
from backend.context import CallContext
from backend.database import write
from backend.desks import Desks
from backend.rules.opening import Calendar
from ivr.callers import known_caller_key
from ivr.dialogue.call import TALKED
from ivr.dialogue.effects import Dial
from ivr.dialogue.engine import Dialogue, Turn, advance
from ivr.dialogue.transcript import (
    Began,
    DialEnded,
    Entry,
    Heard,
    TranscriptMismatchError,
    decode,
    encode,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from backend.desk import Command, Query, Submitted
    from ivr.dialogue.line import Setting

CHANNEL = "ivr"


class AlreadyAnsweredError(Exception):
    """The same webhook was answered by another worker meanwhile: read its turn and repeat it."""


@dataclass(frozen=True)
class Line:
    """One published line: its dialogue, its setting and the hash of the tree it was built from."""

    dialogue: Dialogue
    setting: Setting
    source_hash: str


_FirstEntry = Callable[["Connection", datetime], Entry]
"""Makes the entry with which a turn begins, inside its transaction."""


@dataclass(frozen=True)
class House:
    """What a call needs of the utility besides its records: desks, calendar, the hashes' key."""

    desks: Desks
    calendar: Calendar
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class _Records:
    """The records, as a dialogue's ``Live`` world inside one transaction."""

    connection: Connection
    context: CallContext

    def look_up(self, query: Query) -> object:
        return store.answer(self.connection, query, self.context)

    def submit(self, command: Command) -> Submitted:
        return store.submit(self.connection, command, self.context)

    def now(self) -> datetime:
        return self.context.now


class Switchboard:
    """Takes what a carrier reports and returns the turn to render."""

    def __init__(
        self,
        engine: Engine,
        line: Line,
        house: House,
        *,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._engine = engine
        self._line = line
        self._house = house
        self._clock = clock
        self._chance = chance

    def begin(self, call_sid: str, caller: str, dialled: str) -> Turn:
        """Answer a new call; the same call again gets the same words and the same call id."""

        def began(connection: Connection, now: datetime) -> Entry:
            key = known_caller_key(caller, self._house.secret)
            call = calls.begin_call(
                connection,
                call_sid,
                now,
                caller_key=key,
                dialled=dialled,
                tree_hash=self._line.source_hash,
                chance=self._chance,
            )
            return Began(self._line.source_hash, call.reference, key, dialled)

        return self._turn(call_sid, 0, began)

    def hear(self, call_sid: str, number: int, heard: Heard) -> Turn:
        """Go on with what was heard at turn ``number``.

        Whatever comes for a turn that is already answered gets that turn's answer again. Raises
        ``TranscriptMismatchError`` when the call, or the turn before, is not known.
        """

        def take(connection: Connection, now: datetime) -> Entry:
            if isinstance(heard, DialEnded) and heard.outcome in TALKED:
                answered = now - timedelta(seconds=heard.seconds)
                calls.note_agent(connection, call_sid, answered)
            return heard

        return self._turn(call_sid, number, take)

    def close(self, call_sid: str) -> None:
        """Close a call that is over and reduce its transcript to the path it took."""
        with write(self._engine) as connection:
            path = calls.find_path(connection, call_sid)
            if path:
                calls.end_call(connection, call_sid, self._clock(), outcome_of(path[-1].place))

    def _turn(self, call_sid: str, number: int, first: _FirstEntry) -> Turn:
        try:
            return self._try_turn(call_sid, number, first)
        except (AlreadyAnsweredError, IntegrityError):
            # Another worker was given the same webhook at the same time and was first.
            return self._try_turn(call_sid, number, first)

    def _try_turn(self, call_sid: str, number: int, first: _FirstEntry) -> Turn:
        with write(self._engine) as connection:
            turns = calls.read_turns(connection, call_sid)
            if number < len(turns):
                return self._replay(_entries(turns[: number + 1]))
            if number > len(turns):
                raise TranscriptMismatchError(f"turn {number} came after {len(turns)} turns")
            now = self._clock()
            transcript = [*_entries(turns), first(connection, now)]
            return self._go_on(connection, call_sid, number, transcript, now)

    def _go_on(
        self,
        connection: Connection,
        call_sid: str,
        number: int,
        transcript: list[Entry],
        now: datetime,
    ) -> Turn:
        began = self._same_line(transcript)
        context = CallContext(
            call_sid=call_sid,
            caller_key=began.caller_key,
            channel=CHANNEL,
            now=now,
            chance=self._chance,
            secret=self._house.secret,
            desks=self._house.desks,
            calendar=self._house.calendar,
        )
        live = _Records(connection, context)
        turn = advance(self._line.dialogue, self._line.setting, transcript, live)
        if isinstance(turn.wait, Dial):
            calls.note_desk(connection, call_sid, turn.wait.desk)
        heard = encode([transcript[-1], *turn.added])
        if not calls.add_turn(connection, call_sid, number, now, turn.place, heard):
            raise AlreadyAnsweredError
        return turn

    def _replay(self, transcript: list[Entry]) -> Turn:
        self._same_line(transcript)
        return advance(self._line.dialogue, self._line.setting, transcript, None)

    def _same_line(self, transcript: Sequence[Entry]) -> Began:
        began = transcript[0]
        if not isinstance(began, Began):
            raise TranscriptMismatchError("the transcript does not begin with the call's beginning")
        if began.line != self._line.source_hash:
            raise TranscriptMismatchError("the call began with another version of the tree")
        return began


def outcome_of(place: str) -> str:
    """Say how a call ended from the last place in its path, for statistics by meaning."""
    _, step, *rest = place.split(" ")
    match step:
        case "end":
            return "talked" if rest == ["talked"] else "completed"
        case "dial":
            return "abandoned_in_transfer"
        case "confirm":
            return "abandoned_before_confirm"
        case "ask" if rest == ["form.after"]:
            return "completed"
        case _:
            return "abandoned"


def _entries(turns: Sequence[tuple[int, str | None]]) -> list[Entry]:
    entries: list[Entry] = []
    for number, heard in turns:
        if heard is None:
            raise TranscriptMismatchError(f"turn {number} was reduced when the call ended")
        try:
            entries += decode(heard)
        except msgspec.MsgspecError as error:
            raise TranscriptMismatchError(f"turn {number} cannot be read") from error
    return entries

"""Answering webhooks: one transaction, one replay, one turn, however often a webhook comes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy.exc import IntegrityError

from backend import callers, calls, store
from backend.context import CallContext, IdentificationLimits, TextDesk
from backend.database import driver_of, single_statements, write, writers_turn
from backend.durability import flush
from backend.errors import ConnectionLostError
from backend.rules.opening import Calendar
from backend.tariffs import Tariffs
from doors.door import without_values
from ivr.callers import known_caller_key, known_number
from ivr.dialogue.call import TALKED
from ivr.dialogue.effects import Dial
from ivr.dialogue.engine import Turn, advance
from ivr.dialogue.transcript import (
    Began,
    DialEnded,
    Entry,
    Heard,
    Keys,
    Silence,
    TranscriptMismatchError,
    decode,
    encode,
)
from ivr.outcomes import outcome_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from backend.commands import Command
    from backend.desk import Submitted
    from backend.desks import Desks
    from backend.queries import Query
    from ivr.lines import Lines, PublishedLine

logger = logging.getLogger(__name__)

CHANNEL = "ivr"

SHORTEST_SILENCE = timedelta(seconds=3)
"""A prompt and the wait behind it last longer: an entry that ended sooner without a key was ended
by the finishing key alone, which carriers report like a silence."""


class AlreadyAnsweredError(Exception):
    """The same webhook was answered by another worker meanwhile: read its turn and repeat it."""


class Answer(NamedTuple):
    """A call's turn, and the line whose words and voices it is to be rendered with."""

    line: PublishedLine
    turn: Turn


@dataclass(frozen=True)
class House:
    """What a call needs of the utility besides its records and its line.

    ``secret`` keys the hashes under which failed identifications are counted, ``limits`` how many.
    ``texts`` is ``None`` where no messages are sent.
    """

    calendar: Calendar
    tariffs: Tariffs
    secret: bytes = field(repr=False)
    limits: IdentificationLimits
    texts: TextDesk | None = None

    def context(
        self,
        *,
        call_sid: str,
        caller_key: str | None,
        channel: str,
        now: datetime,
        chance: Random,
        desks: Desks,
        caller: str | None = None,
    ) -> CallContext:
        """One webhook of a call or message, with all that the house knows; see ``CallContext``."""
        return CallContext(
            call_sid=call_sid,
            caller_key=caller_key,
            channel=channel,
            now=now,
            chance=chance,
            secret=self.secret,
            desks=desks,
            calendar=self.calendar,
            limits=self.limits,
            caller=caller,
            tariffs=self.tariffs,
            texts=self.texts,
        )


class _World:
    """The records and the clock, as one turn of a dialogue sees them.

    Most turns ask the records nothing; their only write is the turn itself. So the transaction is
    opened when something is first asked or stored, and everything up to the turn is then in it.
    ``promises`` is whether the turn tells the caller of something that was stored.
    """

    def __init__(
        self,
        engine: Engine,
        house: House,
        call_sid: str,
        caller: str,
        now: datetime,
        chance: Random,
    ) -> None:
        self.call_sid = call_sid
        self.caller = caller
        self.moment = now
        self.chance = chance
        self.caller_key: str | None = None
        self.desks: Desks | None = None
        self.promises = False
        self._engine = engine
        self._house = house
        self._transaction = ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> _World:
        return self

    def __exit__(self, *error: Any) -> None:
        self._transaction.__exit__(*error)

    @property
    def connection(self) -> Connection:
        """The turn's transaction, opened when it is first needed."""
        if self._connection is None:
            self._connection = self._transaction.enter_context(
                # Whether anything is promised is known only when the dialogue has gone on.
                write(self._engine, durable=False)
            )
        return self._connection

    def now(self) -> datetime:
        return self.moment

    def look_up(self, query: Query) -> object:
        return store.answer(self.connection, query, self._context())

    def submit(self, command: Command) -> Submitted:
        self.promises = True
        return store.submit(self.connection, command, self._context())

    def add_turn(self, number: int, place: str, heard: str) -> None:
        """Store the turn. Raises ``AlreadyAnsweredError`` when another worker has done so."""
        turn = (self.call_sid, number, self.moment, place, heard)
        if self._connection is not None:
            added = calls.add_turn(driver_of(self._connection), *turn)
        else:
            with writers_turn(self._engine), single_statements(self._engine) as driver:
                added = calls.add_turn(driver, *turn)
        if not added:
            raise AlreadyAnsweredError

    def _context(self) -> CallContext:
        if self.desks is None:
            raise RuntimeError("a question was asked before the call had its line")
        return self._house.context(
            call_sid=self.call_sid,
            caller_key=self.caller_key,
            channel=CHANNEL,
            now=self.moment,
            chance=self.chance,
            desks=self.desks,
            caller=known_number(self.caller),
        )


class Switchboard:
    """Takes what a carrier reports and returns the turn to render."""

    def __init__(
        self,
        engine: Engine,
        lines: Lines,
        house: House,
        *,
        clock: Callable[[], datetime],
        chance: Random,
        confirm_after: timedelta = timedelta(0),
    ) -> None:
        """``confirm_after``: how soon after a question a key can be its answer; nought: at once."""
        self._confirm_after = confirm_after
        self._engine = engine
        self._lines = lines
        self._house = house
        self._clock = clock
        self._chance = chance

    def begin(self, call_sid: str, caller: str, dialled: str) -> Answer:
        """Answer a new call on the line of the number that was dialled.

        The same call again gets the same words and the same call id.
        """
        line = self._lines.answering(dialled)

        def began(world: _World) -> Entry:
            key = known_caller_key(caller, self._house.secret)
            # The caller is told the call's reference.
            world.promises = True
            call = calls.begin_call(
                world.connection,
                call_sid,
                world.moment,
                caller_key=key,
                dialled=dialled,
                tree_hash=line.source_hash,
                chance=self._chance,
            )
            return Began(line.source_hash, call.reference, key, dialled)

        return self._turn(call_sid, caller, 0, began)

    def hear(self, call_sid: str, caller: str, number: int, heard: Heard) -> Answer:
        """Go on with what was heard at turn ``number``, on the line that the call began with.

        Whatever comes for a turn that is already answered gets that turn's answer again. Raises
        ``TranscriptMismatchError`` when the call, or the turn before, is not known.
        """

        def take(world: _World) -> Entry:
            if isinstance(heard, DialEnded) and heard.outcome in TALKED:
                answered = world.moment - timedelta(seconds=heard.seconds)
                calls.note_agent(world.connection, call_sid, answered)
            return self._marked(call_sid, number, heard, world.moment)

        return self._turn(call_sid, caller, number, take)

    def _marked(self, call_sid: str, number: int, heard: Heard, now: datetime) -> Heard:
        """Mark what came too early to be meant for the question.

        It is measured once, between the answers' moments on record, and kept in the transcript, so
        that a replay decides alike. A clock that was set back says nothing.
        """
        soonest = self._soonest(heard)
        if not soonest:
            return heard
        with single_statements(self._engine) as driver:
            asked = calls.turn_moment(driver, call_sid, number - 1)
        if asked is None or not timedelta(0) <= now - asked < soonest:
            return heard
        return Keys(heard.keys, early=True) if isinstance(heard, Keys) else Silence(early=True)

    def _soonest(self, heard: Heard) -> timedelta:
        if not self._confirm_after:
            return timedelta(0)
        match heard:
            case Silence():
                return SHORTEST_SILENCE
            case Keys(keys=keys) if len(keys) == 1:
                return self._confirm_after
        return timedelta(0)

    def close(self, call_sid: str) -> None:
        """Close a call that is over and reduce its transcript to the path it took.

        What its caller has left undone is noted, so that the next call can offer it again.
        """
        now = self._clock()
        with write(self._engine, durable=False) as connection:
            if not calls.close_call(connection, call_sid, now):
                return
            turns = calls.read_turns(driver_of(connection), call_sid)
            path = calls.find_path(connection, call_sid)
            calls.reduce_call(connection, call_sid, outcome_of(path[-1].place))
        # On its own: what was typed is gone, whatever comes of this.
        try:
            self._note_unfinished(call_sid, turns, now)
        except TranscriptMismatchError:
            # Another version of the tree: whatever it was, it may not be there any more.
            return
        except Exception as fault:
            logger.error("call %s: what it left undone: %s", call_sid, without_values(fault))

    def _note_unfinished(
        self, call_sid: str, turns: Sequence[tuple[int, str | None]], now: datetime
    ) -> None:
        """Replay the call once more to see what it has left undone."""
        transcript = _entries(turns)
        began, line = self._line_of(transcript)
        turn = advance(line.dialogue, line.setting, transcript, None)
        if turn.unfinished is None and turn.keeps_note:
            return
        with write(self._engine, durable=False) as connection:
            if turn.unfinished is None:
                service = line.setting.tree.service
                callers.forget_unfinished(connection, began.caller_key, service, call_sid)
            elif not calls.was_followed(connection, call_sid):
                secret = self._house.secret
                callers.note_unfinished(connection, began.caller_key, turn.unfinished, secret, now)

    def _turn(
        self, call_sid: str, caller: str, number: int, first: Callable[[_World], Entry]
    ) -> Answer:
        try:
            return self._try_turn(call_sid, caller, number, first)
        except (AlreadyAnsweredError, IntegrityError, ConnectionLostError):
            # Another worker was first with the same webhook, or the database was restarted.
            return self._try_turn(call_sid, caller, number, first)

    def _try_turn(
        self, call_sid: str, caller: str, number: int, first: Callable[[_World], Entry]
    ) -> Answer:
        with single_statements(self._engine) as driver:
            turns = calls.read_turns(driver, call_sid)
        if number < len(turns):
            # Who stored it may have died, or may still wait, before it was on the disk.
            flush(self._engine)
            return self._replay(_entries(turns[: number + 1]))
        if number > len(turns):
            raise TranscriptMismatchError(f"turn {number} came after {len(turns)} turns")
        house, now = self._house, self._clock()
        with _World(self._engine, house, call_sid, caller, now, self._chance) as world:
            answer = self._go_on(world, number, [*_entries(turns), first(world)])
        if world.promises:
            flush(self._engine)
        return answer

    def _go_on(self, world: _World, number: int, transcript: list[Entry]) -> Answer:
        began, line = self._line_of(transcript)
        world.caller_key, world.desks = began.caller_key, line.desks
        turn = advance(line.dialogue, line.setting, transcript, world)
        if isinstance(turn.wait, Dial):
            calls.note_desk(world.connection, world.call_sid, turn.wait.desk)
        world.add_turn(number, turn.place, encode([transcript[-1], *turn.added]))
        return Answer(line, turn)

    def _replay(self, transcript: list[Entry]) -> Answer:
        _, line = self._line_of(transcript)
        return Answer(line, advance(line.dialogue, line.setting, transcript, None))

    def _line_of(self, transcript: Sequence[Entry]) -> tuple[Began, PublishedLine]:
        began = transcript[0]
        line = self._lines.begun_with(began.tree_hash) if isinstance(began, Began) else None
        if not isinstance(began, Began) or line is None:
            raise TranscriptMismatchError("the call began with another version of the tree")
        return began, line


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

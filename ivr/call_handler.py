"""Handles call webhooks: one transaction, one replay, one turn; repeats are idempotent."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from backend.calls import call_log, caller_profiles
from backend.db.deadline import retrying
from backend.db.driver import driver_of, single_statements
from backend.db.durability import flush
from backend.db.failures import conflicts
from backend.db.sqlite_engine import empty_log
from backend.db.transactions import read, write
from common.redaction import redacted
from ivr.call_outcomes import outcome_of
from ivr.caller_id import known_caller_key, known_number
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
    encode,
    stored_entries,
)
from ivr.surplus import surplus_within
from ivr.turn_transaction import CHANNEL, AlreadyAnsweredError, ServiceParts, TurnTransaction
from telemetry.catalogue import AGENT_SECONDS, CALLS_ENDED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from backend.calls.call_log import StoredTurn
    from backend.context import CallContext
    from ivr.lines.registry import Lines, PublishedLine

logger = logging.getLogger(__name__)


class CallOverError(Exception):
    """A webhook came for a call that has ended: there is nobody to answer."""


class _BegunBeforeError(Exception):
    """The first webhook of a call came again: its turns are to be read first."""


class Answer(NamedTuple):
    """A call's turn, its number, and the line whose words and voices render it."""

    line: PublishedLine
    turn: Turn
    number: int


class _Webhook(NamedTuple):
    """A turn to take: ``first`` gives its first entry, told of the call's turns so far.

    ``begins`` are the caller's key and the line of a call that begins; whether it has begun before
    is then known only when its head is entered, so its turns are ``None`` at first.
    """

    call_sid: str
    caller: str
    number: int
    first: Callable[[TurnTransaction, Sequence[StoredTurn] | None], Entry]
    begins: tuple[str | None, PublishedLine] | None = None


class CallHandler:
    """Takes what a carrier reports and returns the turn to render."""

    def __init__(
        self,
        engine: Engine,
        lines: Lines,
        parts: ServiceParts,
        *,
        clock: Callable[[], datetime],
        rng: Random,
        confirm_after: timedelta = timedelta(0),
    ) -> None:
        """``confirm_after``: how soon after a question a key can be its answer; nought: at once."""
        self._confirm_after = confirm_after
        self._engine = engine
        self._lines = lines
        self._parts = parts
        self._clock = clock
        self._rng = rng
        self._unreduced: deque[tuple[datetime, str]] = deque()

    def begin(
        self, call_sid: str, caller: str, dialled: str, *, goes_on: bool = False
    ) -> Answer | None:
        """Answer a new call on the line of the number that was dialled.

        The same call again gets the same words and the same call id; one that ``goes_on``, as the
        carrier says, is asked its newest question again. ``None`` when it is over.
        """
        if goes_on:
            with single_statements(self._engine) as connection:
                number = len(call_log.read_turns(driver_of(connection), call_sid)) - 1
            if number > 0:
                return self.hear(call_sid, caller, number, Silence())
        line = self._lines.answering(dialled)
        key = known_caller_key(caller, self._parts.secret)

        def began(transaction: TurnTransaction, turns: Sequence[StoredTurn] | None) -> Entry:
            # The caller is told the call's reference.
            transaction.promises = True
            call = call_log.begin_call(
                transaction.connection,
                call_sid,
                transaction.now(),
                caller_key=key,
                dialled=dialled,
                tree_hash=line.tree_hash,
                rng=self._rng,
            )
            if turns is None and not call.is_new:
                raise _BegunBeforeError
            return Began(line.tree_hash, call.reference, key, dialled)

        try:
            return self._turn(_Webhook(call_sid, caller, 0, began, (key, line)))
        except CallOverError:
            return None

    def hear(self, call_sid: str, caller: str, number: int, heard: Heard) -> Answer | None:
        """Go on with what was heard at turn ``number``, on the line that the call began with.

        Whatever comes for a turn that is already answered gets that turn's answer again. Raises
        ``TranscriptMismatchError`` when the call, or the turn before, is not known. What comes
        after the call's end is taken for what it tells (see ``_take_late``); ``None`` then.
        """
        self._reduce_due()
        within = surplus_within(heard, self._confirm_after)

        def take(transaction: TurnTransaction, turns: Sequence[StoredTurn] | None) -> Entry:
            if isinstance(heard, DialEnded) and heard.outcome in TALKED:
                answered = transaction.now() - timedelta(seconds=heard.seconds)
                transaction.waited = call_log.note_agent(transaction.connection, call_sid, answered)
            asked = turns[-1].moment() if turns and within else None
            return _marked(heard, asked, transaction.now(), within)

        try:
            return self._turn(_Webhook(call_sid, caller, number, take))
        except CallOverError:
            self._take_late(call_sid, caller, number, heard)
            return None

    def close(self, call_sid: str) -> None:
        """Close a call that is over and reduce its transcript to the path it took.

        What its caller has left undone is noted, so that the next call can offer it again. At a
        confirmation the answer may be on its way still: what was typed is then kept for
        ``calls.LATE_ANSWER``.
        """
        self._reduce_due()
        now = self._clock()
        turns = retrying(lambda: self._end(call_sid, now))
        if turns is None:
            return
        # On its own: what was typed is gone, whatever comes of this.
        try:
            self._note_unfinished(call_sid, turns, now)
        except TranscriptMismatchError:
            # Another version of the tree: whatever it was, it may not be there any more.
            return
        except Exception as fault:
            logger.error(
                "call %s: what it left undone: %s",
                call_sid,
                redacted(fault),
                extra={"event": "unfinished_not_noted"},
            )
        finally:
            # What was typed is to be read in no file any more.
            empty_log(self._engine)

    def told_before(self, call_sid: str, number: int) -> Answer | None:
        """What the caller was to hear at turn ``number``; ``None`` when nothing is stored."""
        with single_statements(self._engine) as connection:
            turns = call_log.read_turns(driver_of(connection), call_sid)
        if number >= len(turns) or _is_reduced(turns):
            return None
        flush(self._engine)
        return self._replay(number, _transcript(turns[: number + 1]))

    def _end(self, call_sid: str, now: datetime) -> Sequence[StoredTurn] | None:
        """Close the call and reduce it, now or later; its turns, or ``None`` if it was over."""
        with write(self._engine, durable=False) as connection:
            if not call_log.close_call(connection, call_sid, now):
                return None
            turns = call_log.read_turns(driver_of(connection), call_sid)
            path = call_log.find_path(connection, call_sid)
            outcome = outcome_of(path[-1].place)
            if outcome == call_log.BEFORE_CONFIRM:
                call_log.note_outcome(connection, call_sid, outcome)
            else:
                call_log.reduce_call(connection, call_sid, outcome)
        CALLS_ENDED.count(outcome)
        if outcome == call_log.BEFORE_CONFIRM:
            self._unreduced.append((now + call_log.LATE_ANSWER, call_sid))
        return turns

    def _reduce_due(self) -> None:
        """Empty the calls whose last answer can be on its way no more."""
        now = self._clock()
        while self._unreduced and self._unreduced[0][0] <= now:
            try:
                _, call_sid = self._unreduced.popleft()
            except IndexError:
                return  # another thread was faster
            with write(self._engine, durable=False) as connection:
                call_log.forget_typed(connection, call_sid)

    def _take_late(self, call_sid: str, caller: str, number: int, heard: Heard) -> None:
        """Note what a webhook tells of a call that has ended; nobody hears an answer."""
        logger.info(
            "call %s: a webhook came after its end", call_sid, extra={"event": "webhook_after_end"}
        )
        match heard:
            case DialEnded(outcome=outcome, seconds=seconds) if outcome in TALKED:
                talked = timedelta(seconds=seconds)
                with write(self._engine) as connection:
                    waited = call_log.note_late_talk(connection, call_sid, number, talked)
                _count_waiting(waited)
            case Keys():
                with write(self._engine, durable=False) as connection:
                    promises = self._take_late_answer(connection, call_sid, caller, number, heard)
                if promises:
                    flush(self._engine)

    def _take_late_answer(
        self, connection: Connection, call_sid: str, caller: str, number: int, heard: Keys
    ) -> bool:
        """Go on with keys that were typed before the hang-up and overtaken by its report.

        Whether something was stored of which the caller was to be told.
        """
        now = self._clock()
        ended_at = call_log.lock_ended(connection, call_sid)
        if ended_at is None or now - ended_at > call_log.LATE_ANSWER:
            return False
        turns = call_log.read_turns(driver_of(connection), call_sid, timed=number - 1)
        if number != len(turns) or _is_reduced(turns):
            return False
        within = surplus_within(heard, self._confirm_after)
        entry = _marked(heard, turns[-1].moment() if turns else None, ended_at, within)
        transcript = [*_transcript(turns), entry]
        began, line = self._line_of(transcript)
        context = self._context(call_sid, caller, began.caller_key, line, now)
        transaction = TurnTransaction(self._engine, connection, context, is_open=True)
        turn = advance(line.dialogue, line.setting, transcript, transaction)
        call_log.add_late_turn(connection, call_sid, number, now, turn.place)
        call_log.reduce_call(connection, call_sid, outcome_of(turn.place))
        if turn.unfinished is None:
            caller_profiles.forget_own_note(connection, began.caller_key, call_sid)
        return transaction.promises

    def _note_unfinished(self, call_sid: str, turns: Sequence[StoredTurn], now: datetime) -> None:
        """Replay the call once more to see what it has left undone."""
        transcript = _transcript(turns)
        began, line = self._line_of(transcript)
        turn = advance(line.dialogue, line.setting, transcript, None)
        if turn.unfinished is None and turn.keeps_note:
            return
        with write(self._engine, durable=False) as connection:
            if turn.unfinished is None:
                service = line.setting.tree.service
                caller_profiles.forget_unfinished(connection, began.caller_key, service, call_sid)
            elif not call_log.was_followed(connection, call_sid):
                secret = self._parts.secret
                caller_profiles.note_unfinished(
                    connection, began.caller_key, turn.unfinished, secret, now
                )

    def _turn(self, webhook: _Webhook) -> Answer:
        def once() -> Answer:
            return self._try_turn(webhook)

        try:
            return retrying(once)
        except Exception as error:
            if not isinstance(error, (AlreadyAnsweredError, *conflicts())):
                raise
            # Another worker was first with the same webhook, or the call has just ended.
            if retrying(lambda: self._has_ended(webhook.call_sid)):
                raise CallOverError from None
            return retrying(once)

    def _has_ended(self, call_sid: str) -> bool:
        with read(self._engine) as connection:
            call = call_log.find_call(connection, call_sid)
        return call is not None and call.ended_at is not None

    def _try_turn(self, webhook: _Webhook) -> Answer:
        with single_statements(self._engine) as connection:
            taken = self._begin_anew(connection, webhook) if webhook.begins is not None else None
            answer, promises = taken or self._take(connection, webhook)
        if promises:
            flush(self._engine)
        return answer

    def _begin_anew(self, connection: Connection, webhook: _Webhook) -> tuple[Answer, bool] | None:
        """The first turn of a call that nobody has reported before; ``None`` for any other.

        Nearly every call's first webhook comes once, and there is nothing to read of it.
        """
        try:
            return self._go_on(connection, webhook, None)
        except _BegunBeforeError:
            return None

    def _take(self, connection: Connection, webhook: _Webhook) -> tuple[Answer, bool]:
        """Take the turn after those that are stored, or tell again what was answered to it."""
        number = webhook.number
        driver = driver_of(connection)
        turns = call_log.read_turns(driver, webhook.call_sid, timed=number - 1)
        if _is_reduced(turns):
            raise CallOverError
        if number > len(turns):
            raise TranscriptMismatchError(f"turn {number} came after {len(turns)} turns")
        if number == len(turns):
            return self._go_on(connection, webhook, turns)
        # Who stored it may have died, or may still wait, before it was on the disk.
        return self._replay(number, _transcript(turns[: number + 1])), True

    def _go_on(
        self, connection: Connection, webhook: _Webhook, turns: Sequence[StoredTurn] | None
    ) -> tuple[Answer, bool]:
        """Take the turn; with its answer, whether that tells of something that was stored."""
        before = _transcript(turns or ())
        if webhook.begins is None:
            began, line = self._line_of(before)
            key = began.caller_key
        else:
            key, line = webhook.begins
        context = self._context(webhook.call_sid, webhook.caller, key, line, self._clock())
        with TurnTransaction(self._engine, connection, context) as transaction:
            entry = webhook.first(transaction, turns)
            turn = advance(line.dialogue, line.setting, [*before, entry], transaction)
            if isinstance(turn.wait, Dial):
                call_log.note_desk(transaction.connection, webhook.call_sid, turn.wait.desk)
            transaction.add_turn(webhook.number, turn.place, encode([entry, *turn.added]))
        _count_waiting(transaction.waited)
        return Answer(line, turn, webhook.number), transaction.promises

    def _context(
        self, call_sid: str, caller: str, key: str | None, line: PublishedLine, now: datetime
    ) -> CallContext:
        return self._parts.context(
            call_sid=call_sid,
            caller_key=key,
            channel=CHANNEL,
            now=now,
            rng=self._rng,
            desks=line.desks,
            caller=known_number(caller),
        )

    def _replay(self, number: int, transcript: list[Entry]) -> Answer:
        _, line = self._line_of(transcript)
        return Answer(line, advance(line.dialogue, line.setting, transcript, None), number)

    def _line_of(self, transcript: Sequence[Entry]) -> tuple[Began, PublishedLine]:
        began = transcript[0] if transcript else None
        line = self._lines.begun_with(began.tree_hash) if isinstance(began, Began) else None
        if not isinstance(began, Began) or line is None:
            raise TranscriptMismatchError("the call began with another version of the tree")
        return began, line


def _transcript(turns: Sequence[StoredTurn]) -> list[Entry]:
    return stored_entries(turn.heard for turn in turns)


def _is_reduced(turns: Sequence[StoredTurn]) -> bool:
    return any(turn.heard is None for turn in turns)


def _count_waiting(waited: timedelta | None) -> None:
    if waited is not None:
        AGENT_SECONDS.observe(waited.total_seconds())


def _marked(heard: Heard, asked: datetime | None, now: datetime, within: timedelta) -> Heard:
    """Mark what came too early, ``within`` the question, to be meant for it.

    It is measured once, between the answers' moments on record, and kept in the transcript, so
    that a replay decides alike. A clock that was set back says nothing.
    """
    if not within or asked is None or not timedelta(0) <= now - asked < within:
        return heard
    return Keys(heard.keys, early=True) if isinstance(heard, Keys) else Silence(early=True)

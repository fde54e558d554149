"""Handles call webhooks: one transaction, one replay, one turn; repeats are idempotent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from backend.calls import call_log, transcripts
from backend.db.deadline import retrying
from backend.db.driver import driver_of
from backend.db.durability import flush
from backend.db.failures import conflicts
from backend.db.kept_connections import single_statements
from backend.db.sqlite.log_flushing import LogFlushing
from backend.db.transactions import read
from ivr.call_endings import CallEndings, count_waiting
from ivr.call_replay import Replay, is_reduced
from ivr.caller_id import known_caller_key
from ivr.dialogue.call import TALKED
from ivr.dialogue.effects import Dial, HangUp
from ivr.dialogue.engine import Turn, advance, begun
from ivr.dialogue.transcript import (
    Began,
    DialEnded,
    Entry,
    Heard,
    Silence,
    TranscriptMismatchError,
    encode,
    stored_entries,
)
from ivr.kept_dialogues import KeptDialogue
from ivr.surplus import marked, surplus_within
from ivr.turn_transaction import (
    AlreadyAnsweredError,
    AlreadyBegunError,
    ServiceParts,
    TurnTransaction,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from backend.calls.transcripts import StoredTurn
    from ivr.kept_dialogues import KeptDialogues
    from ivr.lines.registry import Lines, PublishedLine


class CallOverError(Exception):
    """A webhook came for a call that has ended: there is nobody to answer."""


class Answer(NamedTuple):
    """A call's turn, its number, and the line whose words and voices render it."""

    line: PublishedLine
    turn: Turn
    number: int


class _Before(NamedTuple):
    """A call's turns so far, and when the newest was answered; ``kept`` waits after them."""

    stored: tuple[str | None, ...]
    asked: datetime | None = None
    kept: KeptDialogue | None = None


_NOTHING_BEFORE = _Before(())


class _Webhook(NamedTuple):
    """A turn to take: ``first`` gives its first entry, told what was before it.

    ``begins`` are the caller's key and the line of a call that begins. That it has not begun before
    is taken for granted at first, and what was before is ``None`` then: its head is entered with
    the turn, which tells.
    """

    call_sid: str
    caller: str
    number: int
    first: Callable[[TurnTransaction, _Before | None], Entry]
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
        dialogues: KeptDialogues,
        confirm_after: timedelta = timedelta(0),
    ) -> None:
        """``confirm_after``: how soon after a question a key can be its answer; nought: at once."""
        self._confirm_after = confirm_after
        self._engine = engine
        self._lines = lines
        self._secret = parts.secret
        self._clock = clock
        self._rng = rng
        self._replay = Replay(lines, parts, rng)
        self._dialogues = dialogues
        self._log_flushing = LogFlushing(engine)
        self._endings = CallEndings(engine, self._replay, dialogues, clock, confirm_after)

    def begin(
        self, call_sid: str, caller: str, dialled: str, *, goes_on: bool = False
    ) -> Answer | None:
        """Answer a new call on the line of the number that was dialled.

        The same call again gets the same words and the same call id; one that ``goes_on``, as the
        carrier says, is asked its newest question again. ``None`` when it is over.
        """
        if goes_on:
            number = len(self._stored_turns(call_sid)) - 1
            if number > 0:
                return self.hear(call_sid, caller, number, Silence())
        line = self._lines.answering(dialled)
        key = known_caller_key(caller, self._secret)

        def began(transaction: TurnTransaction, before: _Before | None) -> Entry:
            if before is None:
                reference = call_log.draw_reference(self._rng)
                return Began(line.tree_hash, reference, key, dialled)
            call = call_log.begin_call(
                transaction.connection,
                call_sid,
                transaction.now(),
                caller_key=key,
                dialled=dialled,
                tree_hash=line.tree_hash,
                rng=self._rng,
            )
            return Began(line.tree_hash, call.reference, key, dialled)

        try:
            return self._turn(_Webhook(call_sid, caller, 0, began, (key, line)))
        except CallOverError:
            return None

    def hear(self, call_sid: str, caller: str, number: int, heard: Heard) -> Answer | None:
        """Go on with what was heard at turn ``number``, on the line that the call began with.

        Whatever comes for a turn that is already answered gets that turn's answer again. Raises
        ``TranscriptMismatchError`` when the call, or the turn before, is not known. What comes
        after the call's end is taken for what it tells (``CallEndings.take_late``); ``None`` then.
        """
        self._endings.reduce_due()
        within = surplus_within(heard, self._confirm_after)

        def take(transaction: TurnTransaction, before: _Before | None) -> Entry:
            if isinstance(heard, DialEnded) and heard.outcome in TALKED:
                answered = transaction.now() - timedelta(seconds=heard.seconds)
                transaction.waited = call_log.note_agent(transaction.connection, call_sid, answered)
            asked = before.asked if before is not None else None
            return marked(heard, asked, transaction.now(), within)

        try:
            return self._turn(_Webhook(call_sid, caller, number, take))
        except CallOverError:
            self._endings.take_late(call_sid, caller, number, heard)
            return None

    def close(self, call_sid: str) -> None:
        """Close a call that is over, as ``CallEndings.close`` does."""
        self._endings.close(call_sid)

    def told_before(self, call_sid: str, number: int) -> Answer | None:
        """What the caller was to hear at turn ``number``; ``None`` when nothing is stored."""
        turns = self._stored_turns(call_sid)
        if number >= len(turns) or is_reduced(turns):
            return None
        flush(self._engine)
        return self._answer_again(call_sid, number, turns)

    def _stored_turns(self, call_sid: str) -> Sequence[StoredTurn]:
        def read_turns() -> Sequence[StoredTurn]:
            with single_statements(self._engine) as connection:
                return transcripts.read_turns(driver_of(connection), call_sid)

        return retrying(read_turns)

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
            taken = self._take_unread(connection, webhook) or self._take(connection, webhook)
        answer, promises = taken
        if promises:
            flush(self._engine)
        elif webhook.begins is not None:
            # The call's reference: the caller hears other words first.
            self._log_flushing.soon()
        return answer

    def _take_unread(self, connection: Connection, webhook: _Webhook) -> tuple[Answer, bool] | None:
        """Take the turn without reading those before; ``None`` where they are to be read.

        Nearly every call's first webhook comes once, and nearly every other finds the dialogue
        that waits for it. Storing the turn tells whether that is so.
        """
        kept = self._dialogues.take_waiting(webhook.call_sid, webhook.number)
        before = None if kept is None else _Before(kept.stored, kept.at, kept)
        if before is None and webhook.begins is None:
            return None
        try:
            return self._go_on(connection, webhook, before)
        except AlreadyBegunError:
            return None
        except AlreadyAnsweredError:
            if kept is None:
                raise
            return None

    def _take(self, connection: Connection, webhook: _Webhook) -> tuple[Answer, bool]:
        """Take the turn after those that are stored, or tell again what was answered to it."""
        number = webhook.number
        driver = driver_of(connection)
        turns = transcripts.read_turns(driver, webhook.call_sid, timed=number - 1)
        if is_reduced(turns):
            raise CallOverError
        if number > len(turns):
            raise TranscriptMismatchError(f"turn {number} came after {len(turns)} turns")
        if number == len(turns):
            stored = tuple([turn.heard for turn in turns])
            asked = turns[-1].moment() if turns else None
            return self._go_on(connection, webhook, _Before(stored, asked))
        # Who stored it may have died, or may still wait, before it was on the disk.
        return self._answer_again(webhook.call_sid, number, turns), True

    def _go_on(
        self, connection: Connection, webhook: _Webhook, before: _Before | None
    ) -> tuple[Answer, bool]:
        """Take the turn; with its answer, whether that tells of something that was stored."""
        stored, _, kept = before or _NOTHING_BEFORE
        entries: list[Entry] = []
        if webhook.begins is not None:
            key, line = webhook.begins
        elif kept is not None:
            key, line = kept.running.call.began.caller_key, kept.line
        else:
            entries = stored_entries(stored)
            began, line = self._replay.line_of(entries)
            key = began.caller_key
        context = self._replay.context(webhook.call_sid, webhook.caller, key, line, self._clock())
        with TurnTransaction(self._engine, connection, context) as transaction:
            entry = webhook.first(transaction, before)
            if kept is None:
                running = begun(line.dialogue, line.setting, [*entries, entry])
                turn = running.go_on((), transaction)
            else:
                running = kept.running
                turn = running.go_on((entry,), transaction)
            heard = encode([entry, *turn.added])
            desk = turn.wait.desk if isinstance(turn.wait, Dial) else None
            if before is None and isinstance(entry, Began):
                transaction.begin_call(entry, turn.place, heard, desk)
            else:
                if desk is not None:
                    call_log.note_desk(transaction.connection, webhook.call_sid, desk)
                newest = stored[-1] if stored else None
                transaction.add_turn(webhook.number, turn.place, heard, after=newest)
        if not isinstance(turn.wait, HangUp):
            kept = KeptDialogue(running, line, (*stored, heard), turn, context.now)
            self._dialogues.keep(webhook.call_sid, kept)
        count_waiting(transaction.waited)
        return Answer(line, turn, webhook.number), transaction.promises

    def _answer_again(self, call_sid: str, number: int, turns: Sequence[StoredTurn]) -> Answer:
        stored = [turn.heard for turn in turns[: number + 1]]
        kept = self._dialogues.told(call_sid, stored)
        if kept is not None:
            return Answer(kept.line, kept.turn, number)
        transcript = stored_entries(stored)
        _, line = self._replay.line_of(transcript)
        return Answer(line, advance(line.dialogue, line.setting, transcript, None), number)

"""How a call ends: closed and reduced to its path, and what its caller left undone is noted."""

from __future__ import annotations

import logging
from collections import deque
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from backend.calls import call_ends, caller_profiles, transcripts
from backend.db.deadline import retrying
from backend.db.driver import driver_of
from backend.db.durability import flush
from backend.db.kept_connections import single_statements, transaction_on
from backend.db.sqlite.log_emptying import LogEmptying
from backend.db.transactions import write, writers_turn
from backend.interface.codes import CallOutcome
from common.redaction import redacted
from ivr.call_outcomes import outcome_of
from ivr.call_replay import is_reduced, transcript_of
from ivr.dialogue.call import TALKED
from ivr.dialogue.engine import advance
from ivr.dialogue.transcript import DialEnded, Heard, Keys, TranscriptMismatchError
from ivr.surplus import marked, surplus_within
from ivr.turn_transaction import TurnTransaction
from telemetry.catalogue import AGENT_SECONDS, CALLS_ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from backend.calls.transcripts import StoredTurn
    from ivr.call_replay import Replay
    from ivr.kept_dialogues import KeptDialogues

logger = logging.getLogger(__name__)


class CallEndings:
    """Closes calls, and takes what the carrier reports of those that have ended."""

    def __init__(
        self,
        engine: Engine,
        replay: Replay,
        dialogues: KeptDialogues,
        clock: Callable[[], datetime],
        confirm_after: timedelta,
    ) -> None:
        self._engine = engine
        self._replay = replay
        self._dialogues = dialogues
        self._clock = clock
        self._confirm_after = confirm_after
        self._unreduced: deque[tuple[datetime, str]] = deque()
        # What was typed is to be read in no file any more.
        self._log = LogEmptying(engine)

    def close(self, call_sid: str) -> None:
        """Close a call that is over and reduce its transcript to the path it took.

        What its caller has left undone is noted, so that the next call can offer it again. At a
        confirmation the answer may be on its way still: what was typed is then kept for
        ``calls.LATE_ANSWER``.
        """
        self.reduce_due()
        now = self._clock()
        before: list[Sequence[StoredTurn]] = []
        turns = retrying(lambda: self._end(call_sid, now, before))
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

    def take_late(self, call_sid: str, caller: str, number: int, heard: Heard) -> None:
        """Note what a webhook tells of a call that has ended; nobody hears an answer."""
        logger.info(
            "call %s: a webhook came after its end", call_sid, extra={"event": "webhook_after_end"}
        )
        match heard:
            case DialEnded(outcome=outcome, seconds=seconds) if outcome in TALKED:
                talked = timedelta(seconds=seconds)
                retrying(lambda: self._note_late_talk(call_sid, number, talked))
            case Keys():
                retrying(lambda: self._take_late_keys(call_sid, caller, number, heard))

    def reduce_due(self) -> None:
        """Empty the calls whose last answer can be on its way no more."""
        now = self._clock()
        while self._unreduced and self._unreduced[0][0] <= now:
            try:
                _, call_sid = self._unreduced.popleft()
            except IndexError:
                return  # another thread was faster
            retrying(partial(self._forget_typed, call_sid))

    def _forget_typed(self, call_sid: str) -> None:
        with write(self._engine, durable=False) as connection:
            call_ends.forget_typed(connection, call_sid)
        self._log.soon()

    def _note_late_talk(self, call_sid: str, number: int, talked: timedelta) -> None:
        with write(self._engine) as connection:
            waited = call_ends.note_late_talk(connection, call_sid, number, talked)
        count_waiting(waited)

    def _take_late_keys(self, call_sid: str, caller: str, number: int, heard: Keys) -> None:
        with write(self._engine, durable=False) as connection:
            promises = self._take_late_answer(connection, call_sid, caller, number, heard)
        self._log.soon()
        if promises:
            flush(self._engine)

    def _end(
        self, call_sid: str, now: datetime, before: list[Sequence[StoredTurn]]
    ) -> Sequence[StoredTurn] | None:
        """Close the call and reduce it, now or later; its turns, or ``None`` if it was over.

        ``before`` are its turns as each try has found them: the one whose answer was lost may have
        emptied them.
        """
        with (
            single_statements(self._engine) as connection,
            transaction_on(self._engine, connection),
        ):
            if not call_ends.close_call(connection, call_sid, now):
                return None
            found = transcripts.read_path(driver_of(connection), call_sid)
            turns = before[-1] if before and is_reduced(found) else found
            before.append(turns)
            outcome = outcome_of(turns[-1].place)
            if outcome == CallOutcome.ABANDONED_BEFORE_CONFIRM:
                call_ends.note_outcome(connection, call_sid, outcome)
            else:
                call_ends.reduce_call(connection, call_sid, outcome)
        CALLS_ENDED.count(outcome)
        if outcome == CallOutcome.ABANDONED_BEFORE_CONFIRM:
            self._unreduced.append((now + call_ends.LATE_ANSWER, call_sid))
        else:
            self._log.soon()
        return turns

    def _take_late_answer(
        self, connection: Connection, call_sid: str, caller: str, number: int, heard: Keys
    ) -> bool:
        """Go on with keys that were typed before the hang-up and overtaken by its report.

        Whether something was stored of which the caller was to be told.
        """
        now = self._clock()
        ended_at = call_ends.lock_ended(connection, call_sid)
        if ended_at is None or now - ended_at > call_ends.LATE_ANSWER:
            return False
        turns = transcripts.read_turns(driver_of(connection), call_sid, timed=number - 1)
        if number != len(turns) or is_reduced(turns):
            return False
        within = surplus_within(heard, self._confirm_after)
        entry = marked(heard, turns[-1].moment() if turns else None, ended_at, within)
        transcript = [*transcript_of(turns), entry]
        began, line = self._replay.line_of(transcript)
        context = self._replay.context(call_sid, caller, began.caller_key, line, now)
        transaction = TurnTransaction(self._engine, connection, context, is_open=True)
        turn = advance(line.dialogue, line.setting, transcript, transaction)
        call_ends.add_late_turn(connection, call_sid, number, now, turn.place)
        call_ends.reduce_call(connection, call_sid, outcome_of(turn.place))
        if turn.unfinished is None:
            caller_profiles.forget_own_note(connection, began.caller_key, call_sid)
        return transaction.promises

    def _note_unfinished(self, call_sid: str, turns: Sequence[StoredTurn], now: datetime) -> None:
        """See what the call has left undone, by a replay where it is not known."""
        kept = self._dialogues.take(call_sid, [turn.heard for turn in turns])
        if kept is None:
            transcript = transcript_of(turns)
            began, line = self._replay.line_of(transcript)
            turn = advance(line.dialogue, line.setting, transcript, None)
        else:
            began, line, turn = kept.running.call.began, kept.line, kept.turn
        if began.caller_key is None or (turn.unfinished is None and turn.keeps_note):
            return
        if turn.unfinished is None:
            service = line.setting.tree.service
            with single_statements(self._engine) as connection, writers_turn(self._engine):
                caller_profiles.forget_unfinished(connection, began.caller_key, service, call_sid)
            return
        with write(self._engine, durable=False) as connection:
            if not call_ends.was_followed(connection, call_sid):
                secret = self._replay.secret
                caller_profiles.note_unfinished(
                    connection, began.caller_key, turn.unfinished, secret, now
                )


def count_waiting(waited: timedelta | None) -> None:
    """Count how long a caller waited for an agent; ``None``: none was reached."""
    if waited is not None:
        AGENT_SECONDS.observe(waited.total_seconds())

"""Dialogues that wait for their callers, kept between two webhooks of a call.

A kept dialogue is gone on with only where it was run over exactly what the records have: they are
asked for it by the statement that stores the next turn. Whatever else took a turn meanwhile, a call
that another process answered or a process that began anew, is read and replayed. See
docs/decisions/0120-kept-dialogues.md.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ivr.dialogue.engine import Running, Turn
    from ivr.lines.registry import PublishedLine

MOST_KEPT = 1000
"""Calls; each takes some 10 kB."""

KEPT_FOR = timedelta(minutes=2)
"""From a turn to the next one; longer waits than a question's are those of transfers."""


class KeptDialogue(NamedTuple):
    """A dialogue after its newest turn; ``stored`` is what the records have of all its turns."""

    running: Running
    line: PublishedLine
    stored: tuple[str | None, ...]
    turn: Turn
    at: datetime


class KeptDialogues:
    """The newest dialogues by their calls; a call has one at most. For several threads."""

    def __init__(self) -> None:
        self._by_call: dict[str, KeptDialogue] = {}
        self._lock = Lock()

    def keep(self, call_sid: str, kept: KeptDialogue) -> None:
        """Keep it, and forget those that have waited longest."""
        with self._lock:
            self._by_call.pop(call_sid, None)
            self._by_call[call_sid] = kept
            while True:
                oldest = next(iter(self._by_call))
                is_late = kept.at - self._by_call[oldest].at > KEPT_FOR
                if not is_late and len(self._by_call) <= MOST_KEPT:
                    return
                del self._by_call[oldest]

    def take(self, call_sid: str, stored: Sequence[str | None]) -> KeptDialogue | None:
        """The call's dialogue, which is then kept no more, where just these turns are stored."""
        with self._lock:
            kept = self._by_call.pop(call_sid, None)
        return kept if kept is not None and kept.stored == tuple(stored) else None

    def take_waiting(self, call_sid: str, number: int) -> KeptDialogue | None:
        """The call's dialogue, which is then kept no more, where it waits for turn ``number``.

        What is stored may be more by now. So nobody may hear what it answers before the turn is
        stored behind the newest of ``stored``.
        """
        with self._lock:
            kept = self._by_call.get(call_sid)
            if kept is None or len(kept.stored) != number:
                return None
            return self._by_call.pop(call_sid)

    def told(self, call_sid: str, stored: Sequence[str | None]) -> KeptDialogue | None:
        """As ``take``, of a dialogue that stays: its newest turn is told again."""
        kept = self._by_call.get(call_sid)
        return kept if kept is not None and kept.stored == tuple(stored) else None

    def clear(self) -> None:
        """Keep none: the next turn of every call is replayed, as another process would."""
        with self._lock:
            self._by_call.clear()

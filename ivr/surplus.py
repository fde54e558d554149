"""Which input may be left over from the entry before: what comes too soon to be an answer."""

from __future__ import annotations

from datetime import timedelta

from ivr.dialogue.transcript import Heard, Keys, Silence

SHORTEST_SILENCE = timedelta(seconds=3)
"""A prompt and the wait behind it last longer: an entry that ended sooner without a key was ended
by the finishing key alone, which carriers report like a silence."""


def surplus_within(heard: Heard, confirm_after: timedelta) -> timedelta:
    """How soon after a question this input is taken for a left-over; nought when it never is."""
    if not confirm_after:
        return timedelta(0)
    match heard:
        case Silence():
            return SHORTEST_SILENCE
        case Keys(keys=keys) if len(keys) == 1:
            return confirm_after
    return timedelta(0)

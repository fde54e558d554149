"""Surplus keys: input left over from the entry before, which comes too soon to be an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

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


def marked(heard: Heard, asked: datetime | None, now: datetime, within: timedelta) -> Heard:
    """Mark what came too early, ``within`` the question, to be meant for it.

    It is measured once, between the answers' moments on record, and kept in the transcript, so
    that a replay decides alike. A clock that was set back says nothing.
    """
    if not within or asked is None or not timedelta(0) <= now - asked < within:
        return heard
    return Keys(heard.keys, early=True) if isinstance(heard, Keys) else Silence(early=True)

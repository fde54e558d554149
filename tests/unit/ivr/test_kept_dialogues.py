"""Kept dialogues: gone on with where exactly their turns are stored, and never for ever."""

from datetime import UTC, datetime, timedelta
from typing import cast

from ivr.dialogue.effects import HangUp
from ivr.dialogue.engine import Running, Turn
from ivr.kept_dialogues import KEPT_FOR, MOST_KEPT, KeptDialogue, KeptDialogues
from ivr.lines.registry import PublishedLine

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TURN = Turn((), HangUp(), "", ())


def kept_after(*stored: str, at: datetime = NOW) -> KeptDialogue:
    nothing = cast(Running, None), cast(PublishedLine, None)
    return KeptDialogue(*nothing, stored, TURN, at)


def test_a_dialogue_is_gone_on_with_once_and_only_over_what_is_stored() -> None:
    dialogues = KeptDialogues()
    for stored in (["a"], ["a", "b", "c"], ["a", "x"], ["a", None], []):
        dialogues.keep("call", kept_after("a", "b"))
        assert dialogues.told("call", stored) is None
        assert dialogues.take("call", stored) is None
        assert dialogues.take("call", ["a", "b"]) is None
    mine = kept_after("a", "b")
    dialogues.keep("call", mine)
    assert dialogues.take("another", ["a", "b"]) is None
    assert dialogues.told("call", ["a", "b"]) is mine
    assert dialogues.take("call", ["a", "b"]) is mine
    assert dialogues.take("call", ["a", "b"]) is None


def test_a_dialogue_is_taken_once_at_the_turn_that_it_waits_for() -> None:
    dialogues = KeptDialogues()
    mine = kept_after("a", "b")
    dialogues.keep("call", mine)
    for call, number in (("call", 1), ("call", 3), ("another", 2)):
        assert dialogues.take_waiting(call, number) is None
    assert dialogues.take_waiting("call", 2) is mine
    assert dialogues.take_waiting("call", 2) is None


def test_those_that_wait_too_long_or_are_too_many_are_forgotten() -> None:
    dialogues = KeptDialogues()
    dialogues.keep("late", kept_after("a"))
    dialogues.keep("first", kept_after("a", at=NOW + timedelta(seconds=1)))
    for number in range(MOST_KEPT - 1):
        dialogues.keep(str(number), kept_after("a", at=NOW + KEPT_FOR + timedelta(seconds=1)))
    assert dialogues.told("late", ["a"]) is None
    assert dialogues.told("first", ["a"]) is not None
    dialogues.keep("one more", kept_after("a", at=NOW))
    assert dialogues.told("first", ["a"]) is None
    assert dialogues.told("0", ["a"]) is not None

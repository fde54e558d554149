"""The engine by itself: a replay that does not fit stops, and no form stores unconfirmed."""

from datetime import UTC, datetime

import pytest

from backend.interface.answers import Opening, Submitted
from backend.interface.commands import SuspendPartialBilling
from ivr.dialogue.call import Call
from ivr.dialogue.effects import HangUp, Listen
from ivr.dialogue.engine import Turn, advance
from ivr.dialogue.fields import Choice
from ivr.dialogue.line import CallSetting, UnconfirmedError
from ivr.dialogue.transcript import (
    Began,
    DialEnded,
    Entry,
    Keys,
    Silence,
    TranscriptMismatchError,
    decode,
    encode,
)
from tests.support.calls.shipped_lines import shipped_line

BEGAN = Began("a hash", "12345674", None, "+3680202938")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class World:
    """A world that answers and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def look_up(self, query: object) -> object:
        self.asked.append(type(query).__name__)
        return Opening(open=True)

    def submit(self, command: object) -> Submitted:
        self.asked.append(type(command).__name__)
        return Submitted(("12345674",))

    def now(self) -> datetime:
        self.asked.append("now")
        return NOW


@pytest.fixture(scope="module")
def setting() -> CallSetting:
    line = shipped_line()
    return CallSetting(line.tree, {})


async def suspend_after_a_question(call: Call) -> None:
    moment = await call.now()
    call.say("goodbye")
    if await call.confirm("partial_billing.suspend_confirm"):
        submitted = await call.submit(SuspendPartialBilling("1", "2", moment.date()))
        call.say(submitted.receipts[0])


async def suspend_unasked(call: Call) -> None:
    await call.submit(SuspendPartialBilling("1", "2", NOW.date()))


async def suspend_twice_for_one_yes(call: Call) -> None:
    await call.confirm("partial_billing.suspend_confirm")
    await call.submit(SuspendPartialBilling("1", "2", NOW.date()))
    await call.submit(SuspendPartialBilling("1", "2", NOW.date()))


def said(turn: Turn) -> list[str]:
    return [each.text.prompt for each in turn.said]


def test_a_replay_asks_the_world_nothing_and_says_the_same(setting: CallSetting) -> None:
    world = World()
    first = advance(suspend_after_a_question, setting, [BEGAN], world)
    entries: list[Entry] = [BEGAN, *first.added]
    assert world.asked == ["now"]
    assert advance(suspend_after_a_question, setting, entries, None).said == first.said
    entries.append(Keys("1"))
    last = advance(suspend_after_a_question, setting, entries, world)
    assert world.asked == ["now", "SuspendPartialBilling"]
    assert isinstance(last.wait, HangUp)
    assert said(last) == ["12345674"]
    again = advance(suspend_after_a_question, setting, [*entries, *last.added], None)
    assert (again.said, again.wait, again.place) == (last.said, last.wait, last.place)


def test_a_transcript_comes_back_from_its_json_as_it_was(setting: CallSetting) -> None:
    world = World()
    entries: list[Entry] = [BEGAN]
    turn = advance(suspend_after_a_question, setting, entries, world)
    entries += [*turn.added, Silence(), Keys("1"), DialEnded("busy", 3)]
    assert decode(encode(entries)) == entries


def test_silence_is_answered_differently_the_second_time(setting: CallSetting) -> None:
    entries: list[Entry] = [BEGAN]
    entries += advance(suspend_after_a_question, setting, entries, World()).added
    first = advance(suspend_after_a_question, setting, [*entries, Silence()], None)
    second = advance(suspend_after_a_question, setting, [*entries, Silence(), Silence()], None)
    assert said(first) == ["noinput.choice", "partial_billing.suspend_confirm"]
    assert said(second) == ["noinput.choice", "help.choice", "partial_billing.suspend_confirm"]


def test_the_hash_key_says_everything_again_and_is_no_fault(setting: CallSetting) -> None:
    entries: list[Entry] = [BEGAN]
    entries += advance(suspend_after_a_question, setting, entries, World()).added
    turn = advance(suspend_after_a_question, setting, [*entries, *[Keys("#")] * 9], None)
    assert said(turn) == ["goodbye", "partial_billing.suspend_confirm", "slower.choice"]


def test_a_transcript_that_does_not_fit_the_code_is_not_guessed_at(setting: CallSetting) -> None:
    fits = [BEGAN, *advance(suspend_after_a_question, setting, [BEGAN], World()).added]
    for wrong in (
        [],
        fits[1:],
        [BEGAN, Keys("1")],
        [*fits, DialEnded("completed")],
        [*fits, *fits[1:]],
        [*fits, Keys("1")],
        [*fits, Keys("2"), Keys("2")],
    ):
        with pytest.raises(TranscriptMismatchError):
            advance(suspend_after_a_question, setting, wrong, None)


def test_a_form_that_submits_unasked_is_stopped(setting: CallSetting) -> None:
    world = World()
    with pytest.raises(UnconfirmedError):
        advance(suspend_unasked, setting, [BEGAN], world)
    assert world.asked == []


def test_one_yes_is_good_for_one_submission(setting: CallSetting) -> None:
    world = World()
    with pytest.raises(UnconfirmedError):
        advance(suspend_twice_for_one_yes, setting, [BEGAN, Keys("1")], world)
    assert world.asked == ["SuspendPartialBilling"]


def test_a_call_has_an_end_even_when_every_key_is_welcome(setting: CallSetting) -> None:
    async def ask_for_ever(call: Call) -> None:
        while True:
            await call.ask("goodbye", Choice("1"))

    entries: list[Entry] = [BEGAN, *[Keys("1")] * (setting.tree.limits.max_turns - 2)]
    assert isinstance(advance(ask_for_ever, setting, entries, None).wait, Listen)
    with pytest.raises(Exception, match="turns"):
        advance(ask_for_ever, setting, [*entries, Keys("1")], None)

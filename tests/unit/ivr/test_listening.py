"""What a caller hears on the way: the real dialogue, and when the options begin."""

from dataclasses import replace

import pytest

from cli.menu.surroundings import surroundings_of
from ivr.dialogue.effects import Dial, HangUp
from ivr.dialogue.engine import Turn
from ivr.forms import FORMS
from ivr.listening import Audience, OutOfReachError, before_option, listen, until
from ivr.opening_check import check_opening, said_seconds
from menus.loader import Line
from settings import HERE
from tests.support.calls.shipped_lines import shipped_line

HU = Audience("hu")


@pytest.fixture(scope="module")
def line() -> Line:
    return shipped_line()


def hear(line: Line, *keys: str, audience: Audience = HU) -> list[Turn]:
    return listen(line, surroundings_of(HERE / "menu_tree.yaml").hours, FORMS, audience, keys)


def prompts(turn: Turn) -> list[str]:
    return [said.text.prompt for said in turn.said]


def test_the_opening_is_heard_in_the_language_of_the_audience(line: Line) -> None:
    (turn,) = hear(line, audience=Audience("en"))
    assert prompts(turn)[0] == "opening.welcome"
    assert {said.language for said in turn.said if said.text.prompt != "opening.language"} == {"en"}


def test_whoever_knows_their_key_presses_it_as_soon_as_it_was_offered(line: Line) -> None:
    (turn,) = hear(line)
    assert until(turn.said, "2")[-1].text.prompt == "options.billing"
    assert until(turn.said, "0") == turn.said


def test_a_desk_is_open_or_closed_as_the_listener_chooses(line: Line) -> None:
    assert isinstance(hear(line, "1")[-1].wait, Dial)
    assert not isinstance(hear(line, "1", audience=Audience("hu", is_open=False))[-1].wait, Dial)


def test_silence_and_the_end_of_a_talk_can_be_pressed(line: Line) -> None:
    assert any(prompt.startswith("noinput.") for prompt in prompts(hear(line, "-")[-1]))
    assert isinstance(hear(line, "1", "+")[-1].wait, HangUp)


def test_after_the_end_of_the_call_nothing_is_heard(line: Line) -> None:
    with pytest.raises(OutOfReachError, match="ended before the last key") as caught:
        hear(line, "1", "+", "2")
    assert len(caught.value.turns) == 3


def test_where_the_records_are_asked_the_preview_ends(line: Line) -> None:
    with pytest.raises(OutOfReachError, match="asks the records") as caught:
        hear(line, "6", "4")
    assert prompts(caught.value.turns[-1])


def test_the_options_begin_after_all_that_is_said_before_them(line: Line) -> None:
    (turn,) = hear(line)
    before = before_option(turn.said, 1)
    assert before is not None
    assert "opening.recording" in [said.text.prompt for said in before]
    sixth = before_option(turn.said, 6)
    assert sixth is not None
    assert said_seconds(line, sixth) > said_seconds(line, before) > 0
    assert before_option(turn.said, 7) is None


def test_each_language_keeps_to_the_limits_of_the_tree(line: Line) -> None:
    hours = surroundings_of(HERE / "menu_tree.yaml").hours
    assert list(check_opening(line, hours, FORMS)) == []
    strict = replace(line.tree.limits, first_option=1, sixth_option=2)
    found = list(check_opening(replace(line, tree=replace(line.tree, limits=strict)), hours, FORMS))
    assert [each.code for each in found] == ["first-option-late", "sixth-option-late"] * 2

"""The walk finds what can happen: nothing that a caller meets lies outside of it.

The lines of the service are walked by "make check".
"""

from pathlib import Path
from random import Random

import pytest
from bad_forms import BAD_FORMS
from hypothesis import given, settings
from hypothesis import strategies as st
from small_line import DESKS, Files

from backend.interface.place import Place
from ivr.dialogue.call import Call
from ivr.dialogue.effects import HangUp, Listen, Wait
from ivr.dialogue.engine import Turn, advance
from ivr.dialogue.fields import Choice
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import FormCode, conduct
from ivr.dialogue.transcript import DialEnded, Entry, Keys, Silence
from ivr.forms.payment_day import payment_day
from ivr.walk.explorer import BEGAN, Exploration, until_the_records
from ivr.walk.fake_environment import ENVIRONMENTS
from ivr.walk.inputs import KEYS, OUTCOMES, inputs
from ivr.walk.proof import keys_of, prove
from ivr.walk.termination import endless_habits
from menus.loader import Line
from tests.support.runs.examples import examples

A_FORM: dict[str, FormCode] = {"payment_day": payment_day}


@pytest.fixture
def line(files: Files) -> Line:
    files.complete()
    return files.load()


def met(turn: Turn) -> tuple[str, Wait]:
    """What a caller meets, at whatever pace; a transfer is walked once for all its questions."""
    place = Place.parse(turn.place)
    anywhere = place.step in ("dial", "path", "end") or place.prompt.startswith("transfer.")
    wait = turn.wait
    if isinstance(wait, Listen):
        wait = Listen(wait.digits, wait.finish_on_key, timeout=0)
    return str(place._replace(path="") if anywhere else place), wait


def test_no_random_caller_comes_where_the_walk_was_not(line: Line) -> None:
    walk = Exploration(line.tree, DESKS, A_FORM)
    walk.explore(lambda _walked, _known: None)
    known = {met(state.turn) for state in walk.states.values()}
    setting = CallSetting(walk.tree, DESKS)
    forms = until_the_records(A_FORM)
    paths = [node.path.replace(".", "") for node in line.tree.walk() if node.path]

    async def dialogue(call: Call) -> None:
        await conduct(call, forms)

    @settings(max_examples=examples(150))
    @given(st.data())
    def wander(data: st.DataObject) -> None:
        transcript: list[Entry] = [BEGAN]
        for _ in range(16):
            turn = advance(dialogue, setting, transcript, data.draw(st.sampled_from(ENVIRONMENTS)))
            assert met(turn) in known
            if isinstance(turn.wait, HangUp):
                return
            heard = data.draw(st.sampled_from(inputs(turn.wait, paths)))
            transcript += [*turn.added, heard]

    wander()


def test_each_step_of_the_walk_is_that_of_a_call_from_its_first_words(line: Line) -> None:
    walk = Exploration(line.tree, DESKS, A_FORM)
    walk.explore(lambda _walked, _known: None)
    setting = CallSetting(walk.tree, DESKS)
    forms = until_the_records(A_FORM)
    steps = [(state, *step) for state in walk.states.values() for step in state.leads_to]

    async def dialogue(call: Call) -> None:
        await conduct(call, forms)

    some = Random(1).sample(steps, examples(150))  # noqa: S311 - the same in each run
    for state, heard, after in some:
        transcript = (*state.transcript, heard)
        turns = [advance(dialogue, setting, transcript, answers) for answers in ENVIRONMENTS]
        assert met(after.turn) in map(met, turns)
    for state in walk.states.values():
        turn = advance(dialogue, setting, state.transcript, None)
        assert (turn.said, turn.place) == (state.turn.said, state.turn.place)


def test_a_copied_call_shares_nothing_that_changes(line: Line) -> None:
    call = Call(CallSetting(line.tree, DESKS), BEGAN)
    copied = vars(call.copied())
    changing = {name for name, value in vars(call).items() if isinstance(value, list | dict | set)}
    assert changing
    assert {name for name in changing if copied[name] is vars(call)[name]} == set()


def test_a_form_that_goes_on_after_the_caller_has_hung_up_is_found(line: Line) -> None:
    async def clings(call: Call) -> None:
        try:
            await call.ask("form.after", Choice("1"))
        finally:
            await call.ask("form.after", Choice("2"))

    (finding, *_) = prove(line, A_FORM | {"payment_day": clings}, DESKS).findings
    assert finding.code == "walk-failed"
    assert "ignored GeneratorExit" in finding.message


def test_a_query_of_the_menu_that_the_walk_cannot_answer_is_told(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.interface.queries import FindMandate
    from ivr.dialogue import menu

    monkeypatch.setattr(menu, "FindCaller", lambda _: FindMandate("1"))
    (finding,) = prove(line, A_FORM, DESKS).findings
    assert "ivr.walk.fake_environment has no answer to FindMandate" in finding.message


def test_a_caller_whom_no_limit_stops_is_found(line: Line) -> None:
    assert list(endless_habits(line.tree, DESKS, A_FORM)) == []

    async def chats(call: Call) -> None:
        # It waits past the line's own listening, so that no turn is counted.
        while True:
            await call.dial("general", "chat")

    habits = list(endless_habits(line.tree, DESKS, A_FORM | {"payment_day": chats}))
    assert ["3", "9"] in habits


def test_what_was_done_is_told_as_the_terminal_phone_takes_it() -> None:
    done = [BEGAN, Keys("2"), Silence(), Keys("#"), DialEnded("busy"), Keys("*2112")]
    assert keys_of(done) == "2 - # (busy) *2112"
    assert keys_of([BEGAN]) == "(none)"
    assert keys_of([Keys("1")] * 40).startswith("… 1 1")


def test_every_key_is_tried_where_one_is_awaited() -> None:
    assert set(KEYS) == set("0123456789*#")
    assert "no-answer" in OUTCOMES


def test_the_bad_forms_are_all_of_use(files: Files) -> None:
    used = "".join(
        path.read_text("utf-8")
        for path in (Path(__file__).parents[2] / "data" / "bad_trees").glob("walk-*.yaml")
    )
    assert [name for name in BAD_FORMS if f"uses: {name}" not in used] == []

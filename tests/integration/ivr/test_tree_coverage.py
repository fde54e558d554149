"""No corner of the tree goes unvisited: by keys in Hungarian, or by path in English."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.desks import load_desks
from menus.loader import Line
from menus.slots import Key, Text
from menus.tree import Form, Goto, Info, Menu, Node, Transfer
from settings import Settings
from simulator.voice.call import SimulatedCall
from simulator.voice.events import Dialled
from tests.support.calls.scenario import Scenario, normal, scenarios
from tests.support.calls.shipped_lines import shipped_line
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange, place
from tests.support.runs.examples import all_asked_for

FRIDAY = "2026-11-20 10:00"


@pytest.fixture(scope="module")
def line() -> Line:
    return shipped_line()


@pytest.fixture
def exchange(tmp_path: Path, sqlite_template: Path) -> Iterator[Exchange]:
    path = shutil.copy(sqlite_template, tmp_path / "records.db")
    with Exchange(f"sqlite:///{path}", Clock.at(FRIDAY)) as exchange:
        yield exchange


def test_every_leaf_answers_by_its_keys_in_hungarian(exchange: Exchange, line: Line) -> None:
    language = "hu"
    for leaf in leaves(line, "keys"):
        call = dial(exchange, language)
        menu: Node = line.tree.root
        for key in leaf.path.split("."):
            assert isinstance(menu, Menu)
            for option in menu.options:
                assert_heard(call, line, language, Text(option.prompt, (("key", Key(option.key)),)))
            call.press(key)
            menu = next(option.node for option in menu.options if option.key == key)
        assert_is_at(exchange, call, line, language, leaf)


def test_every_leaf_answers_by_its_path_in_english(exchange: Exchange, line: Line) -> None:
    language = "en"
    for leaf in leaves(line, "path"):
        call = dial(exchange, language)
        call.type(f"*{leaf.path.replace('.', '')}#")
        assert_is_at(exchange, call, line, language, leaf)


def leaves(line: Line, way: str) -> list[Node]:
    """Those that are reached in this way; in the short run each is reached in one of the two."""
    every = [node for node in line.tree.walk() if not isinstance(node, Menu)]
    by_path = [node for node in every if "." in node.path]
    if all_asked_for():
        return by_path if way == "path" else every
    return by_path[::2] if way == "path" else [leaf for leaf in every if leaf not in by_path[::2]]


def dial(exchange: Exchange, language: str) -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    # A number that chose English before is greeted in it.
    if language == "en" and "For English" in call.last_heard:
        call.press("8")
    return call


def assert_is_at(
    exchange: Exchange, call: SimulatedCall, line: Line, language: str, leaf: Node
) -> None:
    """The call stands at the leaf, and has told or connected what it is there for."""
    node = line.tree.target(leaf) if isinstance(leaf, Goto) else leaf
    match node:
        case Info(statements=statements):
            for statement in statements:
                if statement in node.rests:
                    call.silence()
                assert_heard(call, line, language, Text(statement))
        case Transfer(desk=desk, say=say):
            assert_heard(call, line, language, Text(say))
            number = load_desks(Settings().desks).desks[desk].number
            assert [e.number for e in call.events if isinstance(e, Dialled)] == [number]
    call.hang_up()
    assert (call.errors, call.warnings) == ([], [])
    assert place(exchange.app.extensions["engine"], call.sid).startswith(f"{node.path} ")


def assert_heard(call: SimulatedCall, line: Line, language: str, text: Text) -> None:
    sentence = line.phrasebooks[language].speak(text).replace("|", "…")
    assert normal(sentence) in normal(call.last_heard), text.prompt


def test_every_form_has_a_scenario_that_leads_to_it(line: Line) -> None:
    electricity = [each for each in scenarios() if each.line == "electricity"]
    visited = {node.id for scenario in electricity for node in forms_of(scenario, line)}
    forms = {node.id for node in line.tree.walk() if isinstance(node, Form)}
    assert forms - visited == set()


def forms_of(scenario: Scenario, line: Line) -> Iterator[Form]:
    """The first form that each call of a scenario leads to, by what its keys mean to the tree."""
    node: Node = line.tree.root
    for verb, argument in scenario.steps:
        if verb == "dials":
            node = line.tree.root
        for keys in str(argument).split() if verb == "keys" else ():
            if isinstance(node, Menu):
                below = {option.key: option.node for option in node.options}
                dialled = line.tree.dial(keys.strip("*#")) if keys[:1] == "*" else None
                node = dialled or below.get(keys, node)
                if isinstance(node, Form):
                    yield node


def test_the_caller_scenarios_of_the_domain_are_all_written_down() -> None:
    cases = {scenario.case for scenario in scenarios()}
    elsewhere = {29, 30}  # the same webhook twice, and a wrong signature: test_webhooks.py
    not_in_this_tree = {34}  # outages by area
    assert set(range(1, 35)) - elsewhere - not_in_this_tree <= cases

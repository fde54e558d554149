"""Sentences and code fit together: what the code says is on the list, and the reverse."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import ivr
from backend.desks import CLOSED_DAYS, load_desks
from backend.interface.answers import TimeOfDay
from ivr.code_prompts import REQUIRED, SPOKEN, WRITTEN
from ivr.forms import FORMS
from ivr.forms.ordinals import NAMED_ORDINALS
from ivr.forms.receipt_lookup import KINDS
from menus.line_checks import check_line
from menus.prompt_usage import LINE_WORD, label_prompt, spoken_prompts
from settings import HERE, Settings
from tests.support.calls.shipped_lines import shipped_line

_PROMPT = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+|goodbye|technical_fault")
TREES = (Settings().menu_tree, HERE / "menus" / "trees" / "heat.yaml")
_NO_SLOTS = {
    "reason",
    "closed",
    "stay",
    "before",
    "step",
    "patience",
    "failed",
    "max_noinput",
    "must_be_heard",
}
_REGISTERS = ("single", "day", "night", "controlled")
_BY_KIND = ("noinput", "help", "slower", "usual_pace")
_MADE_IN_CODE = {
    *(f"ordinal.{place}" for place in range(1, NAMED_ORDINALS + 1)),
    *(f"meter_reading.which.{name}" for name in _REGISTERS),
    *(f"meter_reading.name.{name}" for name in _REGISTERS),
    *(f"{family}.{kind}" for family in _BY_KIND for kind in ("choice", "entry")),
    *(f"receipt_lookup.kind.{kind}" for kind in {*KINDS, "other"}),
    *(f"callback.time.{time}" for time in get_args(TimeOfDay)),
    *(f"closed_day.{reason}" for reason in CLOSED_DAYS),
    "technical_fault",
}
"""Prompts whose ids are put together, or said by the edge."""


def nodes() -> Iterator[ast.AST]:
    folder = Path(ivr.__file__).parent
    for path in [*folder.glob("dialogue/*.py"), *folder.glob("forms/*.py")]:
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def prompt_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if _PROMPT.fullmatch(node.value) else None
    return None


def test_the_list_holds_what_the_code_says_and_nothing_else() -> None:
    said = {prompt for node in nodes() if (prompt := prompt_of(node))}
    assert set(SPOKEN) == said | _MADE_IN_CODE


def test_the_list_of_what_is_written_is_what_the_menu_by_message_says() -> None:
    source = (Path(ivr.__file__).parent / "menu_by_sms.py").read_text("utf-8")
    said = {prompt for node in ast.walk(ast.parse(source)) if (prompt := prompt_of(node))}
    assert {prompt for prompt in said if prompt.startswith("topics.")} == set(WRITTEN)


def test_the_list_knows_the_slots_that_the_code_fills() -> None:
    for node in nodes():
        if isinstance(node, ast.Call) and node.args and (prompt := prompt_of(node.args[0])):
            filled = {str(keyword.arg) for keyword in node.keywords} - _NO_SLOTS - {"None"}
            assert filled <= SPOKEN[prompt], prompt


def test_no_prompt_is_written_that_nothing_says() -> None:
    lines = [shipped_line(tree) for tree in TREES]
    of_trees = {spoken.prompt for line in lines for spoken in spoken_prompts(line.tree)}
    # What a statement says in a message, in the place of what it says to the ear.
    of_trees |= {f"written.{prompt.partition('.')[2]}" for prompt in of_trees}
    of_trees |= {label_prompt(prompt) for prompt in of_trees if prompt.startswith("options.")}
    for line in lines:
        for book in line.phrasebooks.values():
            assert book.ids - REQUIRED.keys() - of_trees - {LINE_WORD} == set()


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.stem)
def test_the_shipped_trees_are_fit_for_callers(tree: Path) -> None:
    line = shipped_line(tree)
    others = [shipped_line(other) for other in TREES if other != tree]
    findings = check_line(
        line,
        forms=FORMS,
        desks=load_desks(HERE / ("heat_desks.yaml" if tree.stem == "heat" else "desks.yaml")).desks,
        required_prompts=REQUIRED,
        spoken_elsewhere={said.prompt for other in others for said in spoken_prompts(other.tree)},
    )
    assert [str(finding) for finding in findings] == []

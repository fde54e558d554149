"""The record of acts: what is written to it is enumerated, and nothing in it is ever changed."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backend.staff.audit import ACTS

ROOT = Path(__file__).parents[3]
ROOMS = ("backend", "cli", "console", "ivr", "messages", "simulator")
CHANGES = {"update", "delete"}


def _calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            if "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield file, node, _name(node.func)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_every_act_that_is_recorded_is_enumerated() -> None:
    recorded = {
        node.args[2].value
        for _file, node, name in _calls()
        if name == "record_act" and isinstance(node.args[2], ast.Constant)
    }
    assert recorded <= set(ACTS), "enter it in ACTS and give it words (logged act)"
    assert len(recorded) > 20


def test_no_code_changes_or_deletes_an_act() -> None:
    changed = [
        f"{file}:{node.lineno}"
        for file, node, name in _calls()
        if (name in CHANGES and any(_name(each) == "acts" for each in node.args))
        or (name in CHANGES and ast.unparse(node.func).startswith("acts."))
    ]
    assert changed == []

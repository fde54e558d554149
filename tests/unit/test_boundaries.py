"""What the import rules of ``pyproject.toml`` cannot say: modules, clocks and views."""

import ast
from pathlib import Path

import pytest

from settings import HERE

ROOMS = ("backend", "common", "carrier", "ivr", "menus", "simulator", "sms")
PURE = ("common", "ivr/dialogue", "ivr/forms", "menus", "messages/content", "backend/rules")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((HERE / folder).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", sources(*ROOMS), ids=lambda path: str(path.relative_to(HERE)))
def test_no_room_knows_how_it_is_wired_or_configured(path: Path) -> None:
    assert imported(path) & {"app", "settings", "cli", "tests", "benchmarks"} == set()


@pytest.mark.parametrize("path", sources(*PURE), ids=lambda path: str(path.relative_to(HERE)))
def test_the_pure_rooms_read_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_a_class = isinstance(node.func.value, ast.Name)
            reads = of_a_class and node.func.value.id in {"datetime", "date", "time"}
            assert not (reads and node.func.attr in CLOCKS), f"{path.name}:{node.lineno}"


def test_views_parse_call_one_thing_and_render() -> None:
    tree = ast.parse((HERE / "ivr" / "webhooks.py").read_text("utf-8"))
    views = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("blueprint" in ast.unparse(mark) for mark in node.decorator_list)
    ]
    assert len(views) >= 4
    for view in views:
        assert view.end_lineno is not None
        assert view.end_lineno - view.lineno < 15, view.name

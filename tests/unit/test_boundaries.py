"""What the import rules of ``pyproject.toml`` cannot say: modules, clocks and views."""

import ast
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from settings import HERE

ROOMS = ("backend", "common", "carrier", "ivr", "menus", "messages", "simulator", "sms")
PURE = ("common", "ivr/dialogue", "ivr/forms", "menus", "messages/content", "backend/rules")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
WIRING = {"app", "settings", "cli", "tests", "benchmarks"}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Each file of the rooms, by its place in the project, and what is in it."""
    for folder in folders:
        paths = sorted((HERE / folder).rglob("*.py"))
        assert paths, folder
        for path in paths:
            yield str(path.relative_to(HERE)), parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_no_room_knows_how_it_is_wired_or_configured() -> None:
    known = {place: imported(tree) & WIRING for place, tree in sources(*ROOMS)}
    assert {place: names for place, names in known.items() if names} == {}


def test_the_console_opens_no_connection_by_itself() -> None:
    # Import rules know packages from elsewhere as a whole, and ``urllib.parse`` is harmless.
    own = {"socket", "http.client", "urllib.request"}
    known = {
        f"{place}: {name}"
        for place, tree in sources("console")
        for node in ast.walk(tree)
        for name in _modules(node)
        if name in own
    }
    assert known == set()


def _modules(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def test_the_pure_rooms_read_no_clock() -> None:
    reads = [
        f"{place}:{node.lineno}"
        for place, tree in sources(*PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_reading_of_clock(node.func)
    ]
    assert reads == []


def is_reading_of_clock(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in {"datetime", "date", "time"}
        and function.attr in CLOCKS
    )


def test_views_parse_call_one_thing_and_render() -> None:
    views = [
        node
        for node in ast.walk(parsed(HERE / "ivr" / "webhooks.py"))
        if isinstance(node, ast.FunctionDef)
        and any("blueprint" in ast.unparse(mark) for mark in node.decorator_list)
    ]
    assert len(views) >= 4
    for view in views:
        assert view.end_lineno is not None
        assert view.end_lineno - view.lineno < 15, view.name


def test_no_files_import_each_other_in_a_circle() -> None:
    trees = dict(sources(*ROOMS, "cli"))
    trees |= {name: parsed(HERE / name) for name in ("app.py", "service.py", "settings.py")}
    modules = {module_of(place): tree for place, tree in trees.items()}
    graph = {
        name: {each for each in imported_modules(tree, modules.keys()) if each != name}
        for name, tree in modules.items()
    }
    assert len(graph) > 250
    # Raises CycleError, which names the files of the circle.
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(graph)


def module_of(place: str) -> str:
    return place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def imported_modules(tree: ast.Module, known: Collection[str]) -> Iterator[str]:
    """The project's own files that a file imports, for its types too and within functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                name = inner if inner in known else node.module
                if name in known:
                    yield name

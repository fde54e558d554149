"""What the import rules of ``pyproject.toml`` cannot say: modules, clocks and views."""

import ast
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from settings import HERE
from tests.support.project.project_files import calls, python_files, text_of

ROOMS = (
    *("api", "backend", "carrier", "common", "console", "ivr", "menus", "messages", "simulator"),
    *("sms", "telemetry", "web_server"),
)
PURE = (
    *("common", "ivr/dialogue", "ivr/forms", "menus", "messages/content", "backend/rules"),
    "backend/interface",
)
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
WIRING = {"app", "service", "settings", "settings_environment", "cli", "tests", "benchmarks"}


@cache
def imports(path: Path) -> tuple[tuple[str, str], ...]:
    """What a file imports, for its types too and within functions: module and name of each."""
    found: list[tuple[str, str]] = []
    for node in _statements(ast.parse(text_of(path)).body):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
    return tuple(found)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All of them with those within; what stands in expressions is most of a file."""
    for statement in body:
        yield statement
        for _name, within in ast.iter_fields(statement):
            if not isinstance(within, list):
                continue
            for each in within:
                if isinstance(each, ast.stmt):
                    yield from _statements([each])
                elif isinstance(each, ast.ExceptHandler | ast.match_case):
                    yield from _statements(each.body)


def test_no_room_knows_how_it_is_wired_or_configured() -> None:
    known = {
        f"{path}: {module}"
        for path in python_files(*ROOMS)
        for module, _ in imports(path)
        if module.split(".")[0] in WIRING
    }
    assert known == set()


def test_the_console_opens_no_connection_by_itself() -> None:
    # Import rules know packages from elsewhere as a whole, and ``urllib.parse`` is harmless.
    own = {"socket", "http.client", "urllib.request"}
    known = {
        f"{path}: {module} {name}"
        for path in python_files("console")
        for module, name in imports(path)
        if module in own or f"{module}.{name}" in own
    }
    assert known == set()


def test_the_pure_rooms_read_no_clock() -> None:
    reads = [
        f"{path}:{call.lineno}"
        for path, call in calls(*PURE, of=CLOCKS)
        if is_reading_of_clock(call.func)
    ]
    assert reads == []


def is_reading_of_clock(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in {"datetime", "date", "time"}
    )


def test_views_parse_call_one_thing_and_render() -> None:
    views = [
        node
        for node in ast.walk(ast.parse(text_of(HERE / "ivr" / "webhooks.py")))
        if isinstance(node, ast.FunctionDef)
        and any("blueprint" in ast.unparse(mark) for mark in node.decorator_list)
    ]
    assert len(views) >= 4
    for view in views:
        assert view.end_lineno is not None
        assert view.end_lineno - view.lineno < 15, view.name


def test_no_files_import_each_other_in_a_circle() -> None:
    top = (HERE / name for name in ("app.py", "service.py", "service_files.py", "settings.py"))
    modules = {module_of(path): path for path in (*python_files(*ROOMS, "cli"), *top)}
    graph = {
        name: {each for each in imported_modules(path, modules.keys()) if each != name}
        for name, path in modules.items()
    }
    assert len(graph) > 500
    # Raises CycleError, which names the files of the circle.
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(graph)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(HERE).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path, known: Collection[str]) -> Iterator[str]:
    """The project's own files that a file imports."""
    for module, name in imports(path):
        inner = f"{module}.{name}"
        found = inner if inner in known else module
        if found in known:
            yield found

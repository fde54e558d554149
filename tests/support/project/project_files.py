"""The project's own files and what is in them, each read once a run."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from settings import HERE

_SET_UP_OR_LEFT = {"var", "node_modules", "__pycache__"}


@cache
def project_files() -> tuple[Path, ...]:
    """All files, without what was set up or left beside them."""
    return tuple(_below(str(HERE)))


def _below(folder: str) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name not in _SET_UP_OR_LEFT
        )
        yield from (Path(where, name) for name in sorted(names))


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def python_files(*rooms: str) -> Iterator[Path]:
    """The Python files of these folders of the project; a room may be a single file, too."""
    for room in rooms:
        single = HERE / f"{room}.py"
        found = [
            path
            for path in project_files()
            if path == single or (path.suffix == ".py" and path.is_relative_to(HERE / room))
        ]
        assert found, room
        yield from found


def calls(*rooms: str, of: set[str]) -> Iterator[tuple[Path, ast.Call]]:
    """The calls of functions and methods of these names; files without a name are not parsed."""
    for path in python_files(*rooms):
        if any(f"{name}(" in text_of(path) for name in of):
            for node in ast.walk(ast.parse(text_of(path))):
                if isinstance(node, ast.Call) and called(node.func) in of:
                    yield path, node


def called(function: ast.expr) -> str:
    """The last part of a function's name; nothing of one that has none."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""

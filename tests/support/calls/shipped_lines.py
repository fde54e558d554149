"""The lines of the service, each loaded once a run: nothing changes a line once it is loaded."""

from functools import cache
from pathlib import Path

from menus.loader import Line, load_line
from settings import HERE

ELECTRICITY = HERE / "menu_tree.yaml"
HEAT = HERE / "menus" / "trees" / "heat.yaml"


def shipped_line(tree: Path = ELECTRICITY) -> Line:
    """The line of one of the shipped trees."""
    return _loaded(tree.resolve())


@cache
def _loaded(tree: Path) -> Line:
    return load_line(tree, HERE / "menus" / "prompts")

"""``zoldszam menu``: check a tree before callers meet it, look at it, and hand it on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.support.lazy_group import Lazy, LazyGroup

if TYPE_CHECKING:
    from cli.menu.surroundings import TreeSurroundings

COMMANDS = {
    "check": Lazy("cli.menu.check", "check_command", "Prove that a tree is fit for callers."),
    "diff": Lazy(
        "cli.menu.exports",
        "diff_command",
        "Tell in words what is different between two trees and their sentences.",
    ),
    "draw": Lazy(
        "cli.menu.draw",
        "draw_command",
        "Draw a tree: as a Mermaid flowchart, which code hosts show as a picture, or as SVG.",
    ),
    "guide": Lazy(
        "cli.menu.exports",
        "guide_command",
        "Write a guide for customers: every item with its keys, the numbers and the agents' hours.",
    ),
    "listen": Lazy(
        "cli.menu.listen",
        "listen_command",
        "Tell what a caller hears, sentence by sentence, with the second at which each begins.",
    ),
    "phrases": Lazy(
        "cli.menu.exports",
        "phrases_command",
        "List all sentences of a language: where each is said, its slots, about how long it takes.",
    ),
    "schema": Lazy(
        "cli.menu.exports",
        "schema_command",
        "Print the menu language as JSON Schema, so that editors complete and check a tree.",
    ),
    "show": Lazy(
        "cli.menu.show",
        "show_command",
        "Print a tree, one line a node: its path, kind and id, and what the caller hears of it.",
    ),
}


def menu_group(surroundings_for: "Callable[[Path], TreeSurroundings]") -> click.Group:
    """The commands, given what tells the forms, desks and prompts around a tree."""

    @click.group("menu", cls=LazyGroup, lazy=COMMANDS, context_settings={"obj": surroundings_for})
    def group() -> None:
        """Check and show the menu tree: everything that a caller can reach.

        TREE is a YAML file; without one the variable MENU_TREE names it, or else it is
        menu_tree.yaml. The sentences are in the folder menus/prompts, one file a language. A tree
        that LINES_FILE, or else the shipped lines.yaml, names has the desks, sentences, languages
        and opening that are named there.
        docs/menu.md explains the language and each command.
        """

    return group


def _surroundings_of(tree: Path) -> "TreeSurroundings":
    # Most commands need none.
    from cli.menu.surroundings import surroundings_of

    return surroundings_of(tree)


menu_command = menu_group(_surroundings_of)

"""What the places of a menu are about, as its options name them: paths move, topics stay."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from backend.calls.call_statistics import Dialled, Place
from ivr.lines.entries import LineEntry
from menus.loader import Line
from menus.prompt_usage import option_label
from menus.tree import Node

FIRST_MENU = "-"
"""The path of the first menu as calls keep it."""

EARLIER_TREE = "(an earlier tree)"


def topic_of(line: Line, node: Node, language: str) -> str:
    """What an option is about, else its id. ``KeyError`` for a language that it does not speak."""
    return option_label(line.phrasebooks[language], node.id) or node.id


def topics_of(line: Line, language: str, first_menu: str) -> Iterator[tuple[str, str]]:
    """Each path of the line with its topic."""
    yield FIRST_MENU, first_menu
    for node in line.tree.walk():
        if node.path:
            yield node.path, topic_of(line, node, language)


def by_topic(places: Mapping[Place, int], topics: Mapping[Place, str]) -> Counter[str]:
    """Counts of places as counts of topics; those of trees that are not in use are one topic."""
    known = {tree for tree, _ in topics}
    named: Counter[str] = Counter()
    for (tree, path), number in places.items():
        named[topics.get((tree, path), path) if tree in known else EARLIER_TREE] += number
    return named


def dialled_for(entries: Sequence[LineEntry], name: str) -> Dialled:
    """Which calls are the line's: the first line has all those that no other line names."""
    first, *others = entries
    if name == first.name:
        named = {number for entry in others for number in entry.numbers}
        return Dialled(frozenset(named), excepted=True)
    return Dialled(next(frozenset(entry.numbers) for entry in others if entry.name == name))

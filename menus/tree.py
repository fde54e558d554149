"""The menu tree as the dialogue walks it: sound, immutable, every look-up in one step.

A node has an id, which is stable and names its prompts, and a path, which is the keys that lead to
it ("2.1.1.2"; the first menu's is ""). Only the loader builds trees, and it refuses one whose ids
repeat, whose keys have gaps or whose goto leads nowhere, so the methods need no second thoughts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

OPERATOR_KEY = "0"
PACE_KEY = "7"
LANGUAGE_KEY = "8"
BACK_KEY = "9"
PATH_KEY = "*"
TEXT_KEY = "2"
"""Has what was told sent in writing, where that is offered."""

REPEAT_KEY = "#"


@dataclass(frozen=True, slots=True)
class Limits:
    """Patience with a caller, and what is asked of theirs. Times are in seconds.

    ``timeout`` restarts with every key. ``first_option`` and ``sixth_option`` are when these begin
    at the latest, counted from the start of the call; ``item`` is how long something may be told
    in one piece.
    """

    timeout: int = 6
    entry_timeout: int = 15
    max_noinput: int = 3
    max_nomatch: int = 3
    max_faults: int = 9
    max_turns: int = 200
    first_option: int = 11
    sixth_option: int = 30
    item: int = 25


@dataclass(frozen=True, slots=True)
class Option:
    """A key of a menu, and what it leads to."""

    key: str
    node: "Node"

    @property
    def prompt(self) -> str:
        """The sentence that offers this option; its only slot is ``key``."""
        return f"options.{self.node.id}"


@dataclass(frozen=True, slots=True)
class Menu:
    """Options to choose from, in the order of their keys, with this menu's own patience.

    ``say`` is the introduction ``menus.<id>`` when any phrasebook has it.
    """

    id: str
    path: str
    say: str | None
    options: tuple[Option, ...]
    timeout: int
    max_noinput: int
    max_nomatch: int


@dataclass(frozen=True, slots=True)
class Form:
    """A transaction, by the name of its form."""

    id: str
    path: str
    form: str


@dataclass(frozen=True, slots=True)
class Info:
    """Statements that are said one after the other, by their prompt ids.

    Before each of ``rests`` the line waits a moment and offers the way back. ``text`` is the prompt
    ``texts.<id>`` when any phrasebook has it: what is sent to a caller who wants it in writing.
    """

    id: str
    path: str
    statements: tuple[str, ...]
    text: str | None = None
    rests: tuple[str, ...] = ()

    def stretches(self) -> tuple[tuple[str, ...], ...]:
        """The statements as they are heard in one piece, from each rest to the next."""
        stretches: list[tuple[str, ...]] = [()]
        for statement in self.statements:
            if statement in self.rests and stretches[-1]:
                stretches.append(())
            stretches[-1] += (statement,)
        return tuple(stretches)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A person at a desk.

    ``statements`` are told in any case, ``say`` before connecting, ``closed`` (slot ``hours``) when
    the desk does not answer at this hour. ``offers`` are the ids of what helps at any hour.
    """

    id: str
    path: str
    desk: str
    say: str
    closed: str = "transfer.closed"
    statements: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goto:
    """Another way to the node whose id is ``target``."""

    id: str
    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """A farewell, the prompt ``say``, and the end of the call."""

    id: str
    path: str
    say: str


Node: TypeAlias = Menu | Form | Info | Transfer | Goto | Hangup


@dataclass(frozen=True, eq=False)
class Tree:
    """One line's menus. ``operator`` is the desk behind key 0; the first language begins a call.

    ``offers`` are the ids of what helps a caller while the operator's desk is closed.

    ``rules`` are the ids of the domain's rules that a form keeps or a transfer serves, by the
    node's id, and that a statement tells, by its prompt id.
    """

    service: str
    languages: tuple[str, ...]
    opening: tuple[str, ...]
    limits: Limits
    operator: str
    published_paths: Mapping[str, str]
    root: Menu
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    _by_id: dict[str, Node] = field(init=False, repr=False, default_factory=dict)
    _by_path: dict[str, Node] = field(init=False, repr=False, default_factory=dict)
    _by_digits: dict[str, Node] = field(init=False, repr=False, default_factory=dict)
    _parents: dict[str, Menu] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.walk():
            self._by_id[node.id] = node
            self._by_path[node.path] = node
            self._by_digits[node.path.replace(".", "")] = node
            if isinstance(node, Menu):
                self._parents.update((option.node.id, node) for option in node.options)

    def walk(self) -> Iterator[Node]:
        """Every node, the first menu at the head and each menu before what it offers."""
        waiting: list[Node] = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Menu):
                waiting.extend(option.node for option in reversed(node.options))

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._by_id

    def node(self, node_id: str) -> Node:
        """The node of that id; KeyError when the tree has none."""
        return self._by_id[node_id]

    def at(self, path: str) -> Node | None:
        """The node at a path such as "2.1.1.2", or None; "" is the first menu."""
        return self._by_path.get(path)

    def dial(self, digits: str) -> Node | None:
        """The node at a path dialled without dots ("2112" is 2.1.1.2), or None."""
        return self._by_digits.get(digits) if digits else None

    def parent(self, node: Node) -> Menu | None:
        """The menu that offers the node; None for the first menu."""
        return self._parents.get(node.id)

    def target(self, node: Node) -> Node:
        """Where a choice ends: the node itself, or what its goto leads to in the end."""
        while isinstance(node, Goto):
            node = self._by_id[node.target]
        return node

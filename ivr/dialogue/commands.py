"""Global keys: what they are, and what keys mean that are none of them."""

from __future__ import annotations

from ivr.dialogue.fields import Field, MenuPath, Rejected
from menus.tree import (
    BACK_KEY,
    LANGUAGE_KEY,
    OPERATOR_KEY,
    PACE_KEY,
    PATH_KEY,
    REPEAT_KEY,
    Node,
    Tree,
)

LONE_COMMANDS = frozenset({OPERATOR_KEY, BACK_KEY})
"""Commands also where a number is typed, of one key alone."""

MENU_COMMANDS = LONE_COMMANDS | {LANGUAGE_KEY}
STARRED_COMMANDS = MENU_COMMANDS | {PACE_KEY}


def typed_path(tree: Tree, begun: str, keys: str) -> Node | Rejected:
    """Where the keys lead to, of whose path the caller may have typed the beginning before."""
    typed = MenuPath().read(keys)
    if isinstance(typed, Rejected):
        return typed
    # Who was asked for the number may go on with it, or begin it again.
    return _dialled(tree, begun + typed if tree.dial(begun + typed) is not None else typed)


def _dialled(tree: Tree, digits: str) -> Node | Rejected:
    """The node of a path.

    One digit is no path to dial: it may be what was left of "53" when its first key was pressed
    while the carrier was still fetching this entry, and would lead to somewhere else.
    """
    if len(digits) < 2:
        return Rejected("path.one_digit")
    return tree.dial(digits) or Rejected("path.unknown")


def only_rejected(keys: str, field: Field[object]) -> Rejected | None:
    """What a field says to keys that it does not take and that are no command at any question.

    A question goes on in the same way after all keys that are rejected in the same words.
    """
    if keys in ("", REPEAT_KEY) or keys.startswith(PATH_KEY) or keys in STARRED_COMMANDS:
        return None
    outcome = field.read(keys)
    return outcome if isinstance(outcome, Rejected) else None

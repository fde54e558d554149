"""Global keys: what they are, and what keys mean that are none of them."""

from __future__ import annotations

from ivr.dialogue.fields import Field, MenuPath, Rejected
from menus.tree import (
    BACK_KEY,
    LANGUAGE_KEY,
    OPERATOR_KEY,
    PACE_KEY,
    Node,
    Tree,
)

_IN_ENTRIES = frozenset({OPERATOR_KEY, BACK_KEY})
_IN_MENUS = _IN_ENTRIES | {LANGUAGE_KEY}
STARRED_COMMANDS = _IN_MENUS | {PACE_KEY}
"""The commands that are obeyed anywhere behind the star key."""


def lone_commands(field: Field[object], *, offers_pace: bool) -> frozenset[str]:
    """The commands that are obeyed as keys of their own, where the field does not take them."""
    if not field.lone_keys_are_commands:
        return frozenset()
    if field.digits > 1:
        return _IN_ENTRIES
    return STARRED_COMMANDS if offers_pace else _IN_MENUS


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

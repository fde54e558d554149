"""Shapes of a drawn tree, and how wide its words are."""

from menus.tree import Form, Goto, Hangup, Info, Menu, Node, Transfer

WORDS_SIZE = 12
MOST_LINES = 4
INSET = {Form: 14, Transfer: 15, Goto: 12, Hangup: 12}
"""How far the slanted or round ends of a shape reach into it."""


def outline(kind: type[Node], x: float, y: float, width: float, height: float) -> str:
    """The shape that tells what a node is: a box, a sheet, a hexagon, an arrow or a stop sign."""
    right, bottom, middle = x + width, y + height, y + height / 2
    if kind in (Menu, Form):
        radius = 2 if kind is Menu else min(height / 2, 20)
        return (
            f'<rect class="frame" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            f' rx="{radius:g}"/>'
        )
    if kind is Info:  # a sheet of paper with its corner folded
        fold = min(11, height / 2)
        line = (
            f"M{x:g} {y:g}H{right - fold:g}L{right:g} {y + fold:g}V{bottom:g}H{x:g}Z"
            f"M{right - fold:g} {y:g}V{y + fold:g}H{right:g}"
        )
    elif kind is Transfer:  # a hexagon
        tip = min(11, height / 2)
        line = (
            f"M{x + tip:g} {y:g}H{right - tip:g}L{right:g} {middle:g}L{right - tip:g} {bottom:g}"
            f"H{x + tip:g}L{x:g} {middle:g}Z"
        )
    elif kind is Goto:  # an arrow to the right
        tip = min(11, height / 2)
        line = (
            f"M{x:g} {y:g}H{right - tip:g}L{right:g} {middle:g}L{right - tip:g} {bottom:g}H{x:g}Z"
        )
    else:  # a stop sign
        cut = min(8, height / 3)
        line = (
            f"M{x + cut:g} {y:g}H{right - cut:g}L{right:g} {y + cut:g}V{bottom - cut:g}"
            f"L{right - cut:g} {bottom:g}H{x + cut:g}L{x:g} {bottom - cut:g}V{y + cut:g}Z"
        )
    return f'<path class="frame" d="{line}"/>'


def wrapped(words: str, room: float) -> list[str]:
    """The words in lines that fit; what does not fit into the last line ends in an ellipsis."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, WORDS_SIZE) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]
    return lines


_NARROW = frozenset("iíjltfrI.,:;'|!()[]-/ ")
_BROAD = frozenset("mwMWÖŐ@%—…")


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a usual sans-serif face, rather too wide than too narrow."""
    widths = (
        0.36
        if letter in _NARROW
        else 0.92
        if letter in _BROAD
        else 0.7
        if letter.isupper()
        else 0.6
        for letter in text
    )
    return sum(widths) * size

"""A tree as a picture inside a page: its frames are links, and tell what the page adds to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from menus.exports.svg import HEAD, MARGIN, Drawing, inset
from menus.exports.svg_layout import FRAME_WIDTH, Frame, lay_out
from menus.exports.svg_shapes import wrapped
from menus.loader import Line
from menus.tree import Node

_ABOVE = 40
"""Where the page has the title, the picture by itself leaves room for it."""

_BAR_HEIGHT = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """What a page adds to a node: where its frame leads, and what it is called when read aloud.

    ``about`` is written in the frame in place of its label, ``note`` under it; ``share`` (0 to 1)
    is the length of a bar at its foot, ``None`` for no bar.
    """

    link: str
    name: str
    about: str = ""
    note: str = ""
    share: float | None = None
    is_chosen: bool = False


def inline_svg(
    line: Line,
    language: str,
    marks: Mapping[str, Mark],
    desks: Mapping[str, str],
    *,
    zoom: float = 1.0,
) -> str:
    """The tree as an ``<svg>`` whose looks are the page's own: classes, and no style of its own.

    ``marks`` has an entry for each node's id, ``desks`` what desks are called; ``zoom`` enlarges
    the whole. KeyError when the line does not speak the language.
    """
    drawing = _Inline(line, language, None, marks, desks)
    page = lay_out(line.tree.root, drawing.height, depth=None, top=HEAD)
    width, height = drawing.size(page)
    height -= _ABOVE
    opening = (
        f'<svg class="tree" viewBox="0 {_ABOVE} {width:.0f} {height:.0f}"'
        f' width="{width * zoom:.0f}" height="{height * zoom:.0f}" lang="{escape(language)}">'
    )
    parts = [
        opening,
        f'<g transform="translate({MARGIN} {MARGIN})">',
        *drawing.drawn(page),
        "</g></svg>",
    ]
    return "\n".join(parts)


@dataclass(frozen=True)
class _Inline(Drawing):
    marks: Mapping[str, Mark]
    desks: Mapping[str, str]

    def desk(self, name: str) -> str:
        return self.desks.get(name, name)

    def about(self, node: Node) -> str:
        return self.marks[node.id].about or super().about(node)

    def lines(self, node: Node) -> list[str]:
        note = self.marks[node.id].note
        return super().lines(node) + (wrapped(note, FRAME_WIDTH - 2 * inset(node)) if note else [])

    def height(self, node: Node) -> float:
        bar = 0 if self.marks[node.id].share is None else _BAR_HEIGHT
        return super().height(node) + bar

    def framed(self, frame: Frame, kind: str, inside: str) -> str:
        mark = self.marks[frame.node.id]
        chosen = ' aria-current="true"' if mark.is_chosen else ""
        marked = f"{kind} chosen" if mark.is_chosen else kind
        return (
            f'<a class="{marked}" href="{escape(mark.link)}" aria-label="{escape(mark.name)}"'
            f"{chosen}>{inside}{_bar(frame, mark)}</a>"
        )


def _bar(frame: Frame, mark: Mark) -> str:
    if not mark.share:
        return ""
    room = FRAME_WIDTH - 2 * inset(frame.node)
    x, y = frame.x + inset(frame.node), frame.y + frame.height - _BAR_HEIGHT - 4
    width = max(room * min(mark.share, 1.0), 2.0)
    return f'<rect class="share" x="{x:g}" y="{y:g}" width="{width:.1f}" height="{_BAR_HEIGHT}"/>'

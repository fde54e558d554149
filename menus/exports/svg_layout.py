"""Layout of a tree on a page: tidy, left to right, as large as paper allows.

Each subtree stands with its frames in one column a level, every frame in the middle of what it
offers, and neighbours as near to each other as the frames of their levels let them. What the first
menu offers is then folded, like the text of a newspaper, into the columns in which the whole fills
a landscape page best.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from menus.tree import Menu, Node, Option

PAGE = math.sqrt(2)
"""Width to height of A4, A3 and their like, landscape."""

FRAME_WIDTH = 184
ROW_GAP = 8
SUBTREE_GAP = 20
COLUMN_GAP = 24
TRUNK = 12
"""How far a column's trunk stands from its left edge, and a fork from the frame before it."""

PATH_GAP = 4
"""Between the path at a line's end and the frame after it, at least; and the line before it."""

_DIGIT, _DOT = 7.6, 4.2
"""How wide the signs of a path are in a broad face."""
_LEAST_GAP = 36

_MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """A node's frame: its upper left corner and its height."""

    node: Node
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        """The height at which lines come in and go out."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + FRAME_WIDTH


@dataclass(frozen=True, slots=True)
class Edge:
    """A line to a frame from the one before it, bent at ``bend``, or from a column's trunk.

    The frame's path has room between ``bend`` and the frame.
    """

    before: Frame | None
    after: Frame
    bend: float


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is drawn below ``top``; ``trunks`` are the columns' vertical lines."""

    frames: tuple[Frame, ...]
    edges: tuple[Edge, ...]
    trunks: tuple[float, ...]
    width: float
    height: float


def lay_out(
    root: Menu, height_of: Callable[[Node], float], *, depth: int | None, top: float
) -> Page:
    """Lay out what the first menu offers, down to ``depth`` keys, from the height ``top`` on."""
    blocks = [_block(option.node, height_of, depth) for option in root.options]
    columns = max(_foldings(blocks), key=lambda columns: _scale(columns, top))
    frames: list[Frame] = []
    edges: list[Edge] = []
    trunks: list[float] = []
    left = 0.0
    for column in columns:
        trunks.append(left + TRUNK)
        y = top
        for block in column:
            placed = [
                replace(each, x=each.x + left + gap(1), y=each.y + y) for each in block.frames
            ]
            frames += placed
            edges += _edges(placed, trunks[-1])
            y += block.height + SUBTREE_GAP
        left += _width(column) + COLUMN_GAP
    height = top + max(map(_height, columns))
    return Page(tuple(frames), tuple(edges), tuple(trunks), left - COLUMN_GAP, height)


def _edges(frames: Sequence[Frame], trunk: float) -> Iterator[Edge]:
    by_id = {frame.node.id: frame for frame in frames}
    yield Edge(None, frames[0], trunk)
    for frame in frames:
        for option in _offered(frame.node):
            if option.node.id in by_id:
                yield Edge(frame, by_id[option.node.id], frame.right + TRUNK)


def gap(level: int) -> float:
    """How far the frames of a level, in keys, stand from what is before them.

    There is room for a path: no line runs through it.
    """
    path = level * _DIGIT + (level - 1) * _DOT
    return max(_LEAST_GAP, math.ceil(TRUNK + PATH_GAP + path + PATH_GAP))


def _level(node: Node) -> int:
    return node.path.count(".") + 1


@dataclass(frozen=True, slots=True)
class _Block:
    """A subtree from its left edge on, its own frame first.

    ``tops`` and ``bottoms`` bound its frames level by level.
    """

    frames: tuple[Frame, ...]
    tops: tuple[float, ...]
    bottoms: tuple[float, ...]

    @property
    def height(self) -> float:
        return max(self.bottoms) - min(self.tops)


def _block(node: Node, height_of: Callable[[Node], float], depth: int | None) -> _Block:
    block = _subtree(node, height_of, depth)
    return _lowered(block, -min(block.tops))


def _subtree(node: Node, height_of: Callable[[Node], float], depth: int | None) -> _Block:
    height = height_of(node)
    options = _offered(node)
    if not options or (depth is not None and _level(node) >= depth):
        return _Block((Frame(node, 0, 0, height),), (0,), (height,))
    below = _stacked([_subtree(option.node, height_of, depth) for option in options])
    first, last = below[0].frames[0].middle, below[-1].frames[0].middle
    own = Frame(node, 0, (first + last) / 2 - height / 2, height)
    shifted = (
        replace(frame, x=frame.x + FRAME_WIDTH + gap(_level(options[0].node)))
        for block in below
        for frame in block.frames
    )
    tops = _bound((block.tops for block in below), min)
    bottoms = _bound((block.bottoms for block in below), max)
    return _Block((own, *shifted), (own.y, *tops), (own.y + height, *bottoms))


def _stacked(blocks: Sequence[_Block]) -> list[_Block]:
    """The blocks below each other, as near as the frames of their levels let them."""
    placed: list[_Block] = []
    bottoms: tuple[float, ...] = ()
    for block in blocks:
        y = max(
            (bottom + ROW_GAP - top for bottom, top in zip(bottoms, block.tops, strict=False)),
            default=0.0,
        )
        # A parent is not to stand above the one before it, nor an only child to slip under it.
        if placed:
            y = max(
                y,
                placed[-1].frames[0].y + placed[-1].frames[0].height + ROW_GAP - block.frames[0].y,
            )
        placed.append(_lowered(block, y))
        bottoms = _bound((bottoms, placed[-1].bottoms), max)
    return placed


def _lowered(block: _Block, y: float) -> _Block:
    return _Block(
        tuple(replace(frame, y=frame.y + y) for frame in block.frames),
        tuple(top + y for top in block.tops),
        tuple(bottom + y for bottom in block.bottoms),
    )


def _bound(
    levels: Iterator[tuple[float, ...]] | Sequence[tuple[float, ...]],
    of: Callable[[list[float]], float],
) -> tuple[float, ...]:
    known = list(levels)
    deepest = max(map(len, known))
    return tuple(
        of([each[level] for each in known if level < len(each)]) for level in range(deepest)
    )


def _foldings(blocks: Sequence[_Block]) -> Iterator[list[Sequence[_Block]]]:
    """Every way to put the blocks into a few columns without changing their order."""
    for breaks in range(min(_MOST_COLUMNS, len(blocks))):
        for cuts in combinations(range(1, len(blocks)), breaks):
            yield [blocks[start:end] for start, end in pairwise((0, *cuts, len(blocks)))]


def _scale(columns: Sequence[Sequence[_Block]], top: float) -> float:
    """How large the whole can be drawn on a landscape page."""
    width = sum(_width(column) + COLUMN_GAP for column in columns) - COLUMN_GAP
    height = top + max(map(_height, columns))
    return min(PAGE / width, 1 / height)


def _height(blocks: Sequence[_Block]) -> float:
    return sum(block.height + SUBTREE_GAP for block in blocks) - SUBTREE_GAP


def _width(blocks: Sequence[_Block]) -> float:
    levels = max(len(block.tops) for block in blocks)
    return sum(FRAME_WIDTH + gap(level) for level in range(1, levels + 1))


def _offered(node: Node) -> tuple[Option, ...]:
    return node.options if isinstance(node, Menu) else ()

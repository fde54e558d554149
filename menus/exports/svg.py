"""A tree as a picture: SVG written here, with nothing in it that has to be fetched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from menus.exports.svg_layout import FRAME_WIDTH, PATH_GAP, Edge, Frame, Page, lay_out
from menus.exports.svg_shapes import INSET, WORDS_SIZE, outline, text_width, wrapped
from menus.loader import Line
from menus.print_forms import Written, written
from menus.prompt_usage import option_label
from menus.tree import Form, Goto, Hangup, Info, Menu, Node, Transfer, Tree

MARGIN = 28
_BEFORE_LEGEND = 54
HEAD = 118
"""The height of the title, the legend and the first menu."""

_ROOT_TOP = 34
_LABEL_LINE = 12
_WORDS_LINE = 14.5
_PADDING = 7
_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.0f} {:.0f}" role="img"'
    ' aria-labelledby="title description" lang="{}">'
)
_STYLE = """\
text{font-family:"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;fill:#14213d}
.title{font-size:22px;font-weight:700}
.about{font-size:12px}
.label{font-size:9.5px;letter-spacing:.04em;fill:#3d4a63}
.words{font-size:12px}
.path{font-size:10.5px;font-weight:700;text-anchor:end;paint-order:stroke;stroke:#fff;stroke-width:3px}
.edge{fill:none;stroke:#7a869c;stroke-width:1.2}
.frame{stroke:#3d4a63;stroke-width:1.2}
.menu .frame{fill:#eef1f6}
.form .frame{fill:#dff3e4}
.info .frame{fill:#fffbe8}
.transfer .frame{fill:#e2ecfb}
.goto .frame{fill:#fff;stroke-dasharray:4 3}
.hangup .frame{fill:#f6e6ea}
.published .frame{stroke:#a33b00;stroke-width:3}
.published .label{fill:#a33b00;font-weight:700}
"""


def svg(line: Line, language: str, depth: int | None = None) -> str:
    """The tree as an SVG document that fills whatever page it is shown on.

    Shapes and labels tell menus, forms, information, transfers, jumps and farewells apart; the path
    stands at each line's end. ``depth`` leaves out what is more keys away. KeyError when the line
    does not speak the language.
    """
    drawing = Drawing(line, language, depth)
    page = lay_out(line.tree.root, drawing.height, depth=depth, top=HEAD)
    return drawing.document(page)


@dataclass(frozen=True)
class Drawing:
    """A tree that is drawn in one language; what else a frame tells is its subclasses' to say."""

    line: Line
    language: str
    depth: int | None

    @property
    def tree(self) -> Tree:
        return self.line.tree

    @property
    def words(self) -> Written:
        return written(self.language)

    def document(self, page: Page) -> str:
        service = self.words.services.get(self.tree.service, self.tree.service)
        title = escape(self.words.drawing_title.format(service))
        width, height = self.size(page)
        parts = [
            _OPENING.format(width, height, self.language),
            f'<title id="title">{title}</title>',
            f'<desc id="description">{escape(self.words.drawing_description)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
            f'<g transform="translate({MARGIN} {MARGIN})">',
            f'<text class="title" x="0" y="18">{title}</text>',
            *self.drawn(page),
            "</g></svg>",
        ]
        return "\n".join(parts) + "\n"

    def size(self, page: Page) -> tuple[float, float]:
        legend = _legend_width(list(self._legend(page)))
        return max(page.width, legend) + 2 * MARGIN, page.height + 2 * MARGIN

    def drawn(self, page: Page) -> Iterator[str]:
        """Legend, lines and frames, each menu before what it offers."""
        yield from (sample for sample, _ in self._legend(page))
        yield from self._trunks(page)
        yield from (self._edge(edge) for edge in page.edges)
        yield self._root()
        yield from (self._frame(frame) for frame in page.frames)

    def height(self, node: Node) -> float:
        labels = _LABEL_LINE * len(self._labels(node))
        return 2 * _PADDING + labels + len(self.lines(node)) * _WORDS_LINE - 2

    def lines(self, node: Node) -> list[str]:
        return wrapped(self.about(node), FRAME_WIDTH - 2 * inset(node))

    def framed(self, frame: Frame, kind: str, inside: str) -> str:  # noqa: ARG002 - for subclasses
        """A frame with everything in it; ``kind`` are its classes."""
        return f'<g class="{kind}">{inside}</g>'

    def desk(self, name: str) -> str:
        return name

    def about(self, node: Node) -> str:
        book = self.line.phrasebooks[self.language]
        if not node.path:
            return self.words.call
        return option_label(book, node.id) or node.id

    def _labels(self, node: Node) -> list[str]:
        """The kind and, for a printed path, how it is dialled."""
        if node.path not in self.tree.published_paths:
            return [self._label(node)]
        return [f"★ *{node.path.replace('.', '')}#", self._label(node)]

    def _label(self, node: Node) -> str:
        label = self.words.kinds[type(node)].upper()
        match node:
            case Transfer(desk=desk):
                label += f" · {self.desk(desk)}"
            case Menu(path=path) if path and path.count(".") + 1 == self.depth:
                label += f" · {self.words.more.format(_count_below(node))}"
            case Goto():
                label += f" {self.tree.target(node).path or '·'}"
            case _:
                pass
        return label

    def _frame(self, frame: Frame) -> str:
        node = frame.node
        kind = type(node).__name__.lower()
        published = " published" if node.path in self.tree.published_paths else ""
        x, y = frame.x + inset(node), frame.y + _PADDING + _LABEL_LINE - 3
        texts = []
        for label in self._labels(node):
            texts.append(f'<text class="label" x="{x:g}" y="{y:g}">{escape(label)}</text>')
            y += _LABEL_LINE
        for words in self.lines(node):
            texts.append(f'<text class="words" x="{x:g}" y="{y + 2:g}">{escape(words)}</text>')
            y += _WORDS_LINE
        told = escape(f"{node.path} {self._label(node)}: {self.about(node)} ({node.id})")
        shape = outline(type(node), frame.x, frame.y, FRAME_WIDTH, frame.height)
        inside = f"<title>{told}</title>{shape}{''.join(texts)}"
        return self.framed(frame, kind + published, inside)

    def _root(self) -> str:
        root = self.tree.root
        frame = Frame(root, 0, _ROOT_TOP, self.height(root))
        return self._frame(frame)

    def _trunks(self, page: Page) -> Iterator[str]:
        """From the first menu down, along the columns' tops, and down each of them."""
        bottom_of_root = _ROOT_TOP + self.height(self.tree.root)
        bus = HEAD - 14
        lasts = {
            trunk: max(
                edge.after.middle
                for edge in page.edges
                if edge.before is None and edge.bend == trunk
            )
            for trunk in page.trunks
        }
        first, *_, last_trunk = (*page.trunks, page.trunks[-1])
        yield f'<path class="edge" d="M{first:g} {bottom_of_root:g}V{bus:g}H{last_trunk:g}"/>'
        for trunk, last in lasts.items():
            yield f'<path class="edge" d="M{trunk:g} {bus:g}V{last:g}"/>'

    def _edge(self, edge: Edge) -> str:
        after = edge.after
        if edge.before is None:
            line = f"M{edge.bend:g} {after.middle:g}H{after.x:g}"
        else:
            before = edge.before
            line = f"M{before.right:g} {before.middle:g}H{edge.bend:g}V{after.middle:g}H{after.x:g}"
        return (
            f'<path class="edge" d="{line}"/><text class="path" x="{after.x - PATH_GAP:g}"'
            f' y="{after.middle - 3.5:g}">{after.node.path}</text>'
        )

    def _legend(self, page: Page) -> Iterator[tuple[str, float]]:
        """A sample of each shape that is drawn, with its name, right of the first menu."""
        drawn = [type(frame.node) for frame in page.frames]
        x: float = FRAME_WIDTH + _BEFORE_LEGEND
        for kind in (Menu, Form, Info, Transfer, Goto, Hangup):
            if kind in drawn:
                sample = next(frame for frame in page.frames if type(frame.node) is kind)
                name = self.words.kinds[kind]
                yield _sample(sample.node, name, x, ""), (x := x + _legend_step(name))
        if self.tree.published_paths:
            node = self.tree.root
            name = f"★ {self.words.printed_path}"
            yield _sample(node, name, x, " published"), x + _legend_step(name)


def inset(node: Node) -> float:
    """How far the words in a frame stand from its sides."""
    return _PADDING + INSET.get(type(node), 2)


def _count_below(menu: Menu) -> int:
    below = [option.node for option in menu.options]
    return len(below) + sum(_count_below(node) for node in below if isinstance(node, Menu))


def _legend_step(name: str) -> float:
    return 34 + 10 + text_width(name, WORDS_SIZE) + 22


def _legend_width(legend: Sequence[tuple[str, float]]) -> float:
    return legend[-1][1] if legend else 0


def _sample(node: Node, name: str, x: float, marked: str) -> str:
    kind = type(node).__name__.lower()
    shape = outline(type(node), x, 44, 34, 20)
    return (
        f'<g class="{kind}{marked}">{shape}'
        f'<text class="about" x="{x + 42:g}" y="58">{escape(name)}</text></g>'
    )

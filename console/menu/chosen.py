"""What the page of a menu looks at: line, language, layer, period, zoom and node, as chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

from flask import request, url_for
from werkzeug.exceptions import NotFound

from common.timezone import local_date
from console.calls.menu_words import shown, spoken_language
from console.web.parts import parts
from console.web.periods import OWN, Period, chosen_period
from menus.loader import Line
from menus.tree import Node

ZOOMS = (50, 75, 100, 150, 200)
"""Sizes of the picture in per cent; at 100 its words are as large as small print."""

USUAL_ZOOM = 100


class Layer(StrEnum):
    """What the picture tells of each place."""

    TRAFFIC = "traffic"
    DROP_OFF = "drop-off"
    WORDS = "words"


@dataclass(frozen=True)
class Chosen:
    """The choices of one request; ``line`` is the line of that ``name``."""

    name: str
    line: Line
    language: str
    layer: Layer
    period: Period
    zoom: int
    node: Node | None

    def link(self, node: Node | None = None, zoom: int | None = None) -> str:
        """The page with everything as it is but the node, or the zoom, that is given."""
        if node is not None:
            return replace(self, node=node)._link("menupont")
        return replace(self, zoom=zoom or self.zoom)._link("rajz")

    def _link(self, anchor: str) -> str:
        first, last = self.period.typed
        query = {
            "line": self.name,
            "node": self.node.id if self.node else "",
            "layer": "" if self.layer is Layer.TRAFFIC else self.layer.value,
            "language": "" if self.language == spoken_language(self.line) else self.language,
            "zoom": "" if self.zoom == USUAL_ZOOM else str(self.zoom),
            "period": "" if self.period.name in {OWN, "today"} else self.period.name,
            "from": first,
            "until": last,
        }
        given = {name: value for name, value in query.items() if value}
        return url_for("tree.tree", _anchor=anchor, **cast(dict[str, Any], given))


def chosen_line(query: Mapping[str, str]) -> tuple[str, Line]:
    """The line of the address, else the default one. Raises ``NotFound``."""
    found = shown()
    name = query.get("line") or (found.entries[0].name if found.entries else "")
    if name not in found.lines:
        raise NotFound
    return name, found.lines[name]


def chosen() -> Chosen:
    """What the address asks for. Raises ``NotFound`` for a line or node that there is not."""
    query = request.args
    name, line = chosen_line(query)
    node = query.get("node", "")
    if node and node not in line.tree:
        raise NotFound
    language = query.get("language", "")
    layer, zoom = query.get("layer", ""), query.get("zoom", "")
    return Chosen(
        name,
        line,
        language if language in line.phrasebooks else spoken_language(line),
        Layer(layer) if layer in set(Layer) else Layer.TRAFFIC,
        chosen_period(query, local_date(parts().clock())),
        int(zoom) if zoom in set(map(str, ZOOMS)) else USUAL_ZOOM,
        line.tree.node(node) if node else None,
    )

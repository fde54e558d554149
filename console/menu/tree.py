"""A line's menu: the picture and the list, how calls went through it, and what is said where."""

from datetime import datetime

from flask import Blueprint
from markupsafe import Markup

from backend.calls.menu_flow import MenuFlow, menu_flow
from console.calls.menu_words import lines, shown
from console.calls.period import how_many
from console.menu.chosen import USUAL_ZOOM, ZOOMS, Chosen, Layer, chosen
from console.menu.desks import desk_titles
from console.menu.findings import errors_and_warnings
from console.menu.places import counts_of, kind_of, listed, marks
from console.menu.sentences import is_recorded_at_all, said_at
from console.web.access import needs
from console.web.memo import PeriodMemo
from console.web.pages import Reply, page
from console.web.parts import parts, reading
from console.web.periods import LAST_DAYS
from console.web.words import _, word
from ivr.lines.topic_names import dialled_for, topic_of
from menus.exports.inline_svg import inline_svg
from menus.print_forms import written

blueprint = Blueprint("tree", __name__)

FLOWS = PeriodMemo(10, how_many)


@blueprint.get("/tree")
@needs("menu.see")
def tree() -> Reply:
    """Show the menu of a line with the calls of a period, and one of its nodes."""
    seen = chosen()
    flow = _flow(seen)
    marked, titles = marks(seen, flow), desk_titles(seen.name)
    picture = inline_svg(seen.line, seen.language, marked, titles, zoom=seen.zoom / 100)
    return page(
        "tree/tree.html",
        title=_("Menu"),
        chosen=seen,
        lines=lines(),
        layers=[(layer.value, word("menu layer", layer)) for layer in Layer],
        languages=[(code, written(code).own_name) for code in seen.line.tree.languages],
        periods=[(name, word("period", name)) for name in LAST_DAYS],
        findings=errors_and_warnings(seen.name, seen.line),
        is_unread=seen.name in shown().unread,
        flow=flow,
        picture=Markup(picture),  # noqa: S704 - written by our drawing, which escapes
        zooms=_zooms(seen),
        root=listed(seen, flow),
        node=_panel(seen, flow),
    )


def _panel(seen: Chosen, flow: MenuFlow) -> dict[str, object] | None:
    node = seen.node
    if node is None:
        return None
    parent = seen.line.tree.parent(node)
    name = topic_of(seen.line, node, seen.language) if node.path else _("First menu")
    return {
        "heading": f"{node.path} {name}".strip(),
        "id": node.id,
        "kind": kind_of(seen, node),
        "counts": counts_of(flow.at(node.path)),
        "said": said_at(seen),
        "parent": None if parent is None else seen.link(parent),
        "target": seen.link(seen.line.tree.target(node)),
        "is_jump": seen.line.tree.target(node) is not node,
        "is_published": node.path in seen.line.tree.published_paths,
        "is_recorded_at_all": is_recorded_at_all(),
    }


def _zooms(seen: Chosen) -> list[tuple[str, str, str | None]]:
    """The buttons of the picture: sign, name, address (``None`` where there is nothing to do)."""
    at = ZOOMS.index(seen.zoom)
    smaller = seen.link(zoom=ZOOMS[at - 1]) if at else None
    larger = seen.link(zoom=ZOOMS[at + 1]) if at + 1 < len(ZOOMS) else None
    usual = seen.link(zoom=USUAL_ZOOM) if seen.zoom != USUAL_ZOOM else None
    return [
        ("−", _("Smaller"), smaller),
        ("0", _("Usual size"), usual),
        ("+", _("Larger"), larger),
    ]


def _flow(seen: Chosen) -> MenuFlow:
    since, until = seen.period.since, seen.period.until
    dialled = dialled_for(shown().entries, seen.name)
    version = seen.line.tree_hash

    def count(since: datetime, until: datetime) -> MenuFlow:
        with reading() as connection:
            return menu_flow(connection, since, until, dialled, version)

    key = (str(parts().engine.url), dialled, version)
    return FLOWS.get(key, since, until, parts().clock(), count)

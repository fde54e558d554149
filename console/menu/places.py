"""The places of a menu as the page tells them: in the picture, in the list, and by their counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.calls.menu_flow import MenuFlow, PlaceFlow
from console.calls.menu_words import offer, sentence, topic
from console.menu.chosen import Chosen, Layer
from console.menu.desks import desk_titles
from console.web.words import _, language
from console.web.written import number, percent
from ivr.lines.topic_names import topic_of
from menus.exports.inline_svg import Mark
from menus.print_forms import written
from menus.tree import Goto, Menu, Node, Transfer


@dataclass(frozen=True)
class Place:
    """One node as the list has it, with those below it."""

    node: Node
    path: str
    topic: str
    kind: str
    link: str
    counts: str
    said: str
    is_chosen: bool
    below: tuple["Place", ...]


def kind_of(chosen: Chosen, node: Node) -> str:
    """What a node is, in the user's language, with where it leads."""
    kind = written(language()).kinds[type(node)]
    match node:
        case Goto():
            return f"{kind}: {chosen.line.tree.target(node).path}"
        case Transfer(desk=desk):
            return f"{kind}: {desk_titles(chosen.name).get(desk, desk)}"
        case _:
            return kind


def counts_of(flow: PlaceFlow) -> str:
    """How many distinct calls came to a place, and where they went; the numbers add up."""
    if not flow.reached:
        return _("nobody came here")
    told = [
        _(
            "came here: %(reached)s, went on: %(on)s, hung up: %(up)s",
            reached=number(flow.reached),
            on=number(flow.went_on),
            up=number(flow.hung_up),
        )
    ]
    if flow.finished:
        told.append(_("finished here: %(n)s", n=number(flow.finished)))
    if flow.going_on:
        told.append(_("is here now: %(n)s", n=number(flow.going_on)))
    return ", ".join(told)


def listed(chosen: Chosen, flow: MenuFlow) -> Place:
    """The first menu with everything below it."""
    return _listed(chosen, flow, chosen.line.tree.root)


def marks(chosen: Chosen, flow: MenuFlow) -> Mapping[str, Mark]:
    """What the picture tells of each node in the layer that is chosen."""
    most = max((place.reached for place in flow.places.values()), default=0)
    return {
        node.id: _mark(chosen, node, flow.at(node.path), most) for node in chosen.line.tree.walk()
    }


def _listed(chosen: Chosen, flow: MenuFlow, node: Node) -> Place:
    below = node.options if isinstance(node, Menu) else ()
    return Place(
        node,
        node.path,
        _topic(chosen, node),
        kind_of(chosen, node),
        chosen.link(node),
        "" if isinstance(node, Goto) else counts_of(flow.at(node.path)),
        _said(chosen, node) if chosen.layer is Layer.WORDS else "",
        chosen.node is node,
        tuple(_listed(chosen, flow, option.node) for option in below),
    )


def _mark(chosen: Chosen, node: Node, flow: PlaceFlow, most: int) -> Mark:
    is_counted = chosen.layer is not Layer.WORDS and not isinstance(node, Goto)
    note, share = "", None
    if is_counted and chosen.layer is Layer.TRAFFIC:
        note = _("calls: %(n)s", n=number(flow.reached))
        share = flow.reached / most if most else 0.0
    elif is_counted:
        gone = percent(flow.hung_up, flow.reached)
        note = _("hung up: %(n)s (%(share)s)", n=number(flow.hung_up), share=gone)
        share = flow.hung_up / flow.reached if flow.reached else 0.0
    about = _said(chosen, node) if chosen.layer is Layer.WORDS else _topic(chosen, node)
    told = [f"{node.path} {about}".strip(), kind_of(chosen, node), note]
    return Mark(
        chosen.link(node),
        ", ".join(filter(None, told)),
        about,
        note,
        share,
        chosen.node is node,
    )


def _topic(chosen: Chosen, node: Node) -> str:
    if not node.path:
        return topic(chosen.line, node)
    return topic_of(chosen.line, node, chosen.language)


def _said(chosen: Chosen, node: Node) -> str:
    """The sentence that offers the node; of the first menu, the first sentence of the call."""
    book = chosen.line.phrasebooks[chosen.language]
    if not node.path:
        return sentence(book, next(iter(chosen.line.tree.opening), ""))
    return offer(book, f"options.{node.id}", node.path.rpartition(".")[2])

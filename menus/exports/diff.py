"""What is different between two versions of a line, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from menus.exports.phrases import as_written
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.tree import Form, Goto, Info, Limits, Menu, Node, Transfer, Tree

_FIRST = "the first menu"


def differences(old: Line, new: Line) -> tuple[str, ...]:
    """Each difference as one line of text; empty when callers would notice none.

    A node is the same as long as its id is; one whose id is new counts as renamed when it stands in
    the old one's place and does the same. What moves along with its menu is not told apart.
    """
    renamed = dict(_renamed(old.tree, new.tree))
    return (
        *_settings(old.tree, new.tree),
        *_published(old.tree, new.tree),
        *_nodes(old.tree, new.tree, renamed),
        *_words(old, new, renamed),
    )


def _settings(old: Tree, new: Tree) -> Iterator[str]:
    for name, before, after in (
        ("service", old.service, new.service),
        ("languages", " ".join(old.languages), " ".join(new.languages)),
        ("opening", " ".join(old.opening), " ".join(new.opening)),
        ("operator", old.operator, new.operator),
        ("offers", " ".join(old.offers), " ".join(new.offers)),
    ):
        if before != after:
            yield f"{name}: {before or 'none'} → {after or 'none'}"
    for field in fields(Limits):
        was, is_ = getattr(old.limits, field.name), getattr(new.limits, field.name)
        if was != is_:
            yield f"limits.{field.name}: {was} → {is_}"


def _published(old: Tree, new: Tree) -> Iterator[str]:
    paths = sorted({*old.published_paths, *new.published_paths})
    for path in paths:
        before, after = old.published_paths.get(path), new.published_paths.get(path)
        if before is None:
            yield f"published path {path} added: leads to '{after}'"
        elif after is None:
            yield f"PUBLISHED PATH {path} TAKEN BACK: led to '{before}'"
        elif before != after:
            yield f"PUBLISHED PATH {path} CHANGED: led to '{before}', leads to '{after}'"


def _renamed(old: Tree, new: Tree) -> Iterator[tuple[str, str]]:
    """Old and new ids of nodes that stand where they stood and do what they did."""
    olds, news = _by_id(old), _by_id(new)
    for name, node in olds.items():
        if name in news:
            continue
        there = new.at(node.path)
        if there is not None and there.id not in olds and _does(there) == _does(node):
            yield name, there.id


def _does(node: Node) -> tuple[object, ...]:
    """What a node does, without its name and its place."""
    match node:
        case Menu(options=options):
            return ("menu", *(type(option.node) for option in options))
        case Form(form=form):
            return "form", form
        case Transfer(desk=desk):
            return "transfer", desk
        case Goto(target=target):
            return "goto", target
        case Info(statements=statements):
            return "info", len(statements)
        case _:
            return ("hangup",)


def _nodes(old: Tree, new: Tree, renamed: Mapping[str, str]) -> Iterator[str]:
    olds, news = _by_id(old), _by_id(new)
    came = set(news) - set(olds) - set(renamed.values())
    for name, node in olds.items():
        if name in renamed:
            yield f"renamed: '{name}' at {_at(node)} is '{renamed[name]}' now"
        elif name not in news:
            if not _went_along(old, node, news, renamed):
                yield f"removed: {_kind(node)} '{name}' at {_at(node)}{_with_below(node)}"
            continue
        yield from _changed(old, new, node, news[renamed.get(name, name)], renamed)
    for name in news:
        node = news[name]
        parent = new.parent(node)
        if name in came and not (parent is not None and parent.id in came):
            yield f"added: {_kind(node)} '{name}' at {_at(node)}{_with_below(node)}"


def _went_along(
    tree: Tree, node: Node, kept: Mapping[str, Node], renamed: Mapping[str, str]
) -> bool:
    """Whether the menu of a lost node was lost, too."""
    parent = tree.parent(node)
    return parent is not None and parent.id not in kept and parent.id not in renamed


def _changed(
    old: Tree, new: Tree, before: Node, after: Node, renamed: Mapping[str, str]
) -> Iterator[str]:
    name = after.id
    if before.path != after.path and not _moved_along(old, new, before, after, renamed):
        yield f"moved: '{name}' from {_at(before)} to {_at(after)}{_with_below(after)}"
    if type(before) is not type(after):
        yield f"changed: '{name}' at {_at(after)}: {_kind(before)} → {_kind(after)}"
        return
    for what, was, is_ in _details(before, after):
        if was != is_:
            yield f"changed: '{name}' at {_at(after)}: {what} {was} → {is_}"


def _moved_along(
    old: Tree, new: Tree, before: Node, after: Node, renamed: Mapping[str, str]
) -> bool:
    """Whether a node is on the same key of the same menu, so that only the menu has moved."""
    above, now_above = old.parent(before), new.parent(after)
    if above is None or now_above is None:
        return False
    same_menu = renamed.get(above.id, above.id) == now_above.id
    return same_menu and before.path.rpartition(".")[2] == after.path.rpartition(".")[2]


def _details(before: Node, after: Node) -> Iterator[tuple[str, object, object]]:
    match before, after:
        case Menu(), Menu():
            yield "timeout", before.timeout, after.timeout
            yield "max_noinput", before.max_noinput, after.max_noinput
            yield "max_nomatch", before.max_nomatch, after.max_nomatch
            yield "introduction", before.say or "none", after.say or "none"
        case Form(), Form():
            yield "form", before.form, after.form
        case Info(), Info():
            yield "statements", " ".join(before.statements), " ".join(after.statements)
            yield "rests", _listed(before.rests), _listed(after.rests)
            yield "message", before.text or "none", after.text or "none"
        case Transfer(), Transfer():
            yield "desk", before.desk, after.desk
            yield "statements", _listed(before.statements), _listed(after.statements)
            yield "words before", before.say, after.say
            yield "words while closed", before.closed, after.closed
            yield "offers while closed", _listed(before.offers), _listed(after.offers)
        case Goto(), Goto():
            yield "leads to", before.target, after.target


def _words(old: Line, new: Line, renamed: Mapping[str, str]) -> Iterator[str]:
    for language, book in new.phrasebooks.items():
        before = old.phrasebooks.get(language)
        if before is not None:
            yield from _words_of(language, before, book, renamed)


def _words_of(
    language: str, old: Phrasebook, new: Phrasebook, renamed: Mapping[str, str]
) -> Iterator[str]:
    """Sentences that say something else; those of a renamed node are looked up by its new name."""
    known = {prompt: _renamed_prompt(prompt, renamed, new) for prompt in old.ids}
    for prompt in sorted(old.ids):
        now = known[prompt]
        if now not in new:
            yield f"words removed in {language}: {prompt}"
        elif as_written(old, prompt) != as_written(new, now):
            yield (
                f"words changed in {language}: {now}\n"
                f"    - {as_written(old, prompt)}\n    + {as_written(new, now)}"
            )
    for prompt in sorted(new.ids.difference(known.values())):
        yield f"words added in {language}: {prompt}\n    + {as_written(new, prompt)}"


def _renamed_prompt(prompt: str, renamed: Mapping[str, str], new: Phrasebook) -> str:
    family, _, name = prompt.partition(".")
    moved = f"{family}.{renamed[name]}" if name in renamed else prompt
    return moved if prompt not in new else prompt


def _listed(names: tuple[str, ...]) -> str:
    return " ".join(names) or "none"


def _by_id(tree: Tree) -> dict[str, Node]:
    return {node.id: node for node in tree.walk()}


def _at(node: Node) -> str:
    return node.path or _FIRST


def _kind(node: Node) -> str:
    return type(node).__name__.lower()


def _with_below(node: Node) -> str:
    below = _below(node)
    return f", with {below} below" if below else ""


def _below(node: Node) -> int:
    if not isinstance(node, Menu):
        return 0
    return len(node.options) + sum(_below(option.node) for option in node.options)

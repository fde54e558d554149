"""What is different between two versions of a line: found here, told in words by who shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from menus.exports.phrases import as_written
from menus.loader import Line
from menus.phrasebook import Phrasebook
from menus.tree import Form, Goto, Info, Limits, Menu, Node, Transfer, Tree


class Change(StrEnum):
    """Every kind of difference; its words are ``str`` of one, in English."""

    SETTING = "setting"
    LIMIT = "limit"
    PATH_ADDED = "path-added"
    PATH_REMOVED = "path-removed"
    PATH_CHANGED = "path-changed"
    RENAMED = "renamed"
    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    KIND_CHANGED = "kind-changed"
    DETAIL_CHANGED = "detail-changed"
    WORDS_REMOVED = "words-removed"
    WORDS_CHANGED = "words-changed"
    WORDS_ADDED = "words-added"


_TOLD: Mapping[Change, str] = {
    Change.SETTING: "{what}: {before} → {after}",
    Change.LIMIT: "limits.{what}: {before} → {after}",
    Change.PATH_ADDED: "published path {what} added: leads to '{after}'",
    Change.PATH_REMOVED: "PUBLISHED PATH {what} TAKEN BACK: led to '{before}'",
    Change.PATH_CHANGED: "PUBLISHED PATH {what} CHANGED: led to '{before}', leads to '{after}'",
    Change.RENAMED: "renamed: '{name}' at {place} is '{after}' now",
    Change.REMOVED: "removed: {what} '{name}' at {place}{below}",
    Change.ADDED: "added: {what} '{name}' at {place}{below}",
    Change.MOVED: "moved: '{name}' from {before} to {place}{below}",
    Change.KIND_CHANGED: "changed: '{name}' at {place}: {before} → {after}",
    Change.DETAIL_CHANGED: "changed: '{name}' at {place}: {what} {before} → {after}",
    Change.WORDS_REMOVED: "words removed in {language}: {what}",
    Change.WORDS_CHANGED: "words changed in {language}: {what}\n    - {before}\n    + {after}",
    Change.WORDS_ADDED: "words added in {language}: {what}\n    + {after}",
}
_FIRST = "the first menu"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, without its words; ``str`` tells it in English.

    ``what`` is the setting, the detail, the kind of node, the published path or the prompt.
    ``name`` is a node's id, ``place`` its path, "" for the first menu; ``below`` counts what goes
    with it. ``before`` and ``after`` are empty where there is nothing; a move's are paths, too.
    """

    change: Change
    what: str = ""
    name: str = ""
    place: str = ""
    before: str = ""
    after: str = ""
    language: str = ""
    below: int = 0

    def __str__(self) -> str:
        nothing = _FIRST if self.change is Change.MOVED else _NONE
        return _TOLD[self.change].format(
            what=self.what,
            name=self.name,
            place=self.place or _FIRST,
            before=self.before or nothing,
            after=self.after or nothing,
            language=self.language,
            below=f", with {self.below} below" if self.below else "",
        )


def differences(old: Line, new: Line) -> tuple[Difference, ...]:
    """Each difference once; empty when callers would notice none.

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


def _settings(old: Tree, new: Tree) -> Iterator[Difference]:
    for name, before, after in (
        ("service", old.service, new.service),
        ("languages", " ".join(old.languages), " ".join(new.languages)),
        ("opening", " ".join(old.opening), " ".join(new.opening)),
        ("operator", old.operator, new.operator),
        ("offers", " ".join(old.offers), " ".join(new.offers)),
    ):
        if before != after:
            yield Difference(Change.SETTING, name, before=before, after=after)
    for field in fields(Limits):
        was, is_ = getattr(old.limits, field.name), getattr(new.limits, field.name)
        if was != is_:
            yield Difference(Change.LIMIT, field.name, before=str(was), after=str(is_))


def _published(old: Tree, new: Tree) -> Iterator[Difference]:
    paths = sorted({*old.published_paths, *new.published_paths})
    for path in paths:
        before, after = old.published_paths.get(path), new.published_paths.get(path)
        if before is None:
            yield Difference(Change.PATH_ADDED, path, after=after or "")
        elif after is None:
            yield Difference(Change.PATH_REMOVED, path, before=before)
        elif before != after:
            yield Difference(Change.PATH_CHANGED, path, before=before, after=after)


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


def _nodes(old: Tree, new: Tree, renamed: Mapping[str, str]) -> Iterator[Difference]:
    olds, news = _by_id(old), _by_id(new)
    came = set(news) - set(olds) - set(renamed.values())
    for name, node in olds.items():
        if name in renamed:
            now = renamed[name]
            yield Difference(Change.RENAMED, name=name, place=node.path, after=now)
        elif name not in news:
            if not _went_along(old, node, news, renamed):
                yield _whole(Change.REMOVED, node)
            continue
        yield from _changed(old, new, node, news[renamed.get(name, name)], renamed)
    for name in news:
        node = news[name]
        parent = new.parent(node)
        if name in came and not (parent is not None and parent.id in came):
            yield _whole(Change.ADDED, node)


def _went_along(
    tree: Tree, node: Node, kept: Mapping[str, Node], renamed: Mapping[str, str]
) -> bool:
    """Whether the menu of a lost node was lost, too."""
    parent = tree.parent(node)
    return parent is not None and parent.id not in kept and parent.id not in renamed


def _changed(
    old: Tree, new: Tree, before: Node, after: Node, renamed: Mapping[str, str]
) -> Iterator[Difference]:
    name = after.id
    if before.path != after.path and not _moved_along(old, new, before, after, renamed):
        yield replace(_whole(Change.MOVED, after), before=before.path)
    here = Difference(Change.KIND_CHANGED, name=name, place=after.path)
    if type(before) is not type(after):
        yield replace(here, before=_kind(before), after=_kind(after))
        return
    for what, was, is_ in _details(before, after):
        follows = was == getattr(old.limits, what, None) and is_ == getattr(new.limits, what, None)
        if was != is_ and not follows:
            told = replace(here, change=Change.DETAIL_CHANGED, what=what)
            yield replace(told, before=str(was), after=str(is_))


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
            yield "introduction", before.say or "", after.say or ""
        case Form(), Form():
            yield "form", before.form, after.form
        case Info(), Info():
            yield "statements", " ".join(before.statements), " ".join(after.statements)
            yield "rests", " ".join(before.rests), " ".join(after.rests)
            yield "message", before.text or "", after.text or ""
        case Transfer(), Transfer():
            yield "desk", before.desk, after.desk
            yield "statements", " ".join(before.statements), " ".join(after.statements)
            yield "words before", before.say, after.say
            yield "words while closed", before.closed, after.closed
            yield "offers while closed", " ".join(before.offers), " ".join(after.offers)
        case Goto(), Goto():
            yield "leads to", before.target, after.target


def _words(old: Line, new: Line, renamed: Mapping[str, str]) -> Iterator[Difference]:
    for language, book in new.phrasebooks.items():
        before = old.phrasebooks.get(language)
        if before is not None:
            yield from _words_of(language, before, book, renamed)


def _words_of(
    language: str, old: Phrasebook, new: Phrasebook, renamed: Mapping[str, str]
) -> Iterator[Difference]:
    """Sentences that say something else; those of a renamed node are looked up by its new name."""
    known = {prompt: _renamed_prompt(prompt, renamed, new) for prompt in old.ids}
    for prompt in sorted(old.ids):
        now = known[prompt]
        if now not in new:
            yield Difference(Change.WORDS_REMOVED, prompt, language=language)
        elif as_written(old, prompt) != as_written(new, now):
            said, says = as_written(old, prompt), as_written(new, now)
            yield Difference(Change.WORDS_CHANGED, now, before=said, after=says, language=language)
    for prompt in sorted(new.ids.difference(known.values())):
        says = as_written(new, prompt)
        yield Difference(Change.WORDS_ADDED, prompt, after=says, language=language)


def _renamed_prompt(prompt: str, renamed: Mapping[str, str], new: Phrasebook) -> str:
    family, _, name = prompt.partition(".")
    moved = f"{family}.{renamed[name]}" if name in renamed else prompt
    return moved if prompt not in new else prompt


def _by_id(tree: Tree) -> dict[str, Node]:
    return {node.id: node for node in tree.walk()}


def _whole(change: Change, node: Node) -> Difference:
    """A node that comes, goes or moves with everything below it."""
    return Difference(change, _kind(node), node.id, node.path, below=_below(node))


def _kind(node: Node) -> str:
    return type(node).__name__.lower()


def _below(node: Node) -> int:
    if not isinstance(node, Menu):
        return 0
    return len(node.options) + sum(_below(option.node) for option in node.options)

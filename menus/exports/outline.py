"""A tree on paper: one line a node, the way a caller meets it."""

from menus.loader import Line
from menus.prompt_usage import option_label
from menus.tree import Form, Goto, Node, Transfer, Tree


def show(line: Line, language: str) -> str:
    """The tree as text, with what each option is about in one language.

    Columns: the path (indented by depth, ``*`` before a published one), the kind, the id with
    where it leads, the words. KeyError when the line does not speak the language.
    """
    book = line.phrasebooks[language]
    tree = line.tree
    rows = []
    for node in tree.walk():
        words = option_label(book, node.id) if node.path else ""
        name = node.id + _destination(node)
        rows.append((_shown_path(tree, node), type(node).__name__.lower(), name, words))
    paths, kinds, names, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [
        f"{path:<{paths}}  {kind:<{kinds}}  {name:<{names}}  {words}".rstrip()
        for path, kind, name, words in rows
    ]
    return "\n".join([_heading(tree), "", *lines])


def _heading(tree: Tree) -> str:
    heading = f"{tree.service}, in {' and '.join(tree.languages)}; key 0 calls {tree.operator}"
    return f"{heading}; * marks a published path" if tree.published_paths else heading


def _shown_path(tree: Tree, node: Node) -> str:
    if not node.path:
        return "·"
    sign = "*" if node.path in tree.published_paths else ""
    return "  " * node.path.count(".") + node.path + sign


def _destination(node: Node) -> str:
    match node:
        case Transfer(desk=desk):
            return f" → {desk}"
        case Goto(target=target):
            return f" → {target}"
        case Form(id=node_id, form=form) if form != node_id:
            return f" → {form}"
        case _:
            return ""

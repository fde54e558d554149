"""A tree as a picture: Mermaid text, which code hosts and editors show as a diagram."""

from menus.loader import Line
from menus.prompt_usage import option_label
from menus.tree import Form, Goto, Hangup, Info, Menu, Node, Transfer

_SHAPES = {
    Menu: ("[", "]"),
    Form: ("([", "])"),
    Info: ("(", ")"),
    Transfer: ("{{", "}}"),
    Goto: (">", "]"),
    Hangup: ("((", "))"),
}


def mermaid(line: Line, language: str, depth: int | None = None) -> str:
    """The tree as a Mermaid flowchart, keys on the edges, each node with what it is about.

    Menus are boxes, forms stadiums, information rounded, transfers hexagons; published paths stand
    in their nodes. ``depth`` leaves out what is more keys away. KeyError when the line does not
    speak the language.
    """
    lines = ["flowchart LR"]
    drawn = [node for node in line.tree.walk() if depth is None or _keys_to(node) <= depth]
    ids = {node.id for node in drawn}
    for node in drawn:
        before, after = _SHAPES[type(node)]
        lines.append(f'    {node.id}{before}"{_label(line, language, node)}"{after}')
    for node in drawn:
        if isinstance(node, Menu):
            lines += [
                f"    {node.id} -- {option.key} --> {option.node.id}"
                for option in node.options
                if option.node.id in ids
            ]
        elif isinstance(node, Goto) and node.target in ids:
            lines.append(f"    {node.id} -.-> {node.target}")
    return "\n".join(lines)


def _keys_to(node: Node) -> int:
    return node.path.count(".") + 1 if node.path else 0


def _label(line: Line, language: str, node: Node) -> str:
    if not node.path:
        return "the call"
    book = line.phrasebooks[language]
    words = option_label(book, node.id).replace('"', "'")
    return f"<b>{node.path}</b> {words}" if node.path in line.tree.published_paths else words

"""Whether a line is fit for callers: what the law, the published paths and the ear ask of it.

A line that loads is sound in itself. Here it is held against the forms and desks that exist, the
menu paths that were printed on bills, the rules for menus that are heard rather than seen, and
its sentences in every language.
"""

from collections.abc import Collection, Iterator

from common.findings import Finding, suggest
from common.yaml_source import Location
from menus.loader import Line
from menus.prompt_usage import place_of
from menus.sentence_checks import Prompts, check_wording
from menus.tree import Form, Goto, Menu, Node, Transfer, Tree

MAX_OPTIONS = 6
MAX_DEPTH = 4
FORM_TURNS = 20
"""What the longest form asks of a site with several meters, each confirmed."""
COMPLAINT_KEY = "1"


def check_line(
    line: Line,
    *,
    forms: Collection[str] | None,
    desks: Collection[str] | None,
    required_prompts: Prompts = (),
    spoken_elsewhere: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Every flaw of the line, in the order of its files; empty when it is fit for callers.

    ``forms`` and ``desks`` are the names that exist; None leaves them unchecked.
    ``required_prompts`` are what the dialogue says besides the tree; a mapping also tells which
    slots it fills. ``spoken_elsewhere`` are prompts of other trees that share the prompt files:
    they are neither unused nor needed in all of this line's languages.
    """
    tree_findings = [
        *_check_forms(line, forms),
        *_check_desks(line, desks),
        *_check_published_paths(line),
        *_check_complaint(line),
        *_check_size(line),
        *_check_ways_on(line),
        *_check_turns(line),
    ]
    findings = [*tree_findings, *check_wording(line, required_prompts, spoken_elsewhere)]
    files = [line.tree_source.file]
    for source in line.prompt_sources.values():
        files += [source.file, *source.over]
    return tuple(
        sorted(findings, key=lambda found: (files.index(found.file), found.line, found.column))
    )


def _check_forms(line: Line, forms: Collection[str] | None) -> Iterator[Finding]:
    if forms is None:
        return
    for node in line.tree.walk():
        if isinstance(node, Form) and node.form not in forms:
            place = place_of(node.path)
            key = "uses" if (*place, "uses") in line.tree_source.keys else "form"
            message = f"there is no form '{node.form}'"
            hint = suggest(node.form, forms)
            yield line.tree_source.finding(
                (*place, key), "unknown-form", message, hint, at_value=True
            )


def _check_desks(line: Line, desks: Collection[str] | None) -> Iterator[Finding]:
    if desks is None:
        return
    wanted: list[tuple[Location, str]] = [(("operator",), line.tree.operator)]
    wanted += [
        ((*place_of(node.path), "desk"), node.desk)
        for node in line.tree.walk()
        if isinstance(node, Transfer)
    ]
    for place, desk in wanted:
        if desk not in desks:
            message = f"there is no desk '{desk}'"
            hint = suggest(desk, desks)
            yield line.tree_source.finding(place, "unknown-desk", message, hint, at_value=True)


def _check_published_paths(line: Line) -> Iterator[Finding]:
    """Paths that were printed on bills lead where they always led (rules DD-04, PB-09, PC-10)."""
    tree = line.tree
    ids = {node.id: node for node in tree.walk()}
    for path, node_id in tree.published_paths.items():
        found = tree.at(path)
        if found is not None and node_id in (found.id, tree.target(found).id):
            continue
        leads = "nowhere" if found is None else f"to '{found.id}'"
        message = f"published path {path} leads {leads}, not to '{node_id}'"
        if node_id not in ids:
            hint = suggest(node_id, ids)
        elif ids[node_id].path == "":
            hint = f"'{node_id}' is the first menu, which has no path: publish another."
        else:
            hint = f"'{node_id}' is at {ids[node_id].path}: lead {path} to it again, with goto."
        yield line.tree_source.finding(("published_paths", path), "published-path", message, hint)


def _check_complaint(line: Line) -> Iterator[Finding]:
    """Consumer Protection Act 17/B (rule C.1): a person for complaints comes first."""
    first = line.tree.root.options[0].node
    if not isinstance(first, Transfer):
        message = (
            f"key {COMPLAINT_KEY} of the first menu is '{first.id}', not a person for complaints"
        )
        hint = "Put the transfer for complaints first: the law asks for it, without identification."
        yield line.tree_source.finding(("options", COMPLAINT_KEY), "complaint-first", message, hint)


def _check_size(line: Line) -> Iterator[Finding]:
    for node in line.tree.walk():
        place = place_of(node.path)
        if isinstance(node, Menu) and len(node.options) > MAX_OPTIONS:
            message = f"menu '{node.id}' has {len(node.options)} options, more than {MAX_OPTIONS}"
            hint = "Put some of them into a menu of their own."
            yield line.tree_source.finding(
                (*place, "options"), "many-options", message, hint, severity="warning"
            )
        depth = node.path.count(".") + 1
        if depth == MAX_DEPTH + 1:
            message = f"'{node.id}' is {depth} keys deep, more than {MAX_DEPTH}"
            hint = "Offer it in a menu further up."
            yield line.tree_source.finding(place, "deep", message, hint, severity="warning")


def _check_ways_on(line: Line) -> Iterator[Finding]:
    """A menu has to offer something that its caller has not come from."""
    for node in line.tree.walk():
        if isinstance(node, Menu) and all(
            _leads_back(line.tree, node, option.node) for option in node.options
        ):
            message = f"menu '{node.id}' offers nothing but the way back"
            hint = "Offer something in it, or take it out: key 9 goes back already."
            yield line.tree_source.finding(place_of(node.path), "dead-end", message, hint)


def _leads_back(tree: Tree, menu: Menu, node: Node) -> bool:
    above: Menu | None = menu
    while isinstance(node, Goto) and above is not None:
        if tree.target(node) is above:
            return True
        above = tree.parent(above)
    return False


def _check_turns(line: Line) -> Iterator[Finding]:
    """Whoever presses the right keys has to come to the end of what they lead to."""
    tree = line.tree
    needed = {node.id: _turns(node) for node in tree.walk()}
    farthest = max(needed, key=lambda node_id: needed[node_id])
    if needed[farthest] > tree.limits.max_turns:
        message = (
            f"a call has {tree.limits.max_turns} turns, too few for '{farthest}'"
            f" at {tree.node(farthest).path}"
        )
        hint = f"Allow {needed[farthest]} turns or more."
        place = ("limits", "max_turns")
        yield line.tree_source.finding(place, "few-turns", message, hint, at_value=True)


def _turns(node: Node) -> int:
    keys = node.path.count(".") + 1 if node.path else 0
    return keys + (FORM_TURNS if isinstance(node, Form) else 1) + 1

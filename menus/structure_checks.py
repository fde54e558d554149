"""What a tree must keep besides its shape, read off the raw file so that all of it is reported
together with misspelt keys: option keys in a row and none reserved, ids that do not repeat, and
every goto leading somewhere.
"""

from collections.abc import Iterator

from common.findings import Finding, suggest
from common.yaml_source import Location, Source, Value
from menus.tree import BACK_KEY, LANGUAGE_KEY, OPERATOR_KEY, PATH_KEY, REPEAT_KEY
from menus.tree_schema import kind_keys

_RESERVED = {
    OPERATOR_KEY: "reaches a person",
    BACK_KEY: "goes back",
    PATH_KEY: "dials a menu path",
    REPEAT_KEY: "repeats",
}


def check_rules(source: Source) -> Iterator[Finding]:
    """Every breach of these rules in the file."""
    languages = source.root.get("languages")
    several = isinstance(languages, list) and len(languages) > 1
    reserved = _RESERVED | ({LANGUAGE_KEY: "changes the language"} if several else {})
    nodes = list(_nodes(source.root, ()))
    for location, node in nodes:
        options = node.get("options")
        if isinstance(options, dict):
            yield from _check_keys(source, (*location, "options"), list(options), reserved)
    yield from _check_languages(source)
    yield from _check_ids(source, nodes)
    yield from _check_gotos(source, nodes)
    yield from _check_offers(source, nodes)
    yield from _check_rests(source, nodes)


def _nodes(
    node: dict[str, Value], location: Location
) -> Iterator[tuple[Location, dict[str, Value]]]:
    yield location, node
    options = node.get("options")
    if isinstance(options, dict):
        for key, option in options.items():
            if isinstance(option, dict):
                yield from _nodes(option, (*location, "options", key))


def _check_keys(
    source: Source, location: Location, keys: list[str], reserved: dict[str, str]
) -> Iterator[Finding]:
    usable = [digit for digit in "123456789" if digit not in reserved]
    free = f"1 to {usable[-1]}"
    if not keys:
        hint = f"Give it options on the keys {free}."
        yield source.finding(location, "no-options", "the menu has no options", hint)
        return
    for key in keys:
        if key in reserved:
            message = f"key {key} is reserved: in every menu it {reserved[key]}"
            hint = f"Use the keys {free}."
            yield source.finding((*location, key), "reserved-key", message, hint)
        elif key not in usable:
            hint = f"Use the keys {free}."
            message = f"option '{key}' is not a key that can be pressed"
            yield source.finding((*location, key), "bad-key", message, hint)
    present = sorted(set(keys) & set(usable))
    for place, key in enumerate(present):
        if key != usable[place]:
            message = f"key {usable[place]} is missing: options run {', '.join(present)}"
            hint = "Renumber them without a gap."
            yield source.finding((*location, key), "key-gap", message, hint)
            return


def _check_languages(source: Source) -> Iterator[Finding]:
    languages = source.root.get("languages")
    if not isinstance(languages, list):
        return
    for index, language in enumerate(languages):
        if language in languages[:index]:
            message = f"language '{language}' stands twice"
            hint = "Remove one of them."
            place = ("languages", index)
            yield source.finding(place, "duplicate-language", message, hint)


def _check_ids(source: Source, nodes: list[tuple[Location, dict[str, Value]]]) -> Iterator[Finding]:
    first: dict[str, Location] = {}
    for location, node in nodes:
        kinds = kind_keys(node)
        node_id = node[kinds[0]] if len(kinds) == 1 else None
        if not isinstance(node_id, str):
            continue
        place = (*location, kinds[0])
        if node_id in first:
            mark = source.keys[first[node_id]]
            message = f"id '{node_id}' is used already at {mark.line}:{mark.column}"
            hint = "Give each node an id of its own."
            yield source.finding(place, "duplicate-id", message, hint, at_value=True)
        else:
            first[node_id] = place


def _check_gotos(
    source: Source, nodes: list[tuple[Location, dict[str, Value]]]
) -> Iterator[Finding]:
    targets: dict[str, str] = {}
    places: dict[str, Location] = {}
    ids = {str(node[kind]) for _, node in nodes for kind in kind_keys(node)}
    for location, node in nodes:
        node_id, target = node.get("goto"), node.get("to")
        if not isinstance(node_id, str) or not isinstance(target, str):
            continue
        targets[node_id] = target
        places[node_id] = (*location, "to")
        if target not in ids:
            message = f"goto leads to '{target}', and no node has that id"
            hint = suggest(target, ids - {node_id})
            yield source.finding(places[node_id], "no-target", message, hint, at_value=True)
    for node_id, place in places.items():
        if _returns(node_id, targets):
            message = f"goto '{node_id}' leads back to itself"
            hint = "Lead it to a menu, a form, an info, a transfer or a hangup."
            yield source.finding(place, "goto-loop", message, hint, at_value=True)


def _check_offers(
    source: Source, nodes: list[tuple[Location, dict[str, Value]]]
) -> Iterator[Finding]:
    kinds = {str(node[kind]): kind for _, node in nodes[1:] for kind in kind_keys(node)}
    for location, node in nodes:
        offers = node.get("offers")
        if not isinstance(offers, list):
            continue
        for index, offer in enumerate(offers):
            place = (*location, "offers", index)
            if not isinstance(offer, str):
                continue
            if offer not in kinds:
                message = f"'{offer}' is offered, and no node has that id"
                yield source.finding(place, "no-target", message, suggest(offer, kinds))
            elif kinds[offer] == "transfer" or offer in offers[:index]:
                message = f"'{offer}' cannot be offered here"
                hint = "Offer what helps at any hour, each once: a form, an info or a menu."
                yield source.finding(place, "bad-value", message, hint)


def _check_rests(
    source: Source, nodes: list[tuple[Location, dict[str, Value]]]
) -> Iterator[Finding]:
    for location, node in nodes:
        rests, statements = node.get("rests"), node.get("statements")
        if not isinstance(rests, list):
            continue
        told = list(statements) if isinstance(statements, list | dict) else []
        for index, rest in enumerate(rests):
            if isinstance(rest, str) and rest not in told[1:]:
                message = f"'{rest}' is not told here after another statement"
                hint = "Rest before a statement of this item, but the first."
                yield source.finding((*location, "rests", index), "bad-value", message, hint)


def _returns(node_id: str, targets: dict[str, str]) -> bool:
    seen: set[str] = set()
    here = targets.get(node_id)
    while here is not None and here not in seen:
        if here == node_id:
            return True
        seen.add(here)
        here = targets.get(here)
    return False

"""The menu language as JSON Schema, so that editors complete and check a tree while it is typed."""

import json
from collections.abc import Mapping
from typing import Any

from menus.tree import BACK_KEY
from menus.tree_schema import TreePart

_KEYS = [str(digit) for digit in range(1, int(BACK_KEY))]

HELP: Mapping[str, str] = {
    "version": "The version of the menu language.",
    "service": "Whose sites callers can reach by this line.",
    "languages": "Two letters each; the first begins a call, key 8 changes to the next.",
    "words": "Sentences of this tree's own: <words>.<language>.yaml is laid over <language>.yaml.",
    "opening": "Prompts that are said once, before the first menu.",
    "limits": "Patience with a caller, and what a caller has to listen to; times in seconds.",
    "operator": "The desk behind key 0, from everywhere.",
    "offers": "Ids of what helps at any hour; offered while the desk is closed, on keys 1, 2, 3 …",
    "published_paths": "Paths that are printed somewhere, and the id that each has to lead to.",
    "menu": "A menu, and its id. `menus.<id>` is said before its options, if it is written.",
    "options": "What each key leads to: 1, 2, 3 … without a gap. `options.<id>` offers it.",
    "form": "A transaction, and its id; it is the form of that name unless `uses` says another.",
    "uses": "The form's name, where another node has it for its id already.",
    "info": "Something to be told, and its id: the statement `info.<id>` unless they are listed.",
    "statements": "The prompts that are told, in their order, or with the rules that each tells.",
    "rests": "Statements before which the line rests: a long item can be left there.",
    "transfer": "A person, and its id. `transfers.<id>` is said before connecting, `closed.<id>`"
    " (slot {hours}) while the desk is closed, if they are written.",
    "desk": "A desk of desks.yaml.",
    "say": "The prompt that is said before the transfer, if not the usual one.",
    "goto": "Another way to a node, and this way's own id.",
    "to": "The id of the node that it leads to.",
    "hangup": "A farewell, and its id: `hangup.<id>` is said, and the call ends.",
    "rules": "Ids of the business rules that are kept, served or told here.",
    "timeout": "Seconds of silence before the caller is asked again; each key begins them anew.",
    "entry_timeout": "The same where a number is typed, which has to be looked for first.",
    "max_noinput": "Silences at one question before a person takes over.",
    "max_nomatch": "Wrong keys at one question before a person takes over.",
    "max_faults": "Silences and wrong keys in the whole call before a person takes over.",
    "max_turns": "Questions in the whole call before a person takes over.",
    "first_option": "When the first option begins at the latest, from the start of the call.",
    "sixth_option": "When the sixth option of the first menu begins at the latest, likewise.",
    "item": "How long something may be told in one piece.",
}
"""What an editor tells of each key."""


def schema() -> dict[str, Any]:
    """The schema of a tree file, made from the loader's own model.

    It knows every key and the shape of every value. What only the whole tree can tell, such as
    targets and published paths, is for ``menu check``.
    """
    made = TreePart.model_json_schema()
    definitions = made.pop("$defs")
    for part in (made, *definitions.values()):
        _tidy_part(part)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Menu tree",
        "$defs": definitions,
    }


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy_part(part: dict[str, Any]) -> None:
    del part["title"]
    part["description"] = part["description"].replace("``", "`")
    for name, value in part["properties"].items():
        tidied = _tidy(value)
        if name == "options":
            tidied |= {"propertyNames": {"enum": _KEYS}, "minProperties": 1}
        part["properties"][name] = {"description": HELP[name], **tidied}


def _tidy(value: dict[str, Any]) -> dict[str, Any]:
    """The value's schema without what says nothing: titles, and null for what is left out."""
    kept = {key: each for key, each in value.items() if key not in ("title", "default")}
    choices = [_tidy(each) for each in kept.pop("anyOf", []) if each != {"type": "null"}]
    if choices:
        (only,) = choices
        kept |= only
    for bound, keyword in (("ge", "minimum"), ("le", "maximum")):
        if bound in kept:
            kept[keyword] = kept.pop(bound)
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    if "oneOf" in kept:
        kept["oneOf"] = [_tidy(each) for each in kept["oneOf"]]
    if value.get("default") not in (None, [], {}) and "$ref" not in kept:
        kept["default"] = value["default"]
    return kept

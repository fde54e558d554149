"""Turns Pydantic's errors about a tree file into findings with line and hint."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from common.findings import Finding, nearest, suggest
from common.yaml_source import Location, Source
from menus.tree_schema import KINDS, part_at

_KINDS_LISTED = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"


def explain(source: Source, error: ValidationError) -> Iterator[Finding]:
    """A finding for each complaint, but for a missing key whose misspelling is reported already."""
    details = error.errors(include_url=False)
    misspelt = {
        (*detail["loc"][:-1], nearest(str(detail["loc"][-1]), _keys(detail)))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        yield _EXPLAINERS.get(detail["type"], _other)(source, detail)


def _place(detail: ErrorDetails) -> Location:
    """The place in the file: pydantic's location without the kinds and markers it puts in."""
    return tuple(
        step for step in detail["loc"] if not (isinstance(step, str) and step[:1] in ("<", "["))
    )


def _keys(detail: ErrorDetails) -> list[str]:
    return sorted(part_at(detail["loc"][:-1]).model_fields)


def _name(detail: ErrorDetails) -> str:
    place = _place(detail)
    if place and isinstance(place[-1], int):
        return f"entry {place[-1] + 1} of '{place[-2]}'"
    return f"'{place[-1]}'" if place else "the file"


def _unknown_key(source: Source, detail: ErrorDetails) -> Finding:
    key = str(detail["loc"][-1])
    hint = suggest(key, _keys(detail))
    return source.finding(_place(detail), "unknown-key", f"unknown key '{key}'", hint)


def _missing_key(source: Source, detail: ErrorDetails) -> Finding:
    *around, key = detail["loc"]
    whole = str(around[-1]).strip("<>") if around else "tree"
    hint = f"Write '{key}: …' into it."
    message = f"key '{key}' is missing from this {whole}"
    return source.finding(_place(detail)[:-1], "missing-key", message, hint)


def _kind(source: Source, detail: ErrorDetails) -> Finding:
    value = detail["input"]
    place = _place(detail)
    if not isinstance(value, dict):
        message = f"option {_name(detail)} is {_described(value)}, not a node"
        hint = "Write {kind: id}, where the kind is " + _KINDS_LISTED + "."
        return source.finding(place, "wrong-kind", message, hint)
    kinds = [key for key in value if key in KINDS]
    if kinds:
        message = f"an option is both {' and '.join(kinds)}"
        return source.finding((*place, kinds[1]), "two-kinds", message, "Keep one of them.")
    for key in value:
        close = nearest(key, KINDS)
        if close is not None:
            message = f"unknown key '{key}'"
            hint = f"Did you mean '{close}'?"
            return source.finding((*place, key), "unknown-key", message, hint)
    message = f"option {_name(detail)} does not say what it is"
    return source.finding(place, "no-kind", message, f"Give it the key {_KINDS_LISTED}.")


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"the text '{value}'" if value else "empty"
    return "a list" if isinstance(value, list) else "a mapping"


def _wrong_kind(wanted: str) -> Callable[[Source, ErrorDetails], Finding]:
    def explainer(source: Source, detail: ErrorDetails) -> Finding:
        message = f"{_name(detail)} is {_described(detail['input'])}, not {wanted}"
        hint = f"Write {wanted}."
        place = _place(detail)
        return source.finding(place, "wrong-kind", message, hint, at_value=True)

    return explainer


def _pattern(source: Source, detail: ErrorDetails) -> Finding:
    value = detail["input"]
    pattern = str(detail.get("ctx", {}).get("pattern"))
    what, hint = _PATTERNS[pattern]
    message = f"{_name(detail)} is {_described(value)}, which is not {what}"
    if detail["loc"][-1] == "[key]":
        return source.finding(_place(detail), "bad-value", f"'{value}' is not {what}", hint)
    return source.finding(_place(detail), "bad-value", message, hint, at_value=True)


_PATTERNS: Mapping[str, tuple[str, str]] = {
    r"^[a-z][a-z0-9_]*$": (
        "a name",
        "Use lower-case letters a-z, digits and underscores, a letter first.",
    ),
    r"^[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*$": (
        "a prompt id",
        "Write names joined by dots, such as info.about_bill.",
    ),
    r"^[A-Z]{2}-[0-9]{2}$": ("the id of a rule", "Write it like MR-02."),
    r"^[a-z]{2}$": ("a language", "Write its two letters, such as hu or en."),
    r"^[1-9](\.[1-9])*$": ("a path", 'Write digits joined by dots, such as "2.1.1.2".'),
}


def _range(source: Source, detail: ErrorDetails) -> Finding:
    context: dict[str, Any] = detail.get("ctx", {})
    hint = (
        f"Write a number of at least {context['ge']}."
        if "ge" in context
        else f"Write a number of at most {context['le']}."
    )
    message = f"{_name(detail)} is {detail['input']}, which is out of range"
    return source.finding(_place(detail), "bad-value", message, hint, at_value=True)


def _too_short(source: Source, detail: ErrorDetails) -> Finding:
    what = "mapping" if isinstance(detail["input"], dict) else "list"
    message = f"{_name(detail)} is an empty {what}"
    return source.finding(_place(detail), "bad-value", message, "Write at least one entry.")


def _choice(source: Source, detail: ErrorDetails) -> Finding:
    expected = str(detail.get("ctx", {}).get("expected", "")).replace("'", "")
    message = f"{_name(detail)} is {_described(detail['input'])}"
    hint = f"Write {expected}."
    return source.finding(_place(detail), "bad-value", message, hint, at_value=True)


def _other(source: Source, detail: ErrorDetails) -> Finding:
    message = f"{_name(detail)}: {detail['msg']}".rstrip(".")
    hint = "Change the value."
    return source.finding(_place(detail), "bad-value", message, hint, at_value=True)


_EXPLAINERS: Mapping[str, Callable[[Source, ErrorDetails], Finding]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "union_tag_not_found": _kind,
    "dict_type": _wrong_kind("a mapping of keys to values"),
    "model_type": _wrong_kind("a mapping of keys to values"),
    "list_type": _wrong_kind("a list"),
    "string_type": _wrong_kind("a word"),
    "int_type": _wrong_kind("a whole number"),
    "whole_number": _wrong_kind("a whole number"),
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "literal_error": _choice,
    "too_short": _too_short,
}

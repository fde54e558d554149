"""Published figures that sentences say by name, from ``facts.yaml`` beside the sentences.

A figure is written once, with the rules that state it; a sentence says it as ``{name}`` or
``{name:form}``, and each language speaks it in its own way. What a call finds out is no fact: forms
fill their slots themselves.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.findings import Finding, TreeError, suggest
from common.yaml_source import Source, Value, read_yaml
from menus.slots import Count, DayOfMonth, Digits, Money, Number, PhoneNumber, SlotValue
from menus.speech.kinds import KINDS

FILE = "facts.yaml"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_RULE = re.compile(r"[A-Z]{2}-[0-9]{2}")

_SPOKEN_AS: Mapping[str, Callable[[str], SlotValue]] = {
    "count": lambda value: Count(int(value)),
    "number": lambda value: Number(int(value)),
    "money": lambda value: Money(int(value)),
    "day": lambda value: DayOfMonth(int(value)),
    "digits": Digits,
    "phone": PhoneNumber,
}
_FIGURES = ("digits", "phone")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure as it is spoken, and the ids of the rules that state it."""

    value: SlotValue
    rules: tuple[str, ...]


def read_facts(folder: Path) -> tuple[Mapping[str, Fact], Source | None]:
    """The facts by name and their file; none when the folder has no such file.

    Raises TreeError with every flaw of the file.
    """
    path = folder / FILE
    if not path.is_file():
        return {}, None
    source = read_yaml(path)
    findings: list[Finding] = []
    facts: dict[str, Fact] = {}
    for name, entry in source.root.items():
        fact = _fact(source, name, entry)
        if isinstance(fact, Finding):
            findings.append(fact)
        else:
            facts[name] = fact
    if findings:
        raise TreeError(findings)
    return facts, source


def _fact(source: Source, name: str, entry: Value) -> Fact | Finding:
    def flaw(message: str, hint: str, *below: str) -> Finding:
        return source.finding((name, *below), "bad-fact", message, hint)

    if not _NAME.fullmatch(name):
        return flaw(f"'{name}' is not a name", "Use a-z, 0-9 and underscores, a letter first.")
    kinds = [key for key in entry if key in _SPOKEN_AS] if isinstance(entry, dict) else []
    if not isinstance(entry, dict) or len(kinds) != 1:
        hint = f"Write {{kind: figure, rules: […]}}; the kind is {', '.join(_SPOKEN_AS)}."
        return flaw(f"fact '{name}' is not one figure of one kind", hint)
    for key in entry:
        if key not in (*kinds, "rules"):
            return flaw(f"unknown key '{key}'", suggest(key, [*_SPOKEN_AS, "rules"]), key)
    rules = entry.get("rules")
    if not isinstance(rules, list) or not rules or not all(map(_is_rule, rules)):
        hint = "Write rules: [MR-02], with the ids of the rules that state it."
        return flaw(f"fact '{name}' does not say which rules state it", hint, "rules")
    value = _value(kinds[0], entry[kinds[0]])
    if value is None:
        must_be = KINDS[type(_SPOKEN_AS[kinds[0]]("1"))].must_be
        return flaw(f"fact '{name}' cannot be spoken", f"It must be {must_be}.", kinds[0])
    return Fact(value, tuple(map(str, rules)))


def _is_rule(value: Value) -> bool:
    return isinstance(value, str) and _RULE.fullmatch(value) is not None


def _value(kind: str, figure: Value) -> SlotValue | None:
    if not isinstance(figure, str) or not (kind in _FIGURES or _WHOLE.fullmatch(figure)):
        return None
    value = _SPOKEN_AS[kind](figure)
    return value if KINDS[type(value)].valid(value) else None

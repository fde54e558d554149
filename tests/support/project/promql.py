"""Which metrics and labels a query of Prometheus names; enough of the language for our own."""

import re
from dataclasses import dataclass, field

_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*')
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_STRING = re.compile(r'"[^"]*"')
_DURATION = re.compile(r"\[[^\]]*\]")

WORDS = {
    *("sum", "max", "min", "count", "rate", "increase", "histogram_quantile", "time"),
    *("by", "without", "on", "ignoring", "and", "or", "unless"),
}
"""What is no metric: functions and operators that our queries use."""


@dataclass
class Query:
    """``selected`` has the matchers of each selector, ``grouped`` the labels of ``by`` and such."""

    selected: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)


def parse(text: str) -> Query:
    """Read it. Raises ``ValueError`` for brackets without a partner and matchers of no form."""
    bare = _STRING.sub("", text)
    for opening, closing in ("()", "{}", "[]"):
        if bare.count(opening) != bare.count(closing):
            raise ValueError(f"{opening} without {closing}: {text}")
    query = Query()
    for group in _GROUPED.findall(text):
        query.grouped |= {label.strip() for label in group.split(",")}
    text = _DURATION.sub("", _GROUPED.sub("", text))
    for name, matchers in _SELECTOR.findall(text):
        if name not in WORDS:
            query.selected.append((name, _matchers(matchers)))
    return query


def _matchers(text: str) -> dict[str, list[str]]:
    found = {}
    for each in filter(str.strip, re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", text)):
        match = _MATCHER.fullmatch(each)
        if match is None:
            raise ValueError(f"no matcher: {each}")
        label, operator, value = match.groups()
        found[label] = value.split("|") if "~" in operator else [value]
    return found

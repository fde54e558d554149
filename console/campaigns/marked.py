"""Texts with marks in them: places that a check names, and what differs between two versions."""

import difflib
import re
from collections.abc import Iterable

from markupsafe import Markup, escape

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def with_marks(text: str, places: Iterable[tuple[int, int]]) -> Markup:
    """The text with ``<mark>`` around each place; places that overlap are marked as one."""
    html, at = [], 0
    for start, end in sorted(places):
        if end <= max(at, start):
            continue
        html += [
            escape(text[at:start]),
            Markup("<mark>{}</mark>").format(text[max(at, start) : end]),
        ]
        at = end
    return Markup("").join([*html, escape(text[at:])])


def with_changes(old: str, new: str) -> Markup:
    """The new text with what was taken out of the old one and what was put in, word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    html = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        out, put = "".join(before[i:j]), "".join(after[k:m])
        if kind == "equal":
            html.append(escape(put))
            continue
        html += [Markup("<del>{}</del>").format(out)] if out else []
        html += [Markup("<ins>{}</ins>").format(put)] if put else []
    return Markup("").join(html)

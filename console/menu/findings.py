"""The findings of a line's files, told in the user's language."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.desks import load_desks
from common.findings import Finding
from console.calls.menu_words import shown
from console.web.memo import Memo
from console.web.parts import parts
from ivr.code_prompts import REQUIRED
from ivr.forms import FORMS
from ivr.lines.line_check import check_files
from ivr.lines.publishing import spoken_hours
from ivr.opening_check import check_opening
from menus.loader import Line
from menus.prompt_usage import spoken_prompts

CHECKS = Memo(seconds=600)
"""A check takes a good part of a second; a changed file has another key."""

_NAMED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding as the page tells it; ``names`` are what it is about, ``source`` is its line."""

    finding: Finding
    file: str
    names: tuple[str, ...]
    source: str


def findings_of(name: str, line: Line) -> Sequence[Finding]:
    """What the check of the files says of a line; what keeps them from being read goes first.

    The walk through every state, which takes long, is the command line's.
    """
    found = shown()
    unread = found.unread.get(name, ())
    key = (str(parts().lines.defaults.desks), name, line.tree_hash)
    return [*unread, *CHECKS.get(key, parts().clock(), lambda: check(name, line))]


def check(name: str, line: Line) -> list[Finding]:
    """Check a line, or a candidate for it, beside the lines that are shown."""
    found = shown()
    defaults = parts().lines.defaults
    entry = next(each for each in found.entries if each.name == name)
    hours = spoken_hours(load_desks(entry.desks or defaults.desks))
    elsewhere = {
        said.prompt
        for other, neighbour in found.lines.items()
        if other != name
        for said in spoken_prompts(neighbour.tree)
    }
    findings = check_files(
        line, FORMS, hours, REQUIRED, defaults.facts, defaults.recordings, elsewhere
    )
    if not any(finding.severity == "error" for finding in findings):
        findings += check_opening(line, hours, FORMS)
    return findings


def errors_and_warnings(name: str, line: Line) -> tuple[int, int]:
    counted = Counter(each.severity for each in findings_of(name, line))
    return counted["error"], counted["warning"]


def told(findings: Iterable[Finding]) -> list[ToldFinding]:
    """Errors first, each with the line of its file."""
    ordered = sorted(findings, key=lambda each: each.severity != "error")
    return [
        ToldFinding(
            each,
            Path(each.file).name,
            tuple(dict.fromkeys(_NAMED.findall(each.message))),
            _line_of(each),
        )
        for each in ordered
    ]


def _line_of(finding: Finding) -> str:
    try:
        lines = Path(finding.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    place = finding.line - 1
    return lines[place].strip()[:200] if 0 <= place < len(lines) else ""

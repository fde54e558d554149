"""Findings in a tree or prompt file: place, severity, code, message and hint."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]
Code = Literal[
    "anchor",
    "bad-fact",
    "bad-key",
    "bad-slot",
    "bad-value",
    "binary",
    "complaint-first",
    "dead-end",
    "deep",
    "duplicate-id",
    "duplicate-key",
    "duplicate-language",
    "empty",
    "few-turns",
    "first-option-late",
    "goto-loop",
    "item-long",
    "key-first",
    "key-gap",
    "long-menu",
    "long-prompt",
    "many-options",
    "missing-key",
    "no-kind",
    "no-options",
    "no-prompt-file",
    "no-sentence",
    "no-speech",
    "no-target",
    "not-utf8",
    "prompt-missing",
    "published-path",
    "recording-of-slots",
    "recording-stale",
    "recording-unknown",
    "recording-unmarked",
    "reserved-key",
    "several-documents",
    "sixth-option-late",
    "slot-missing",
    "slot-unfilled",
    "slots-differ",
    "syntax",
    "tab",
    "tag",
    "text-long",
    "text-unfit",
    "too-deep",
    "too-large",
    "two-kinds",
    "unknown-desk",
    "unknown-form",
    "unknown-key",
    "unknown-slot-form",
    "unreadable",
    "unused-prompt",
    "walk-astray",
    "walk-endless",
    "walk-failed",
    "walk-trapped",
    "walk-unreached",
    "walk-unspeakable",
    "wrong-kind",
]
"""Every kind of finding. Each has an example in ``tests/data/bad_trees``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw. ``line`` and ``column`` count from 1; only ``hint`` ends in a full stop."""

    file: str
    line: int
    column: int
    severity: Severity
    code: Code
    message: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.severity}[{self.code}]: {self.message}. {self.hint}"


class TreeError(Exception):
    """A tree or prompt file that cannot be loaded; ``findings`` holds every flaw that was seen."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=_reading_order))
        super().__init__("\n".join(map(str, self.findings)))


def _reading_order(finding: Finding) -> tuple[str, int, int]:
    return finding.file, finding.line, finding.column


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None when nothing comes near."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def suggest(word: str, known: Iterable[str]) -> str:
    """The hint for an unknown word: the nearest known one, or else the list to choose from."""
    choice = sorted(known)
    close = nearest(word, choice)
    if close is not None:
        return f"Did you mean '{close}'?"
    if not choice:
        return "None is known."
    shown = ", ".join(choice[:16])
    return f"Known are: {shown}{' …' if len(choice) > 16 else ''}."

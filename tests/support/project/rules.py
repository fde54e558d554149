"""The business rules as tests need them: which are to be told, and the figures that they state."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parents[2] / "data" / "rules.csv"


@dataclass(frozen=True)
class Rule:
    """A rule's classes, K kept by keypad, I told, S staff, T to a person, the main one first.

    ``source`` is S1 for district heating and S2 for electricity.
    """

    classes: tuple[str, ...]
    source: str
    figures: frozenset[str]


def rules() -> Mapping[str, Rule]:
    """Every rule by its id."""
    lines = [line for line in _FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {
        row["id"]: Rule(
            tuple(row["class"].split("/")), row["source"], frozenset(row["figures"].split())
        )
        for row in csv.DictReader(lines, delimiter=";")
    }

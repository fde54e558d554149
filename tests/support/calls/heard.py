"""What has to be heard of the business rules, from ``data/heard.csv``."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parents[2] / "data" / "heard.csv"
_SLOT = re.compile(r"\{([a-z0-9_]+)(?::[a-z0-9_]+)?\}")
_SIGNS = re.compile(r"[^\w{}-]+")


@dataclass(frozen=True)
class Meaning:
    """A fact that any of its rules may tell, and the words of each language that carry it.

    Each word is given by its alternatives, the beginnings of words in ``folded`` spelling.
    """

    rules: frozenset[str]
    words: dict[str, tuple[tuple[str, ...], ...]]

    def missing(self, heard: str, language: str) -> list[str]:
        """The words that are not in what is ``heard``; ``folded`` does both alike."""
        return [
            "|".join(alternatives)
            for alternatives in self.words[language]
            if not any(_is_heard(word, heard) for word in alternatives)
        ]


def meanings() -> list[Meaning]:
    """Every fact of the documents that callers are told, in the order of the file."""
    lines = [line for line in _FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [
        Meaning(
            frozenset(row["rules"].split()),
            {language: _words(row[language]) for language in ("hu", "en")},
        )
        for row in csv.DictReader(lines, delimiter=";")
    ]


def folded(sentence: str) -> str:
    """Small letters without accents and signs; a slot stands by its name alone, as a word."""
    sentence = _SLOT.sub(r" {\1} ", sentence)
    letters = unicodedata.normalize("NFD", sentence.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(_SIGNS.sub(" ", plain).split())


def _words(cell: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(("*" if "*" in word else "") + folded(word) for word in one.split("|"))
        for one in cell.split(",")
    )


def _is_heard(word: str, heard: str) -> bool:
    stem = word.removeprefix("*")
    return stem in heard if word != stem else f" {stem}" in f" {heard}"

"""From a line's files to the line as it is configured, unchecked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.lines.entries import LineEntry, require_known
from menus.loader import Line, load_line
from menus.recordings import load_recordings

if TYPE_CHECKING:
    from messages.content.desk_facts import DeskFacts


@dataclass(frozen=True)
class LineDefaults:
    """What a line has unless its entry says otherwise, and the carrier's voices by language.

    ``recordings`` is a folder of sounds, which the carrier fetches under ``public_url``.
    ``facts`` are of the desk that messages name; without them none is sent. ``number`` (E.164) is
    the own number of a line that names none.
    """

    prompts: Path
    desks: Path
    voices: Mapping[str, str]
    recordings: Path | None = None
    public_url: str | None = None
    facts: DeskFacts | None = None
    number: str = ""


def load_published(entry: LineEntry, defaults: LineDefaults) -> Line:
    """The line as it would be published now, unchecked; its ``tree_hash`` is what calls keep."""
    return load_with_sounds(entry, defaults)[0]


def load_with_sounds(
    entry: LineEntry, defaults: LineDefaults
) -> tuple[Line, Mapping[tuple[str, str], str]]:
    """As ``load_published``, and the addresses of its sounds by language and prompt."""
    line = _as_configured(entry, load_line(entry.tree, entry.prompts or defaults.prompts))
    sounds = _sounds(line, defaults)
    return replace(line, tree_hash=_version(line, sounds)), sounds


def _as_configured(entry: LineEntry, line: Line) -> Line:
    """Give the tree the languages and opening words of its entry.

    The version's name holds them, too: two numbers may share a tree and greet differently, or put
    callers through to other desks.
    """
    if not (entry.languages or entry.opening or entry.desks):
        return line
    tree = line.tree
    require_known(entry, "languages", entry.languages, frozenset(tree.languages))
    languages = entry.languages or tree.languages
    books = {language: line.phrasebooks[language] for language in languages}
    for book in books.values():
        require_known(entry, "opening", entry.opening, book.ids)
    tree = replace(tree, languages=languages, opening=entry.opening or tree.opening)
    told = "\n".join([entry.name, line.tree_hash, *tree.languages, *tree.opening])
    return replace(
        line,
        tree=tree,
        phrasebooks=books,
        prompt_sources={language: line.prompt_sources[language] for language in languages},
        tree_hash=hashlib.sha256(told.encode()).hexdigest(),
    )


def _sounds(line: Line, defaults: LineDefaults) -> Mapping[tuple[str, str], str]:
    """The addresses of what is played, by language and prompt; a new sound has a new address."""
    if defaults.recordings is None or defaults.public_url is None:
        return {}
    base = f"{defaults.public_url}/voice/recordings"
    recordings = load_recordings(defaults.recordings, line.phrasebooks)
    return {
        place: f"{base}/{each.language}/{each.file.name}?v={each.version}"
        for place, each in recordings.items()
        if each.is_played
    }


def _version(line: Line, sounds: Mapping[tuple[str, str], str]) -> str:
    """The version's name. A call keeps the sounds that it began with, so they are part of it."""
    if not sounds:
        return line.tree_hash
    told = "\n".join([line.tree_hash, *sorted(sounds.values())])
    return hashlib.sha256(told.encode()).hexdigest()

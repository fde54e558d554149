"""From a line's files to a line that answers: loaded, proven sound, ready to be spoken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from backend.desks import Desks, load_desks
from common.findings import TreeError
from ivr.code_prompts import REQUIRED
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import conduct
from ivr.forms import FORMS
from ivr.lines.entries import LineEntry, require_known
from ivr.lines.registry import Lines, PublishedLine
from ivr.menu_by_sms import Topics
from ivr.published_texts import check_texts, published_texts
from ivr.twiml import TwimlRenderer, Voice
from menus.line_checks import check_line
from menus.loader import Line, load_line
from menus.recordings import MANIFEST, load_recordings
from menus.slots import Hours, OpenHours
from messages.content.desk_facts import DeskFacts

if TYPE_CHECKING:
    from ivr.dialogue.call import Call


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


def publish(entries: Sequence[LineEntry], defaults: LineDefaults) -> Lines:
    """Publish all lines, the first as the default one.

    Raises ``TreeError`` with all errors that ``menu check`` would show, and ``ConfigurationError``.
    """
    published = [(entry, publish_line(entry, defaults)) for entry in entries]
    by_number = {number: line for entry, line in published for number in entry.numbers}
    return Lines(published[0][1], by_number)


def watched(entries: Sequence[LineEntry], defaults: LineDefaults) -> Iterator[Path]:
    """The files that ``publish`` reads of the lines' trees, sentences and sounds.

    Folders are among them: a file that comes or goes changes its folder.
    """
    for entry in entries:
        prompts = entry.prompts or defaults.prompts
        yield from (entry.tree, prompts, *sorted(prompts.glob("*.yaml")))
    if defaults.recordings is not None:
        for folder in sorted(defaults.recordings.glob("[a-z][a-z]")):
            yield from (folder, folder / MANIFEST)


def publish_line(entry: LineEntry, defaults: LineDefaults) -> PublishedLine:
    """Publish one line; see ``publish`` for what it raises."""
    desks = load_desks(entry.desks or defaults.desks)
    line, sounds = _load(entry, defaults)
    findings = [
        *check_line(line, forms=FORMS, desks=desks.desks, required_prompts=REQUIRED),
        *check_texts(line, defaults.facts),
    ]
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise TreeError(errors)
    renderer = _renderer(line, desks, defaults.voices, sounds)
    hours = spoken_hours(desks)
    return PublishedLine(
        _dialogue,
        CallSetting(line.tree, hours, published_texts(line)),
        line.tree_hash,
        desks,
        renderer,
        renderer.fallback("technical_fault", line.tree.operator),
        Topics(line, desks, hours),
        entry.numbers[0] if entry.numbers else defaults.number,
        entry.name,
    )


def load_published(entry: LineEntry, defaults: LineDefaults) -> Line:
    """The line as it would be published now, unchecked; its ``tree_hash`` is what calls keep."""
    return _load(entry, defaults)[0]


def _load(entry: LineEntry, defaults: LineDefaults) -> tuple[Line, Mapping[tuple[str, str], str]]:
    line = _as_configured(entry, load_line(entry.tree, entry.prompts or defaults.prompts))
    sounds = _sounds(line, defaults)
    return replace(line, tree_hash=_version(line, sounds)), sounds


async def _dialogue(call: Call) -> None:
    await conduct(call, FORMS)


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


def _renderer(
    line: Line,
    desks: Desks,
    names: Mapping[str, str],
    sounds: Mapping[tuple[str, str], str],
) -> TwimlRenderer:
    voices = {
        language: Voice(names[language], book.speaker.locale)
        for language, book in line.phrasebooks.items()
    }
    numbers = {name: desk.number for name, desk in desks.desks.items()}
    return TwimlRenderer(line.phrasebooks, voices, numbers, sounds)


def spoken_hours(desks: Desks) -> Mapping[str, Hours]:
    """The weekly hours of each desk, as a call tells them."""
    return {
        name: Hours(tuple(OpenHours(each.weekdays, each.opens, each.closes) for each in desk.hours))
        for name, desk in desks.desks.items()
    }

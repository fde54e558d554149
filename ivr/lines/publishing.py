"""From a line's files to a line that answers: loaded, proven sound, ready to be spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.desks import Desks, load_desks
from common.findings import TreeError
from ivr.code_prompts import REQUIRED
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import conduct
from ivr.forms import FORMS
from ivr.lines.entries import LineEntry
from ivr.lines.loading import LineDefaults, load_with_sounds
from ivr.lines.registry import Lines, PublishedLine
from ivr.menu_by_sms import Topics
from ivr.published_texts import check_texts, published_texts
from ivr.twiml import TwimlRenderer, Voice
from menus.line_checks import check_line
from menus.loader import Line
from menus.recordings import MANIFEST
from menus.slots import Hours, OpenHours

if TYPE_CHECKING:
    from ivr.dialogue.call import Call


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
    line, sounds = load_with_sounds(entry, defaults)
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


async def _dialogue(call: Call) -> None:
    await conduct(call, FORMS)


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

"""Every flaw of a line that can be told without walking it: what a look at its files shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from common.findings import Finding
from ivr.published_texts import check_texts
from menus.line_checks import check_line
from menus.loader import Line
from menus.recordings import check_recordings
from menus.sentence_checks import Prompts
from menus.slots import Hours
from messages.content.desk_facts import DeskFacts


def check_files(
    line: Line,
    forms: Collection[str],
    hours: Mapping[str, Hours],
    required_prompts: Prompts,
    facts: DeskFacts | None,
    recordings: Path | None,
    spoken_elsewhere: Collection[str] = (),
) -> list[Finding]:
    """The findings of the tree, the sentences, the messages and the sounds, in this order.

    ``spoken_elsewhere`` are prompts of other lines that share the files, ``facts`` are of the desk
    that messages name; ``recordings`` is the folder of sounds.
    """
    found = check_line(
        line,
        forms=forms,
        desks=hours,
        required_prompts=required_prompts,
        spoken_elsewhere=spoken_elsewhere,
    )
    return [
        *found,
        *check_texts(line, facts),
        *check_recordings(recordings, line.phrasebooks, spoken_elsewhere),
    ]

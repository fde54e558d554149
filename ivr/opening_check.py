"""Whether the options of the first menu begin early enough for callers to wait for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from common.findings import Code, Finding
from common.yaml_source import Location
from ivr.dialogue.effects import Said
from ivr.dialogue.menu import FormCode
from ivr.listening import Audience, before_option, listen
from menus.lengths import seconds
from menus.loader import Line
from menus.phrasebook import PhraseError
from menus.slots import Hours

_FIRST = "Shorten the opening sentences, or what introduces the first menu."
_SIXTH = "Shorten the opening sentences or the options before it, or offer fewer."


def check_opening(
    line: Line, hours: Mapping[str, Hours], forms: Mapping[str, FormCode]
) -> Iterator[Finding]:
    """When the first and the sixth option begin, in each language, from the start of the call.

    What is told only to some, such as outages, and what a dropped call left undone are not counted.
    """
    limits = line.tree.limits
    checks: tuple[tuple[int, str, int, Code, Location, str], ...] = (
        (1, "first", limits.first_option, "first-option-late", ("opening",), _FIRST),
        (6, "sixth", limits.sixth_option, "sixth-option-late", ("options", "6"), _SIXTH),
    )
    for language in line.tree.languages:
        said = listen(line, hours, forms, Audience(language))[0].said
        for number, ordinal, limit, code, place, hint in checks:
            before = before_option(said, number)
            if before is not None and (length := said_seconds(line, before)) > limit:
                message = (
                    f"the {ordinal} option begins after about {length:.1f} s in '{language}',"
                    f" more than {limit} s"
                )
                yield line.tree_source.finding(place, code, message, hint, severity="warning")


def said_seconds(line: Line, said: Iterable[Said]) -> float:
    """About how long this takes to say; a sentence that cannot be spoken counts nothing."""
    return sum(seconds(words_of(line, each)) for each in said)


def words_of(line: Line, said: Said) -> str:
    """The words of a sentence, or none where it is missing, which is a finding of its own."""
    try:
        return line.phrasebooks[said.language].speak(said.text)
    except PhraseError:
        return ""

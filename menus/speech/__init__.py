"""Turns slot values into words that a voice reads well, in each language of the line."""

from collections.abc import Mapping
from types import MappingProxyType

from menus.speech.english import ENGLISH
from menus.speech.hungarian import HUNGARIAN
from menus.speech.kinds import Speaker, SpeechError

__all__ = ["SPEAKERS", "Speaker", "SpeechError", "speaker"]

SPEAKERS: Mapping[str, Speaker] = MappingProxyType(
    {known.language: known for known in (HUNGARIAN, ENGLISH)}
)
"""Every language of the line by its code ("hu", "en")."""


def speaker(language: str) -> Speaker:
    """The speaker of ``language``; SpeechError names the known languages when there is none."""
    try:
        return SPEAKERS[language]
    except KeyError:
        known = ", ".join(sorted(SPEAKERS))
        raise SpeechError(f"no speaker for language {language!r}; known: {known}") from None

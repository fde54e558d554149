"""How long a Play lasts, and whether it is a sound at all."""

import io
import wave
from collections.abc import Callable

from simulator.transport import Response
from simulator.voice.document import SOUND_TYPES

UNKNOWN_SECONDS = 5.0
"""What a sound is taken to last when its header does not tell."""


def sound_seconds(response: Response, warn: Callable[[int, str], None]) -> float:
    """The length of a fetched sound; 0 after a warning when it cannot be played.

    A WAV file tells its length in its first bytes; the other kinds are taken as
    ``UNKNOWN_SECONDS``.
    """
    if response.status >= 400:
        warn(11200, f"the sound was answered with HTTP status {response.status}")
        return 0.0
    kind = response.header("Content-Type").partition(";")[0].strip().lower()
    if kind not in SOUND_TYPES:
        warn(13325, f"content type {kind!r} is no sound")
        return 0.0
    try:
        with wave.open(io.BytesIO(response.body), "rb") as header:
            return float(header.getnframes()) / header.getframerate()
    except (wave.Error, EOFError):
        return UNKNOWN_SECONDS


def keypad_seconds(digits: str) -> float:
    """The length of ``<Play digits>``: half a second a tone, and ``W`` rests a whole one."""
    return sum(1.0 if digit == "W" else 0.5 for digit in digits)

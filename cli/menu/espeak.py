"""A voice for previews: espeak-ng, where it is installed.

It sounds like no carrier, but it says every word, and takes about as long over it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import wave
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from menus.lengths import PAUSE_SECONDS
from menus.slots import PAUSE

PROGRAM = "espeak-ng"
WORDS_A_MINUTE = 175
"""The program's usual rate."""

USUAL_RATE = 22_050
"""Samples a second; what it says in its header is what counts."""

_VOICES = {"en": "en-gb"}
_HEADER = 44
_RATE_AT = slice(24, 28)
_SAMPLE_BYTES = 2
_QUIET = 64
"""Samples below this are silence; full volume is 32767."""

_TIMEOUT_SECONDS = 60


class VoiceError(click.ClickException):
    """Nothing here can speak: the program is missing, or does not do what it is asked."""


@dataclass(frozen=True)
class Sound:
    """Spoken words: signed 16-bit samples, one channel, ``rate`` of them a second."""

    samples: array[int]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


Speak = Callable[[str, str], Sound]
"""Speaks the words of a language; ``|`` is a rest."""


def installed_voice() -> Speak:
    """The installed program as a voice. Raises ``VoiceError`` where there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise VoiceError(
            f"{PROGRAM} is not installed, and nothing else here can speak."
            f" Install it (apt install {PROGRAM}, brew install {PROGRAM}), or leave the sound out."
        )
    return lambda language, words: _speak(program, language, words)


def _speak(program: str, language: str, words: str) -> Sound:
    """Say each piece of the words, with the same rests as the carrier is told to make."""
    pieces = words.split(PAUSE)
    whole: array[int] = array("h")
    rate = USUAL_RATE
    for index, piece in enumerate(pieces):
        rests = index < len(pieces) - 1
        if piece.strip():
            sound = _said(program, language, piece)
            rate = sound.rate
            whole += _without_end(sound.samples) if rests else sound.samples
        if rests:
            whole += silence(PAUSE_SECONDS, rate)
    return Sound(whole, rate)


def _said(program: str, language: str, words: str) -> Sound:
    voice = _VOICES.get(language, language)
    command = [program, "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the words go in by its input
            command, input=words.encode(), capture_output=True, check=True, timeout=_TIMEOUT_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise VoiceError(f"{PROGRAM} cannot speak '{voice}' ({type(error).__name__}).") from error
    if len(done.stdout) < _HEADER:
        raise VoiceError(f"{PROGRAM} gave no sound for '{voice}'.")
    # It writes while it speaks, so the lengths in its header are not to be relied on.
    samples: array[int] = array("h", done.stdout[_HEADER:][: _whole(done.stdout)])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(samples, int.from_bytes(done.stdout[_RATE_AT], "little"))


def _whole(wav: bytes) -> int:
    return (len(wav) - _HEADER) // _SAMPLE_BYTES * _SAMPLE_BYTES


def _without_end(samples: array[int]) -> array[int]:
    """The samples without the silence at their end."""
    end = len(samples)
    while end and abs(samples[end - 1]) < _QUIET:
        end -= 1
    return samples[:end]


def silence(seconds: float, rate: int) -> array[int]:
    """Samples of so many seconds in which nothing is heard."""
    return array("h", bytes(_SAMPLE_BYTES * round(seconds * rate)))


def write_wav(file: Path | BinaryIO, sounds: Sequence[Sound]) -> None:
    """Write the sounds one after the other as one WAV file, at the rate of the first."""
    target = str(file) if isinstance(file, Path) else file
    with wave.open(target, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(_SAMPLE_BYTES)
        written.setframerate(sounds[0].rate)
        for sound in sounds:
            frames = array("h", sound.samples)
            if sys.byteorder == "big":
                frames.byteswap()
            written.writeframes(frames.tobytes())

"""Transcript entries: inputs, answers of the records and clock readings of a call.

The transcript is the only state of a call. It is stored as JSON, one row a turn, and replayed from
the start at every webhook.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Raw, Struct


class Began(Struct, frozen=True, array_like=True, tag="began"):
    """The call came in. ``caller_key`` is a keyed hash, never the number; ``None`` if withheld.

    ``tree_hash`` names the version of tree and sentences that the call keeps to.
    """

    tree_hash: str
    reference: str
    caller_key: str | None
    dialled: str


class Keys(Struct, frozen=True, array_like=True, tag="keys"):
    """The caller pressed these keys; the key that finished the entry is not among them.

    ``early`` says that they came before any of the question can have been heard.
    """

    keys: str
    early: bool = False


class Silence(Struct, frozen=True, array_like=True, tag="silence"):
    """The caller pressed nothing until the time was up.

    ``early`` says that the time cannot have been up: the finishing key alone ended the entry.
    """

    early: bool = False


class DialEnded(Struct, frozen=True, array_like=True, tag="dial"):
    """A transfer is over: the carrier's word for how, and the seconds talked."""

    outcome: str
    seconds: int = 0


class Answered(Struct, frozen=True, array_like=True, tag="answer"):
    """The records answered a query or took a command of that name."""

    name: str
    value: Raw


class ClockRead(Struct, frozen=True, array_like=True, tag="now"):
    """The moment that the dialogue was told, aware UTC."""

    moment: datetime


Heard = Keys | Silence | DialEnded
Entry = Began | Heard | Answered | ClockRead


class TranscriptMismatchError(Exception):
    """The transcript and the code no longer tell the same story: stop, never guess."""

    metrics_code = "transcript-mismatch"


_decoder = msgspec.json.Decoder(list[Entry])
_encoder = msgspec.json.Encoder()


def decode(text: str) -> list[Entry]:
    """Return the entries of one stored turn. Raises ``msgspec.DecodeError`` on foreign text."""
    return _decoder.decode(text)


def encode(entries: list[Entry]) -> str:
    return _encoder.encode(entries).decode()


def stored_entries(heard: Iterable[str | None]) -> list[Entry]:
    """The entries of a call's turns. Raises ``TranscriptMismatchError`` where one is unreadable."""
    entries: list[Entry] = []
    for number, text in enumerate(heard):
        if text is None:
            raise TranscriptMismatchError(f"turn {number} was reduced when the call ended")
        try:
            entries += decode(text)
        except msgspec.MsgspecError as error:
            raise TranscriptMismatchError(f"turn {number} cannot be read") from error
    return entries

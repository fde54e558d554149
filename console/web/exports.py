"""Downloads: a POST, because each is recorded before it is made.

A short list goes out at once. One of more than ``STREAMED_ROWS`` is written by a worker and waits
for its user, who may leave meanwhile (``console/exports.py``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from flask import redirect, url_for
from sqlalchemy import Engine

from backend.staff.background_jobs.exports import LongList, ask_for_list, note_export
from common.csv_files.writing import Cell
from console.web.access import signed
from console.web.pages import Reply, done
from console.web.parts import parts, writing
from console.web.tables import csv_response
from console.web.words import N_, _, language

STREAMED_ROWS = 10_000

_SAME = N_("You have asked for this list already: it is being made.")
_OTHER = N_(
    "This list is being made for you with other filters. Ask for the other one when it is ready."
)


@dataclass(frozen=True, slots=True)
class Table:
    """What a download holds: the name of its file without the day, and rows as they are read."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


Maker = Callable[[Engine, Mapping[str, str], datetime], Table]
"""Makes the table that some words choose, as of that moment; it knows no request."""


def note_download(what: str) -> None:
    """Record the download of a list. Raises ``DownloadError`` for the 21st in an hour."""
    with writing() as connection:
        note_export(connection, signed().name, what, parts().clock())


def answer_export(kind: str, make: Maker, chosen: Mapping[str, str], of: str = "") -> Reply:
    """The list as a file, or the page on which its user waits for it.

    ``kind`` and what it is ``of`` name it in the audit log. Raises ``DownloadError`` for one too
    many.
    """
    now, what = parts().clock(), f"{kind} {of}".strip()
    table = make(parts().engine, chosen, now)
    rows = list(islice(table.rows, STREAMED_ROWS + 1))
    if len(rows) <= STREAMED_ROWS:
        note_download(what)
        return csv_response(table.name, table.header, rows)
    wanted = LongList(kind, of, chosen, language())
    with writing() as connection:
        asked = ask_for_list(connection, wanted, signed().name, now, parts().rng)
    at = url_for("exports.export", job_id=asked.job_id)
    if asked.is_new:
        return redirect(at, 303)
    return done(_(_SAME if asked.is_same else _OTHER), at)

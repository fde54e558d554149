"""Downloads: a POST, because each is recorded before it is made.

A short list goes out at once. One of more than ``STREAMED_ROWS`` is written by a worker and waits
for its user, who may leave meanwhile (``console/exports.py``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from flask import redirect, url_for
from sqlalchemy import Connection, Engine
from werkzeug.exceptions import TooManyRequests

from backend.interface.codes import JobKind
from backend.staff.exports import note_export
from backend.staff.jobs import add_job, jobs_of
from backend.staff.stored_files import KEPT
from common.csv_writing import Cell
from console.web.access import signed
from console.web.pages import Reply, csv_response
from console.web.parts import parts, writing
from console.web.words import language

STREAMED_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """What a download holds: the name of its file without the day, and rows as they are read."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


Maker = Callable[[Engine, Mapping[str, str], datetime], Table]
"""Makes the table that some words choose, as of that moment; it knows no request."""


def note_download(what: str) -> None:
    """Record the download of a list. Raises ``TooManyRequests`` for the 21st in an hour."""
    with writing() as connection:
        if not note_export(connection, signed().name, what, parts().clock()):
            raise TooManyRequests


def answer_export(kind: str, make: Maker, chosen: Mapping[str, str], of: str = "") -> Reply:
    """The list as a file, or the page on which its user waits for it.

    ``kind`` and what it is ``of`` name it in the audit log.
    """
    now, what = parts().clock(), f"{kind} {of}".strip()
    table = make(parts().engine, chosen, now)
    rows = list(islice(table.rows, STREAMED_ROWS + 1))
    if len(rows) <= STREAMED_ROWS:
        note_download(what)
        return csv_response(table.name, table.header, rows)
    wanted = {"export": kind, "of": of, "chosen": dict(chosen), "language": language()}
    with writing() as connection:
        job = _asked_for(connection, wanted, now)
    return redirect(url_for("exports.export", job_id=job), 303)


def _asked_for(connection: Connection, wanted: Mapping[str, object], now: datetime) -> str:
    """The job that writes it: one that is at it already, otherwise a new one; its id."""
    by = signed().name
    for job in jobs_of(connection, JobKind.EXPORT, by, now - KEPT):
        if job.data == wanted and not job.is_over:
            return job.job_id
    return add_job(connection, JobKind.EXPORT, by, wanted, now, parts().rng)

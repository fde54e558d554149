"""What a worker does for long downloads: write the list into a stored file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Engine

from backend.db.transactions import write
from backend.interface.codes import JobKind
from backend.staff.background_jobs.job_runner import Handler
from backend.staff.background_jobs.jobs import Job
from backend.staff.background_jobs.stored_files import packed, store_file
from common.csv_files.reading import Progress
from common.csv_files.writing import csv_text
from console.account.log import log_table
from console.calls.requests import requests_table
from console.campaigns.tables import exclusions_table, letters_table, recipients_table
from console.web.exports import Maker
from console.web.tables import BYTE_ORDER_MARK, dated
from console.web.words import speaking

MAKERS: Mapping[str, Maker] = {
    "campaign recipients": recipients_table,
    "campaign letters": letters_table,
    "campaign exclusions": exclusions_table,
    "requests": requests_table,
    "log": log_table,
}
"""By what they are called in the audit log."""

_REPORTED_ROWS = 1000
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJobs:
    """The handler of jobs that write a list, with what it needs."""

    engine: Engine
    clock: Callable[[], datetime]
    rng: Random

    def handlers(self) -> dict[JobKind, Handler]:
        return {JobKind.EXPORT: self.export}

    def export(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """Write the list as of when it was asked for, in the language that it was asked for in.

        A second run writes another file, and the first goes after a day.
        """
        with speaking(job.data["language"]):
            make = MAKERS[job.data["export"]]
            table = make(self.engine, job.data["chosen"], job.created_at)
            text = csv_text(table.header, _told(table.rows, progress))
            parts = packed(each.encode() for each in chain([BYTE_ORDER_MARK], text))
            name = dated(table.name, job.created_at)
        with write(self.engine) as connection:
            file = store_file(connection, name, parts, job.by, self.clock(), self.rng)
        return {"file": file}


def _told(rows: Iterable[Row], progress: Progress) -> Iterator[Row]:
    """The rows; now and then it is told how many there were. Nobody knows how many will be."""
    for count, row in enumerate(rows, 1):
        if count % _REPORTED_ROWS == 0:
            progress("writing", count, 0)
        yield row

"""What the judging of a planned campaign's list has come to: its figures, or its faults."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from backend.staff.background_jobs.jobs import Job
from backend.staff.background_jobs.stored_files import content_of, discard_file


@dataclass(frozen=True, slots=True)
class Figures:
    """What a judged list has come to: ``rows`` = ``recipients`` + all of ``excluded``.

    ``lately`` is how many recipients got this very text within 30 days; ``None`` without a text.
    ``exclusions`` is the file of who was left out.
    """

    rows: int
    recipients: int
    excluded: Mapping[str, int]
    lately: int | None
    exclusions: str


def figures_of(job: Job | None) -> Figures | None:
    """What the job has counted; ``None`` while it is not done, or when it was refused."""
    return Figures(**job.result) if job and job.state == "done" and job.result else None


def has_faults(job: Job) -> bool:
    """Whether the list was read and refused."""
    return _file_of_faults(job) is not None


def faults_of(connection: Connection, job: Job | None) -> list[Mapping[str, Any]]:
    """The first faults of a list that was refused; none once the list itself is not kept."""
    file = _file_of_faults(job)
    content = b"".join(content_of(connection, file)) if file else b""
    faults: list[Mapping[str, Any]] = json.loads(content) if content else []
    return faults


def discard_judged(connection: Connection, job: Job | None) -> None:
    """Delete the files that the judging of a list has left: who is left out, or its faults."""
    figures = figures_of(job)
    for file in (figures.exclusions if figures else None, _file_of_faults(job)):
        if file is not None:
            discard_file(connection, file)


def _file_of_faults(job: Job | None) -> str | None:
    result = job.result if job is not None and job.state == "failed" else None
    return None if result is None else result["parameters"].get("faults")

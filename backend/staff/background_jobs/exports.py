"""Downloads of lists: each is in the audit log, and nobody makes too many of them.

A long list is written by a worker. Of the lists that a user waits for there is one of a kind, and a
few in all, so that nobody keeps the workers from what others wait for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection

from backend.db.locks import lock_subjects
from backend.interface.codes import JobKind
from backend.staff.audit import count_acts, record_act
from backend.staff.background_jobs.jobs import add_job, jobs_of
from backend.staff.background_jobs.stored_files import KEPT
from common.error_codes import ErrorCode
from common.errors import DownloadError

MOST_AN_HOUR = 20
MOST_WAITING = 3
"""Long lists of one user that wait or are being written at the same time."""

ACT = "export make"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LongList:
    """A list for a worker to write: its ``kind``, what it is ``of``, by which words it is chosen.

    ``language`` is that of its headings. None of it is personal.
    """

    kind: str
    of: str
    chosen: Mapping[str, str]
    language: str

    def stored(self) -> dict[str, object]:
        """As its job holds it."""
        return {
            "export": self.kind,
            "of": self.of,
            "chosen": dict(self.chosen),
            "language": self.language,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """The job that a user waits for; ``is_new`` when they have just asked for it.

    Where not even ``is_same`` holds, it is of the same kind, chosen otherwise.
    """

    job_id: str
    is_new: bool
    is_same: bool


def note_export(connection: Connection, by: str, what: str, now: datetime) -> None:
    """Record that the user downloads a list.

    ``what`` names the list, and holds nothing personal. Raises ``DownloadError`` for the one after
    ``MOST_AN_HOUR`` in an hour.
    """
    if count_acts(connection, by, ACT, now - _HOUR) >= MOST_AN_HOUR:
        raise _too_many_an_hour()
    record_act(connection, by, ACT, what, None, now)


def ask_for_list(
    connection: Connection, wanted: LongList, by: str, now: datetime, rng: Random
) -> Waiting:
    """Have a long list written; the one of its kind that the user waits for, if there is one.

    Raises ``DownloadError`` when ``MOST_WAITING`` of theirs are not ready yet, or they have asked
    for ``MOST_AN_HOUR`` within the hour.
    """
    # Two presses at once would each find that there is none.
    lock_subjects(connection, f"export {by}")
    asked = jobs_of(connection, JobKind.EXPORT, by, now - KEPT)
    open_ones = [job for job in asked if not job.is_over]
    for job in open_ones:
        if (job.data["export"], job.data["of"]) == (wanted.kind, wanted.of):
            return Waiting(job.job_id, is_new=False, is_same=job.data == wanted.stored())
    if len(open_ones) >= MOST_WAITING:
        raise DownloadError(
            f"{MOST_WAITING} lists of yours are not ready yet. Wait for one of them.",
            code=ErrorCode.DOWNLOADS_WAITING,
            most=MOST_WAITING,
        )
    if sum(job.created_at > now - _HOUR for job in asked) >= MOST_AN_HOUR:
        raise _too_many_an_hour()
    job_id = add_job(connection, JobKind.EXPORT, by, wanted.stored(), now, rng)
    return Waiting(job_id, is_new=True, is_same=True)


def _too_many_an_hour() -> DownloadError:
    return DownloadError(
        f"{MOST_AN_HOUR} lists may be downloaded in an hour. Try it again in an hour.",
        code=ErrorCode.DOWNLOADS_IN_AN_HOUR,
        most=MOST_AN_HOUR,
    )

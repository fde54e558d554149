"""Running jobs in a worker: one at a time in a process, with its progress on record."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, Engine, false

from backend.db.transactions import write
from backend.interface.codes import JobKind, JobState
from backend.staff.background_jobs.job_folders import clear_left_folders
from backend.staff.background_jobs.jobs import (
    SEEN_EVERY,
    Job,
    claim_job,
    end_job,
    forget_worker,
    jobs_wait,
    note_progress,
    note_worker,
)
from backend.staff.background_jobs.stored_files import discard_old_files
from common.csv_files.reading import Progress
from common.errors import ConnectionLostError, DatabaseUnreachableError, RecordsError
from common.redaction import redacted
from telemetry.catalogue import JOBS_ENDED
from telemetry.work import Work

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_REPORTS = 0.5
SILENT = frozenset({"storing"})
"""Stages that hold the turn to write: telling of them would wait for themselves."""

Handler = Callable[[Job, Progress], Mapping[str, Any]]
"""Does a job and returns its result; a ``RecordsError`` ends it as refused."""


@dataclass
class JobRunner:
    """The jobs that this worker can do; ``worker`` is the name that it is seen under."""

    engine: Engine
    worker: str
    clock: Callable[[], datetime]
    handlers: Mapping[JobKind, Handler]
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def stay_present(self, stopping: threading.Event) -> None:
        """Be seen until ``stopping`` is set; files of staff that are a day old go meanwhile."""
        clear_left_folders()
        while not stopping.is_set():
            try:
                with write(self.engine, durable=False) as connection:
                    note_worker(connection, self.worker, self.clock())
                    discard_old_files(connection, self.clock())
            except Exception as error:
                # Whatever it was: who is not seen would lose its jobs to others while it is there.
                logger.warning(
                    "this worker cannot be seen: %s",
                    redacted(error),
                    extra={"event": "worker_not_seen"},
                )
            stopping.wait(SEEN_EVERY.total_seconds())
        try:
            with write(self.engine, durable=False) as connection:
                forget_worker(connection, self.worker)
        except RecordsError:
            logger.info(
                "this worker is taken to be gone in a minute",
                extra={"event": "worker_not_signed_off"},
            )

    def is_wanted(self, now: datetime) -> ColumnElement[bool]:
        """Whether a job waits and this process is free, to be asked with what else is due."""
        return false() if self._busy.locked() else jobs_wait(self.worker, now)

    def run_one(self) -> bool:
        """Do the oldest job, unless this process is at one; whether there was any."""
        if not self._busy.acquire(blocking=False):
            return False
        try:
            with write(self.engine) as connection:
                job = claim_job(connection, self.worker, self.clock())
            if job is None:
                return False
            with Work("job", job=job.job_id) as work:
                work.note(kind=job.kind.value)
                self._run(job, work)
            return True
        finally:
            self._busy.release()

    def _run(self, job: Job, work: Work) -> None:
        logger.info("job %s begins: %s", job.job_id, job.kind, extra={"event": "job_begun"})
        if job.attempts > 1:
            clear_left_folders()
        state = JobState.FAILED
        try:
            result = self.handlers[job.kind](job, self._progress(job))
            state = JobState.DONE
        except ConnectionLostError as error:
            # It is not ended, and so begun anew as soon as the database is there.
            logger.warning("job %s is left: %s", job.job_id, error, extra={"event": "job_left"})
            return
        except RecordsError as error:
            result = refused(error)
        except Exception as error:
            work.failed(error)
            # Without its message, which may hold what stands in a list.
            logger.error(
                "job %s has failed: %s", job.job_id, redacted(error), extra={"event": "job_failed"}
            )
            result = {"code": "failed", "parameters": {}}
        with write(self.engine) as connection:
            ended = end_job(connection, job, state, result, self.clock())
        if ended:
            JOBS_ENDED.count(state)
        logger.info(
            "job %s: %s",
            job.job_id,
            state if ended else "was taken over",
            extra={"event": "job_ended"},
        )

    def _progress(self, job: Job) -> Progress:
        last = -SECONDS_BETWEEN_REPORTS

        def report(stage: str, done: int, total: int) -> None:
            nonlocal last
            now = monotonic()
            if stage in SILENT or now - last < SECONDS_BETWEEN_REPORTS:
                return
            last = now
            named = stage if stage in ("judging", "writing") else "reading"
            # For the eye only: the work itself goes on, or meets the same failure.
            with (
                suppress(DatabaseUnreachableError),
                write(self.engine, durable=False) as connection,
            ):
                note_progress(connection, job, named, done, total)

        return report


def refused(error: RecordsError) -> dict[str, Any]:
    """An error as the result of a job: its code and those parameters that JSON can hold."""
    plain = {
        name: value
        for name, value in error.parameters.items()
        if isinstance(value, str | int | float | bool | list | None)
    }
    return {"code": error.code.value, "parameters": plain}

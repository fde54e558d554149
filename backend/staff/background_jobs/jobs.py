"""Jobs: work that takes longer than a page, asked for by staff and done by a worker.

A worker claims a job by one conditional update. One that dies is not seen any more, and another
takes the job over from the beginning: whatever a job does has to bear that. A job at which three
workers have died is what kills them, and fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, or_, select, update

from backend.db.tables.staff import jobs, workers
from backend.db.transactions import upserting
from backend.interface.codes import JobKind, JobState
from common.error_codes import ErrorCode

SEEN_EVERY = timedelta(seconds=10)
GONE_AFTER = timedelta(seconds=60)
"""A worker that was not seen for so long is taken to be dead."""

MOST_ATTEMPTS = 3
"""Workers that may die at one job."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job; ``result`` holds what came of it, or the code and parameters of its error."""

    job_id: str
    kind: JobKind
    by: str
    state: JobState
    data: Mapping[str, Any]
    stage: str | None
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    created_at: datetime
    worker: str | None
    attempts: int

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)


def add_job(
    connection: Connection,
    kind: JobKind,
    by: str,
    data: Mapping[str, Any],
    now: datetime,
    rng: Random,
) -> str:
    """Ask for a job; its id."""
    job_id = rng.randbytes(8).hex()
    row = {"job_id": job_id, "kind": kind, "by": by, "data": dict(data), "created_at": now}
    connection.execute(insert(jobs), row)
    return job_id


def find_job(connection: Connection, job_id: str | None, by: str) -> Job | None:
    """That user's job; ``None`` for a colleague's, and for one that is not kept any more.

    What names a job may be kept for longer than the job.
    """
    if job_id is None:
        return None
    row = connection.execute(_FOUND.where(jobs.c.job_id == job_id, jobs.c.by == by)).first()
    return None if row is None else _job(row)


def jobs_of(connection: Connection, kind: JobKind, by: str, since: datetime) -> list[Job]:
    """What that user has asked for of that kind since then, the latest first."""
    wanted = (jobs.c.by == by) & (jobs.c.kind == kind) & (jobs.c.created_at > since)
    found = connection.execute(_FOUND.where(wanted).order_by(jobs.c.created_at.desc()))
    return [_job(row) for row in found]


def jobs_wait(worker: str, now: datetime) -> ColumnElement[bool]:
    """Whether that worker, which is at no job, should look for one."""
    return _claimable(worker, now).exists()


def claim_job(connection: Connection, worker: str, now: datetime) -> Job | None:
    """Take the oldest job that waits or that nobody is at any more; ``None`` without any.

    A worker asks only while it is at no job itself. What ``MOST_ATTEMPTS`` workers have died at
    fails instead, with the code ``JOB_ABANDONED``.
    """
    oldest = _claimable(worker, now).order_by(jobs.c.created_at, jobs.c.job_id).limit(1)
    while (found := connection.execute(oldest).first()) is not None:
        # As it was found: of two that look at once the second finds it changed.
        same = (jobs.c.job_id == found.job_id) & (jobs.c.state == found.state)
        same &= jobs.c.worker.is_not_distinct_from(found.worker)
        again = found.worker == worker
        given_up = found.attempts >= MOST_ATTEMPTS and not again
        how = _given_up(now) if given_up else _begun(worker, found.attempts + (not again), now)
        if not connection.execute(update(jobs).where(same).values(how)).rowcount:
            return None
        if not given_up:
            return _job(connection.execute(_FOUND.where(jobs.c.job_id == found.job_id)).one())
    return None


def _begun(worker: str, attempts: int, now: datetime) -> dict[str, Any]:
    taken = {"state": JobState.RUNNING, "worker": worker, "attempts": attempts, "started_at": now}
    return {**taken, "stage": None, "done": 0, "total": None}


def _given_up(now: datetime) -> dict[str, Any]:
    result = {"code": ErrorCode.JOB_ABANDONED.value, "parameters": {}}
    return {"state": JobState.FAILED, "result": result, "finished_at": now}


def note_progress(connection: Connection, job: Job, stage: str, done: int, total: int) -> None:
    """Show how far a job is, while it is still this worker's."""
    mine = (jobs.c.job_id == job.job_id) & (jobs.c.worker == job.worker)
    connection.execute(update(jobs).where(mine).values(stage=stage, done=done, total=total))


def end_job(
    connection: Connection, job: Job, state: str, result: Mapping[str, Any], now: datetime
) -> bool:
    """End a job; ``False`` when another worker has taken it over meanwhile."""
    mine = (jobs.c.job_id == job.job_id) & (jobs.c.worker == job.worker)
    how = {"state": state, "result": dict(result), "finished_at": now}
    ended = update(jobs).where(mine, jobs.c.state == JobState.RUNNING).values(how)
    return bool(connection.execute(ended).rowcount)


def note_worker(connection: Connection, worker: str, now: datetime) -> None:
    """Tell that this worker is there; forget those that have been gone for a day."""
    seen = upserting(connection, workers).values(worker=worker, seen_at=now)
    connection.execute(seen.on_conflict_do_update(index_elements=["worker"], set_={"seen_at": now}))
    connection.execute(delete(workers).where(workers.c.seen_at < now - timedelta(days=1)))


def a_worker_is_there(connection: Connection, now: datetime) -> bool:
    """Whether any worker was seen within a minute."""
    last = connection.scalar(select(func.max(workers.c.seen_at, type_=workers.c.seen_at.type)))
    return last is not None and last > now - GONE_AFTER


def forget_worker(connection: Connection, worker: str) -> None:
    """A worker ends in peace: what it has is free at once."""
    connection.execute(delete(workers).where(workers.c.worker == worker))


def _claimable(worker: str, now: datetime) -> Select[Any]:
    present = select(workers.c.worker).where(workers.c.seen_at > now - GONE_AFTER)
    # Its own are those whose end it could not write, because the database was away.
    left = or_(jobs.c.worker == worker, jobs.c.worker.not_in(present))
    orphaned = (jobs.c.state == JobState.RUNNING) & left
    wanted = or_(jobs.c.state == JobState.WAITING, orphaned)
    return select(jobs.c.job_id, jobs.c.state, jobs.c.worker, jobs.c.attempts).where(wanted)


_FOUND = select(*(jobs.c[name] for name in Job.__dataclass_fields__))


def _job(row: Any) -> Job:
    job_id, kind, by, state, *rest = row
    return Job(job_id, JobKind(kind), by, JobState(state), *rest)

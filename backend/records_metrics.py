"""What the records say of calls, messages and jobs, read at a scrape of the metrics.

Nothing here is counted in a process: whatever dies or is started again, the records are right.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, and_, case, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.db.deadline import answer_within, seconds_left
from backend.db.tables.api import webhook_messages, webhooks
from backend.db.tables.messages import ASKED_BY_CALL, campaigns, outbox, tasks
from backend.db.tables.records import calls
from backend.db.tables.staff import jobs, workers
from backend.db.transactions import read
from backend.retention.periods import LONGEST_CALL
from backend.staff.background_jobs.jobs import GONE_AFTER
from common.errors import RecordsError
from telemetry import catalogue
from telemetry.instruments import Gauge

SCRAPE_SECONDS = 2.0
"""For all questions together; then only ``zoldszam_database_up 0`` is told."""

_STEPS = 20_000
"""Of SQLite's machine, between two looks at the time: about a millisecond."""

Values: TypeAlias = Mapping[tuple[str, ...], float]

_UNSETTLED = ("claimed", "unknown")
_GOING_ON = ("scheduled", "running", "paused")


class RecordsCollector:
    """Reads the records for one scrape at a time, within ``SCRAPE_SECONDS``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()

    def collect(self) -> Iterable[Any]:
        """The families; without an answer in time only that there was none."""
        found: dict[Gauge, Values] = {catalogue.DATABASE_UP: {(): 1}}
        try:
            with (
                self._lock,
                answer_within(SCRAPE_SECONDS),
                read(self._engine) as connection,
                _interrupted_in_time(connection),
            ):
                found |= _figures(connection, self._clock())
        except (DBAPIError, PoolTimeoutError, RecordsError):
            # Who serves calls or pages meets the same failure, and tells of it in the log.
            found = {catalogue.DATABASE_UP: {(): 0}}
        return [gauge.family(values) for gauge, values in found.items()]


@contextmanager
def _interrupted_in_time(connection: Connection) -> Iterator[None]:
    """Give a statement of SQLite up when the budget is spent; PostgreSQL's wait ends by itself."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: seconds_left() == 0, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _figures(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    return (
        _calls(connection, now)
        | _messages(connection, now)
        | _campaigns(connection)
        | _jobs(connection, now)
        | _tasks(connection, now)
        | _events(connection, now)
    )


def _calls(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    # The end of an older one was never reported; ``retention run`` closes it.
    going_on = and_(calls.c.ended_at.is_(None), calls.c.began_at > now - LONGEST_CALL)
    number = connection.scalar(select(func.count()).select_from(calls).where(going_on))
    return {catalogue.CALLS_IN_PROGRESS: {(): number or 0}}


def _messages(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    of_campaigns = (
        select(outbox.c.state, func.count())
        .join_from(campaigns, outbox)
        .where(campaigns.c.state.in_(_GOING_ON))
        .group_by(outbox.c.state)
    )
    # Of campaigns that are over, too: whoever is not settled is not forgotten.
    unsettled = (
        select(outbox.c.state, func.count(), _earliest(outbox.c.settled_at))
        .where(outbox.c.state.in_(_UNSETTLED))
        .group_by(outbox.c.state)
    )
    counts: dict[tuple[str, ...], float] = {("queued",): 0, ("claimed",): 0, ("unknown",): 0}
    counts |= {(state,): number for state, number in connection.execute(of_campaigns)}
    oldest: dict[str, datetime | None] = {"queued": None, "requested": None, "unknown": None}
    for state, number, since in connection.execute(unsettled):
        counts[state,] = number
        if state == "unknown":
            oldest["unknown"] = since
    waits = (
        select(outbox.c.number)
        .where(outbox.c.campaign_id == campaigns.c.campaign_id, outbox.c.state == "queued")
        .exists()
    )
    single = or_(campaigns.c.created_by == ASKED_BY_CALL, campaigns.c.reply_to.is_not(None))
    kind = case((single, "requested"), else_="queued")
    queued = (
        select(kind, _earliest(campaigns.c.started_at))
        .where(campaigns.c.state == "running", waits)
        .group_by(kind)
    )
    for what, since in connection.execute(queued):
        oldest[what] = since
    ages: Values = {(state,): _age(since, now) for state, since in oldest.items()}
    return {catalogue.OUTBOX: counts, catalogue.OUTBOX_OLDEST: ages}


def _campaigns(connection: Connection) -> dict[Gauge, Values]:
    by_state = (
        select(campaigns.c.state, func.count())
        .where(campaigns.c.state.in_(_GOING_ON))
        .group_by(campaigns.c.state)
    )
    return {catalogue.CAMPAIGNS: _counts(connection.execute(by_state), _GOING_ON)}


def _jobs(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    by_state = select(jobs.c.state, func.count()).group_by(jobs.c.state)
    oldest = select(_earliest(jobs.c.created_at)).where(jobs.c.state == "waiting")
    seen = select(func.count()).select_from(workers).where(workers.c.seen_at > now - GONE_AFTER)
    states = catalogue.JOBS.labels["state"]
    return {
        catalogue.JOBS: _counts(connection.execute(by_state), states),
        catalogue.JOBS_OLDEST: {(): _age(connection.scalar(oldest), now)},
        catalogue.WORKERS: {(): connection.scalar(seen) or 0},
    }


def _tasks(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    waiting = select(func.count(), _earliest(tasks.c.opened_at)).where(tasks.c.done_at.is_(None))
    number, since = connection.execute(waiting).one()
    return {catalogue.TASKS: {(): number}, catalogue.TASKS_OLDEST: {(): _age(since, now)}}


def _events(connection: Connection, now: datetime) -> dict[Gauge, Values]:
    # An event that came while its receiver was being disabled stands there as if it were due.
    untold = webhook_messages.c.due_at.is_not(None) & webhooks.c.disabled_at.is_(None)
    found = select(func.count(), _earliest(webhook_messages.c.at))
    waiting = found.join_from(webhook_messages, webhooks).where(untold)
    number, since = connection.execute(waiting).one()
    return {catalogue.EVENTS_WAITING: {(): number}, catalogue.EVENTS_OLDEST: {(): _age(since, now)}}


def _earliest(column: Any) -> Any:
    return func.min(column, type_=column.type)


def _counts(rows: Iterable[Any], states: Iterable[str]) -> Values:
    return {(state,): 0.0 for state in states} | {(state,): number for state, number in rows}


def _age(since: datetime | None, now: datetime) -> float:
    """In seconds; nought without any, and where a clock was put back."""
    return 0.0 if since is None else max(timedelta(), now - since).total_seconds()

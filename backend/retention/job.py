"""Retention job: deletes expired records, by a period for each kind."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Engine, Select, func, select

from backend.calls.call_ends import LATE_ANSWER, end_call, forget_typed
from backend.calls.caller_profiles import forget_notes
from backend.context import IdentificationLimits
from backend.db.sqlite.sqlite_engine import empty_log
from backend.db.tables.records import callers, calls, identification_failures, proven_callers, turns
from backend.db.transactions import read, write
from backend.interface.codes import CallOutcome
from backend.retention.expired_api_rows import API_ROWS
from backend.retention.expired_console_rows import CONSOLE_ROWS
from backend.retention.expired_messages import REPLIES, TASKS, TEXTS, TOPICS
from backend.retention.expired_rows import PAUSE_SECONDS, Rows
from backend.retention.periods import LONGEST_CALL, USUAL_PERIODS, Periods

UNREPORTED = "unreported"

_TRIES = 100
"""To find a moment in which nobody reads or writes."""

_FAILURES = Rows.since(identification_failures.c.number, identification_failures.c.at)
_CALLERS = Rows.since(callers.c.caller_key, callers.c.seen_at)
_PROVEN = Rows.since(proven_callers.c.number, proven_callers.c.at)
_CALLS = Rows(calls.c.call_sid, lambda before: calls.c.began_at < before, (turns.c.call_sid,))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run has done: calls that it closed, and how much of each kind it has deleted.

    ``failed_identifications`` are those that no lock counts any more, ``texts`` what callers had
    asked for, ``proven`` the sites that a number has identified, ``past_calls`` calls, each
    with its path. ``sessions``, ``drafts``, ``jobs``, ``forms`` (that were sent),
    ``login_failures`` and ``challenges`` (for passkeys) are of the staff's pages, ``answers`` (kept
    for repeats) and ``events`` (that were told) of the machines' API.
    """

    calls: int
    failed_identifications: int
    texts: int = 0
    topics: int = 0
    replies: int = 0
    tasks: int = 0
    callers: int = 0
    proven: int = 0
    past_calls: int = 0
    sessions: int = 0
    drafts: int = 0
    jobs: int = 0
    forms: int = 0
    login_failures: int = 0
    challenges: int = 0
    answers: int = 0
    events: int = 0


def run(
    engine: Engine,
    now: datetime,
    limits: IdentificationLimits,
    periods: Periods = USUAL_PERIODS,
    going_on: Callable[[], bool] = lambda: True,
) -> Forgotten:
    """Close calls whose end was never reported, delete what is past its time; safe to repeat.

    Each call is closed in a transaction of its own, and rows are deleted a few hundred at a time,
    so that callers are never held up for long. Once ``going_on`` denies, the rest is left.
    """
    closed = _close_lost(engine, now, going_on)
    with read(engine) as connection:
        unreduced = connection.scalars(_unreduced(now)).all()
    for call_sid in takewhile(lambda _: going_on(), unreduced):
        with write(engine) as connection:
            forget_typed(connection, call_sid)
    forgotten = _each(
        now, limits, periods, lambda rows, before: rows.forget(engine, before, going_on)
    )
    with write(engine) as connection:
        forget_notes(connection, now)
    _empty_log(engine)
    return Forgotten(closed, **forgotten)


def _close_lost(engine: Engine, now: datetime, going_on: Callable[[], bool]) -> int:
    with read(engine) as connection:
        lost = connection.scalars(_lost(now)).all()
    closed = 0
    for call_sid in takewhile(lambda _: going_on(), lost):
        with write(engine) as connection:
            end_call(connection, call_sid, now, UNREPORTED)
        closed += 1
    return closed


def _empty_log(engine: Engine) -> None:
    """What was erased is to be read in no file; callers who are served just now go first."""
    for _ in range(_TRIES):
        if empty_log(engine):
            return
        time.sleep(PAUSE_SECONDS)


def preview(
    engine: Engine, now: datetime, limits: IdentificationLimits, periods: Periods = USUAL_PERIODS
) -> Forgotten:
    """What ``run`` would do at this moment; nothing is changed."""
    with read(engine) as connection:
        lost = connection.execute(select(func.count()).select_from(_lost(now).subquery()))
        number = lost.scalar_one()
    return Forgotten(
        number, **_each(now, limits, periods, lambda rows, before: rows.count(engine, before))
    )


def _lost(now: datetime) -> Select[str]:
    return select(calls.c.call_sid).where(
        calls.c.ended_at.is_(None), calls.c.began_at < now - LONGEST_CALL
    )


def _unreduced(now: datetime) -> Select[str]:
    """Ended calls that were kept for a late answer by a worker that is gone or has no calls."""
    return (
        select(turns.c.call_sid)
        .distinct()
        .join_from(turns, calls)
        .where(
            calls.c.outcome == CallOutcome.ABANDONED_BEFORE_CONFIRM,
            calls.c.ended_at < now - LATE_ANSWER,
            turns.c.heard.is_not(None),
        )
    )


def _each(
    now: datetime,
    limits: IdentificationLimits,
    periods: Periods,
    treat: Callable[[Rows, datetime], int],
) -> Mapping[str, int]:
    longest = max(limits.caller_within, limits.site_within, limits.unproven_within, LONGEST_CALL)
    kinds = {
        "failed_identifications": (_FAILURES, longest),
        "texts": (TEXTS, periods.topics),
        "topics": (TOPICS, periods.topics),
        # Before the tasks: without its task a reply would seem to have had none.
        "replies": (REPLIES, periods.replies),
        "tasks": (TASKS, periods.tasks),
        "callers": (_CALLERS, periods.callers),
        "proven": (_PROVEN, periods.callers),
        "past_calls": (_CALLS, periods.calls),
        **CONSOLE_ROWS,
        **API_ROWS,
    }
    return {name: treat(rows, now - period) for name, (rows, period) in kinds.items()}

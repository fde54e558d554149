"""Calls one by one and by the hour, each with what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, case, cast, func, select, tuple_

from backend.calls.call_statistics import Dialled, during, has_stored
from backend.db.tables.records import calls
from backend.interface.codes import ABANDONED, GOING_ON

PAGE = 50


class Result(StrEnum):
    """What became of a call; every call has exactly one."""

    SETTLED = "settled"
    """Something was stored."""

    HANDED_OVER = "handed_over"
    """It was put through to a desk, and nothing was stored."""

    INFORMED = "informed"
    """It came to its end, or was hung up after what it asked for had been told."""

    HUNG_UP = "hung_up"
    GOING_ON = "going_on"


@dataclass(frozen=True, slots=True)
class ListedCall:
    """The head of a call; nothing in it tells who called."""

    call_sid: str
    reference: str
    dialled: str | None
    tree_hash: str
    began_at: datetime
    agent_at: datetime | None
    ended_at: datetime | None
    outcome: str
    desk: str | None
    result: Result


def results_by_hour(
    connection: Connection, since: datetime, until: datetime, dialled: Dialled | None = None
) -> dict[datetime, Counter[Result]]:
    """How many calls that began in each hour (its beginning, in UTC) came to which result."""
    # Grouped by name: PostgreSQL takes an expression with parameters for another one each time.
    hour, result = _hour(connection).label("hour"), result_column().label("result")
    counted = (
        select(hour, result, func.count())
        .where(*during(since, until, dialled))
        .group_by(hour.name, result.name)
    )
    found: dict[datetime, Counter[Result]] = {}
    for written, reached, number in connection.execute(counted):
        begins = datetime.fromisoformat(f"{written}:00").replace(tzinfo=UTC)
        found.setdefault(begins, Counter())[Result(reached)] = number
    return found


def page_of_calls(
    connection: Connection,
    since: datetime,
    until: datetime,
    dialled: Dialled | None = None,
    *,
    result: Result | None = None,
    before: str | None = None,
    limit: int | None = PAGE,
) -> list[ListedCall]:
    """A page of the period's calls, the newest first.

    ``before`` is the reference of the last call of the page before.
    """
    found = _listed().where(*during(since, until, dialled))
    if result is not None:
        found = found.where(result_column() == result.value)
    if before is not None:
        key = select(calls.c.began_at, calls.c.reference).where(calls.c.reference == before)
        found = found.where(tuple_(calls.c.began_at, calls.c.reference) < key.scalar_subquery())
    ordered = found.order_by(calls.c.began_at.desc(), calls.c.reference.desc()).limit(limit)
    return [_call(row) for row in connection.execute(ordered)]


def find_by_reference(connection: Connection, reference: str) -> ListedCall | None:
    """The call of that reference, which may be written with blanks or hyphens."""
    digits = "".join(reference.replace("-", " ").split())
    row = connection.execute(_listed().where(calls.c.reference == digits)).one_or_none()
    return None if row is None else _call(row)


def references_of(connection: Connection, call_sids: Iterable[str | None]) -> dict[str, str]:
    """The references of those calls that are still kept, by the carrier's names for them."""
    named = [each for each in call_sids if each is not None]
    found = select(calls.c.call_sid, calls.c.reference).where(calls.c.call_sid.in_(named))
    return {row.call_sid: row.reference for row in connection.execute(found)}


def _listed() -> Select[Any]:
    outcome = func.coalesce(calls.c.outcome, GOING_ON).label("outcome")
    return select(
        calls.c.call_sid,
        calls.c.reference,
        calls.c.dialled,
        calls.c.tree_hash,
        calls.c.began_at,
        calls.c.agent_at,
        calls.c.ended_at,
        outcome,
        calls.c.desk,
        result_column().label("result"),
    )


def _call(row: Any) -> ListedCall:
    return ListedCall(**{**row._mapping, "result": Result(row.result)})


def result_column() -> ColumnElement[str]:
    """What became of a call, a value of ``Result``."""
    return case(
        (has_stored(), Result.SETTLED.value),
        (calls.c.desk.is_not(None), Result.HANDED_OVER.value),
        (calls.c.outcome.is_(None), Result.GOING_ON.value),
        (calls.c.outcome.in_(ABANDONED), Result.HUNG_UP.value),
        else_=Result.INFORMED.value,
    )


def _hour(connection: Connection) -> ColumnElement[str]:
    """The UTC hour in which a call began, ``2026-11-20 09``."""
    if connection.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", calls.c.began_at), "YYYY-MM-DD HH24")
    return func.substr(cast(calls.c.began_at, Text), 1, 13)

"""What became of the calls of a period, for the people who answer for the line.

Counted from calls' heads and paths, which hold nothing that was typed. Places are keyed by the
tree's version and path; what they mean is the reader's to look up, because paths move.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from backend.db.tables.records import calls, requests, turns
from backend.interface.codes import ABANDONED, GOING_ON

AGENT_WITHIN = timedelta(minutes=5)
"""Within this a person has to deal with a complaint (1997/CLV 17/B; a lawyer should check it)."""

Place = tuple[str, str]
"""A tree's content hash and a path in it; the path of the first menu is ``-``."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """Calls of one line: those to these numbers (E.164), or to any but these where ``excepted``."""

    numbers: frozenset[str]
    excepted: bool = False


@dataclass(frozen=True, slots=True)
class AgentTimes:
    """From the beginning of a call to a person's voice, over the calls that a person answered."""

    answered: int
    within_rule: int
    median: timedelta
    slowest_in_twenty: timedelta


@dataclass(frozen=True, slots=True)
class Statistics:
    """The calls that began in a period.

    ``outcomes`` adds up to ``calls``. ``settled`` are calls that stored something, by kind of
    request; ``reached`` are calls that came by a place, ``given_up`` those that ended there without
    anything stored or anybody reached.
    """

    calls: int
    outcomes: Mapping[str, int]
    settled_calls: int
    settled: Mapping[str, int]
    handed_over: Mapping[str, int]
    waits: Sequence[timedelta]
    reached: Mapping[Place, int]
    given_up: Mapping[Place, int]

    @property
    def agent(self) -> AgentTimes | None:
        """How long callers waited; ``None`` when nobody was answered."""
        waits = self.waits
        if not waits:
            return None
        return AgentTimes(
            answered=len(waits),
            within_rule=sum(wait <= AGENT_WITHIN for wait in waits),
            median=waits[len(waits) // 2],
            slowest_in_twenty=waits[min(len(waits) - 1, len(waits) * 19 // 20)],
        )

    def __add__(self, other: "Statistics") -> "Statistics":
        return Statistics(
            self.calls + other.calls,
            _together(self.outcomes, other.outcomes),
            self.settled_calls + other.settled_calls,
            _together(self.settled, other.settled),
            _together(self.handed_over, other.handed_over),
            sorted([*self.waits, *other.waits]),
            Counter(self.reached) + Counter(other.reached),
            Counter(self.given_up) + Counter(other.given_up),
        )


def statistics(
    connection: Connection, since: datetime, until: datetime, dialled: Dialled | None = None
) -> Statistics:
    """Count the calls that began from ``since`` up to, not including, ``until``."""
    period = during(since, until, dialled)
    # A call whose end nobody has reported yet is still going on.
    outcome = func.coalesce(calls.c.outcome, GOING_ON)
    outcomes = _tally(connection, select(outcome, func.count()).where(*period).group_by(outcome))
    stored = select(requests.c.kind, func.count(requests.c.call_sid.distinct()))
    stored = stored.join_from(requests, calls, requests.c.call_sid == calls.c.call_sid)
    settled = select(func.count(requests.c.call_sid.distinct())).select_from(
        requests.join(calls, requests.c.call_sid == calls.c.call_sid)
    )
    desks = select(calls.c.desk, func.count()).where(*period, calls.c.desk.is_not(None))
    return Statistics(
        calls=sum(outcomes.values()),
        outcomes=outcomes,
        settled_calls=connection.execute(settled.where(*period)).scalar_one(),
        settled=_tally(connection, stored.where(*period).group_by(requests.c.kind)),
        handed_over=_tally(connection, desks.group_by(calls.c.desk)),
        waits=_waits(connection, period),
        reached=_reached(connection, period),
        given_up=_given_up(connection, period),
    )


def count_calls(connection: Connection, since: datetime, until: datetime) -> int:
    """How many calls began from ``since`` up to, not including, ``until``, on all lines."""
    counted = select(func.count()).select_from(calls).where(*during(since, until))
    return connection.execute(counted).scalar_one()


def during(
    since: datetime, until: datetime, dialled: Dialled | None = None
) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a call began in the period, and on that line."""
    period = (calls.c.began_at >= since, calls.c.began_at < until)
    if dialled is None:
        return period
    number = func.coalesce(calls.c.dialled, "")
    chosen = number.in_(dialled.numbers)
    return *period, ~chosen if dialled.excepted else chosen


def has_stored() -> ColumnElement[bool]:
    return exists().where(requests.c.call_sid == calls.c.call_sid)


def _tally(connection: Connection, query: Select[*tuple[Any, ...]]) -> dict[str, int]:
    counted = connection.execute(query)
    return _most_first((str(name), int(number)) for name, number in counted)


def _together(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return _most_first((Counter(some) + Counter(others)).items())


def _most_first(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    return dict(sorted(counted, key=lambda each: (-each[1], each[0])))


def _waits(connection: Connection, period: Iterable[ColumnElement[bool]]) -> list[timedelta]:
    answered = select(calls.c.began_at, calls.c.agent_at)
    rows = connection.execute(answered.where(*period, calls.c.agent_at.is_not(None)))
    return sorted(agent_at - began_at for began_at, agent_at in rows)


def _reached(connection: Connection, period: Iterable[ColumnElement[bool]]) -> dict[Place, int]:
    path = path_column(connection)
    counted = (
        select(calls.c.tree_hash, path, func.count(turns.c.call_sid.distinct()))
        .join_from(turns, calls)
        .where(*period)
        .group_by(calls.c.tree_hash, path)
    )
    return {(tree, place): number for tree, place, number in connection.execute(counted)}


def _given_up(connection: Connection, period: Iterable[ColumnElement[bool]]) -> dict[Place, int]:
    path = path_column(connection)
    alone = (calls.c.outcome.in_(ABANDONED), calls.c.agent_at.is_(None), ~has_stored())
    counted = at_last_turns(select(calls.c.tree_hash, path, func.count()), *period, *alone)
    counted = counted.group_by(calls.c.tree_hash, path)
    return {(tree, place): number for tree, place, number in connection.execute(counted)}


def at_last_turns(
    statement: Select[*tuple[Any, ...]], *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """The statement over calls of these conditions, each with the last of its turns."""
    last = (
        select(turns.c.call_sid, func.max(turns.c.turn).label("turn"))
        .join_from(turns, calls)
        .where(*conditions)
        .group_by(turns.c.call_sid)
        .subquery()
    )
    same = (turns.c.call_sid == last.c.call_sid) & (turns.c.turn == last.c.turn)
    return statement.join_from(last, turns, same).join(calls, calls.c.call_sid == turns.c.call_sid)


def path_column(connection: Connection) -> ColumnElement[str]:
    """The first word of a turn's place."""
    if connection.dialect.name == "postgresql":
        return func.split_part(turns.c.place, " ", 1)
    return func.substr(turns.c.place, 1, func.instr(turns.c.place, " ") - 1)

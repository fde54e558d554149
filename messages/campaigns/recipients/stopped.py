"""Who is stopped: the keys of all numbers are computed beside the database, which then looks."""

from collections.abc import Iterator

from sqlalchemy import (
    ColumnClause,
    Connection,
    Integer,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from backend.db.bulk_insert import insert_rows
from backend.db.tables.messages import stops
from backend.records.suppression.stop_search import StopSearch
from common.errors import RecordsError
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.recipients.temp_tables import (
    BATCH,
    analyze,
    candidates,
    found,
    judged,
    stopped,
)

_STOPS = (Reason.WRONG_ADDRESSEE, Reason.OPTED_OUT, Reason.UNREACHABLE)
"""The weightiest first, as ``backend.records.suppression.stops.stopped_for`` has it."""


def begin_search(connection: Connection, search: StopSearch) -> None:
    """Begin to look for the numbers of the rows in ``found`` that are not left out so far."""
    keys = connection.scalars(select(stops.c.phone_key))
    try:
        search.begin(keys, _numbers(connection))
    except OSError as error:
        raise RecordsError(
            f"The folder for temporary files cannot be used: {error.strerror}. Free some space "
            "and try again. Nothing was stored."
        ) from error


def _numbers(connection: Connection) -> Iterator[str]:
    """Many numbers in one text, one a line: to fetch them one by one takes three times as long."""
    together = select(func.aggregate_strings(found.c.phone, "\n")).where(found.c.reason.is_(None))
    if connection.dialect.name == "postgresql":
        yield from connection.scalars(together.group_by(found.c.line // BATCH))
        return
    number: ColumnClause[int] = literal_column("rowid", Integer)
    rows = connection.scalar(select(func.max(number)).select_from(found)) or 0
    for first in range(1, rows + 1, BATCH):
        some = together.where(number.between(first, first + BATCH - 1))
        yield connection.scalar(some) or ""


def exclude_stopped(connection: Connection, search: StopSearch) -> None:
    """Give the rows in ``judged`` of stopped numbers their reason, which goes before the limits."""
    insert_rows(connection, candidates, search.found())
    analyze(connection, candidates)
    weights = {why.value: weight for weight, why in enumerate(_STOPS)}
    weightiest = func.min(case(weights, value=stops.c.reason))
    names = {weight: name for name, weight in weights.items()}
    rows = (
        select(candidates.c.phone, case(names, value=weightiest))
        .join_from(candidates, stops, stops.c.phone_key == candidates.c.phone_key)
        .group_by(candidates.c.phone)
    )
    connection.execute(insert(stopped).from_select(["phone", "reason"], rows))
    analyze(connection, stopped)
    is_next = or_(judged.c.reason.is_(None), judged.c.reason == Reason.TOO_SOON.value)
    why = select(stopped.c.reason).where(stopped.c.phone == judged.c.phone).scalar_subquery()
    theirs = judged.c.phone.in_(select(stopped.c.phone))
    connection.execute(update(judged).where(theirs, is_next).values(reason=why))

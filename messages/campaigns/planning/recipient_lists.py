"""A campaign's rows as staff read them: recipients by state, and who was left out and why."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from backend.db.tables.messages import exclusions, outbox
from backend.db.transactions import read
from common.phone_numbers import masked_phone

PAGE = 50
AT_ONCE = 5000
"""Rows of a download that are read at once."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row of the outbox; ``phone`` is masked, ``at`` is when its state was last settled."""

    number: int
    source_row: int
    case_id: str | None
    phone: str
    state: str
    reason: str | None
    code: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row of the source that gets no message."""

    source_row: int
    case_id: str
    reason: str


def page_of_recipients(
    connection: Connection,
    campaign_id: str,
    states: Collection[str] = (),
    *,
    beyond: int = 0,
    limit: int = PAGE,
) -> list[Recipient]:
    """Recipients in one of these states, or all, in the order of the outbox.

    ``beyond`` is the number of the last row of the page before.
    """
    found = select(
        outbox.c.number,
        outbox.c.line,
        outbox.c.case_id,
        outbox.c.phone,
        outbox.c.state,
        outbox.c.reason,
        outbox.c.code,
        func.coalesce(outbox.c.settled_at, outbox.c.attempted_at, type_=outbox.c.settled_at.type),
    ).where(outbox.c.campaign_id == campaign_id, outbox.c.number > beyond)
    if states:
        found = found.where(outbox.c.state.in_(states))
    rows = connection.execute(found.order_by(outbox.c.number).limit(limit))
    return [
        Recipient(number, line, case_id, masked_phone(phone), state, reason, code, at)
        for number, line, case_id, phone, state, reason, code, at in rows
    ]


def each_recipient(
    engine: Engine, campaign_id: str, states: Collection[str] = ()
) -> Iterator[Recipient]:
    """All of them, a batch at a time, each over a connection of its own."""
    beyond = 0
    while True:
        with read(engine) as connection:
            rows = page_of_recipients(connection, campaign_id, states, beyond=beyond, limit=AT_ONCE)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        beyond = rows[-1].number


def each_exclusion(engine: Engine, campaign_id: str) -> Iterator[Exclusion]:
    """Who was left out, in the order of the source, a batch at a time."""
    beyond = 0
    while True:
        wanted = (
            select(exclusions.c.line, exclusions.c.case_id, exclusions.c.reason)
            .where(exclusions.c.campaign_id == campaign_id, exclusions.c.line > beyond)
            .order_by(exclusions.c.line)
            .limit(AT_ONCE)
        )
        with read(engine) as connection:
            rows = [Exclusion(*row) for row in connection.execute(wanted)]
        yield from rows
        if len(rows) < AT_ONCE:
            return
        beyond = rows[-1].source_row

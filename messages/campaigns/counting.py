"""What has become of campaigns' recipients, counted from indexes alone.

States that hold most rows are counted each by itself, which needs no grouping: of a million rows
that takes a third of the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    ScalarSelect,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)

from backend.db.tables.messages import campaigns, exclusions, outbox
from backend.db.transactions import read, write
from backend.interface.codes import CampaignState, OutboxState
from messages.campaigns.campaign import TO_MANY
from messages.campaigns.outbox import open_rows

_LARGE = (OutboxState.QUEUED, OutboxState.SENT, OutboxState.DELIVERED, OutboxState.CANCELLED)
"""States without a reason or code."""
_REASONED = [state for state in OutboxState if state not in _LARGE]
_OVER = (CampaignState.DONE, CampaignState.CANCELLED)

RECEIPTS_COME_FOR = timedelta(days=7)
"""After a campaign's end; carriers give a message up after three days at the latest."""
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """What has become of a campaign's rows; the states add up to its recipients."""

    states: Mapping[str, int]
    excluded: Mapping[str, int]
    suppressed: Mapping[str, int]
    failed: Mapping[str, int]
    for_person: int
    """Of the unknown ones those that a person has to find out about."""


def count(connection: Connection, campaign_id: str) -> Counts:
    """The invariant's counts: queued + claimed + … + cancelled = recipients, in one view."""
    states = dict.fromkeys(map(str, OutboxState), 0)
    suppressed: dict[str | None, int] = {}
    failed: dict[str | None, int] = {}
    for_person = 0
    for state, reason, code, number in connection.execute(_of_states(campaign_id)):
        states[state] += number
        if state == OutboxState.SUPPRESSED:
            suppressed[reason] = suppressed.get(reason, 0) + number
        if state == OutboxState.FAILED:
            failed[code] = failed.get(code, 0) + number
        if state == OutboxState.UNKNOWN and reason is not None:
            for_person += number
    left_out = (
        select(exclusions.c.reason, func.count())
        .where(exclusions.c.campaign_id == campaign_id)
        .group_by(exclusions.c.reason)
    )
    excluded = connection.execute(left_out).all()
    held_back, refused = _tally(suppressed.items()), _tally(failed.items())
    return Counts(states, _tally(excluded), held_back, refused, for_person)


def _of_states(campaign_id: str) -> Any:
    mine = outbox.c.campaign_id == campaign_id
    reasoned = (
        select(outbox.c.state, outbox.c.reason, outbox.c.code, func.count())
        .where(mine, outbox.c.state.in_(_REASONED))
        .group_by(outbox.c.state, outbox.c.reason, outbox.c.code)
    )
    nothing = cast(null(), Text), cast(null(), Integer)
    large = [select(literal(str(state)), *nothing, _rows(mine, state)) for state in _LARGE]
    return union_all(reasoned, *large)


def _rows(whose: ColumnElement[bool], state: OutboxState) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(outbox)
        .where(whose, outbox.c.state == state)
        .scalar_subquery()
    )


_ARRIVED = _rows(outbox.c.campaign_id == campaigns.c.campaign_id, OutboxState.DELIVERED)


def count_delivered(connection: Connection, campaign_ids: Sequence[str]) -> dict[str, int]:
    arrived = select(campaigns.c.campaign_id, func.coalesce(campaigns.c.delivered, _ARRIVED)).where(
        campaigns.c.campaign_id.in_(campaign_ids)
    )
    return {str(name): int(number) for name, number in connection.execute(arrived)}


def keep_delivered(engine: Engine, now: datetime) -> int:
    """Keep the counts that lists show of campaigns whose receipts have all come; how many.

    A few at a time, each in a short transaction: call it until it is none.
    """
    over = (
        select(campaigns.c.campaign_id, _ARRIVED)
        .where(
            campaigns.c.delivered.is_(None),
            campaigns.c.state.in_(_OVER),
            campaigns.c.ended_at < now - RECEIPTS_COME_FOR,
            TO_MANY,
            ~open_rows(campaigns.c.campaign_id).exists(),
        )
        .limit(AT_ONCE)
    )
    with read(engine) as connection:
        found = connection.execute(over).all()
    for campaign_id, number in found:
        mine = campaigns.c.campaign_id == campaign_id
        with write(engine, durable=False) as connection:
            connection.execute(update(campaigns).where(mine).values(delivered=number))
    return len(found)


def _tally(rows: Any) -> dict[str, int]:
    counted = {str(name) if name is not None else "unknown": number for name, number in rows}
    return dict(sorted(counted.items()))

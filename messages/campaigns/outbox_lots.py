"""The outbox's hot statements: attempts noted and acceptances settled, several rows at a time.

Each is one conditional UPDATE, as those of ``outbox``; rows are taken in the order of their
numbers, so that two who take the same ones wait for each other in one order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    update,
)

from backend.db.list_parameters import rows_of_lists
from backend.db.prepared import Prepared, Statement
from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.messages import campaigns, outbox
from backend.interface.codes import OutboxState
from messages.campaigns.outbox import Claim
from messages.campaigns.outbox_states import RANKS, rank_of_row

_NOW = bindparam("now", type_=UtcDateTime)
_OTHER = outbox.alias()


def _begin(dialect: str) -> Statement:
    given = rows_of_lists(dialect, {"numbers": BigInteger, "fresh": Text})
    return (
        update(outbox)
        .where(
            outbox.c.number == given.c.numbers,
            outbox.c.worker == bindparam("token"),
            # Not ``CLAIMED``: the rows are found by their numbers, not among all in hand.
            outbox.c.state == literal_column("'claimed'"),
            outbox.c.lease_until > _NOW,
            exists().where(
                campaigns.c.campaign_id == outbox.c.campaign_id, campaigns.c.state == "running"
            ),
        )
        .values(
            attempted_at=_NOW,
            attempt=outbox.c.attempt + 1,
            lease_until=bindparam("until"),
            reference=func.coalesce(outbox.c.reference, given.c.fresh),
            first_asked_at=func.coalesce(
                outbox.c.first_asked_at, bindparam("carrier_time", type_=UtcDateTime)
            ),
            asked_until=bindparam("over"),
        )
        .returning(outbox.c.number, outbox.c.reference)
    )


def _accept(dialect: str) -> Statement:
    given = rows_of_lists(dialect, {"numbers": BigInteger, "states": Text, "ranks": BigInteger})
    return (
        update(outbox)
        .where(outbox.c.number == given.c.numbers, rank_of_row() < given.c.ranks)
        .values(state=given.c.states, settled_at=_NOW, reason=null(), lease_until=null())
    )


def _name(dialect: str) -> Statement:
    given = rows_of_lists(dialect, {"numbers": BigInteger, "sids": Text})
    return (
        update(outbox)
        .where(
            outbox.c.number == given.c.numbers,
            outbox.c.message_sid.is_(None),
            ~exists().where(_OTHER.c.message_sid == given.c.sids),
        )
        .values(message_sid=given.c.sids)
    )


_BEGIN, _ACCEPT, _NAME = Prepared(_begin), Prepared(_accept), Prepared(_name)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The carrier has the message of this row, under this id."""

    number: int
    message_sid: str
    state: OutboxState


def begin_attempts(
    connection: Connection,
    claims: Sequence[Claim],
    references: Sequence[str],
    now: datetime,
    lease: timedelta,
    carrier_time: datetime | None,
) -> Mapping[int, str]:
    """Note that the requests of one claim's rows go out now; each row's reference by its number.

    A row whose claim is lost is missing. A row keeps the reference of its first attempt, so that a
    receipt of any attempt finds it, and the carrier's time of it, because no message of any attempt
    can be older.
    """
    if not claims:
        return {}
    noted = _BEGIN.rows(
        connection,
        numbers=[claimed.number for claimed in claims],
        fresh=list(references),
        token=claims[0].token,
        now=now,
        until=now + lease,
        carrier_time=carrier_time,
        over=None if carrier_time is None else carrier_time + lease,
    )
    return {row.number: row.reference for row in noted}


def accept_all(connection: Connection, accepted: Sequence[Acceptance], now: datetime) -> None:
    """The carrier has these. True whoever holds a row by now; never undoes a receipt."""
    in_order = sorted(accepted, key=lambda each: each.number)
    _ACCEPT.run(
        connection,
        numbers=[each.number for each in in_order],
        states=[each.state.value for each in in_order],
        ranks=[RANKS[each.state] for each in in_order],
        now=now,
    )
    # The list of messages may have given an id to a twin; the row is accepted all the same.
    named = {each.message_sid: each.number for each in reversed(in_order)}
    by_number = sorted((number, sid) for sid, number in named.items())
    _NAME.run(
        connection,
        numbers=[number for number, _ in by_number],
        sids=[sid for _, sid in by_number],
    )

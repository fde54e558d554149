"""Calls: how they begin, the path that they took, and how they end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from backend.db.prepared import Prepared
from backend.db.tables.records import calls, turns
from backend.db.transactions import upsert
from backend.rules.confirmation_numbers import new_receipt
from common.errors import RecordsError

_DRAWS = 100
_SHORT_DRAWS = 10
"""How often a reference of six digits, which is quicker to say, is tried before one of eight."""


# The target is left open: it may be the call that is there already, or the reference.
_BEGIN = Prepared(
    lambda dialect: upsert(dialect, calls).on_conflict_do_nothing().returning(calls.c.call_sid),
    *("call_sid", "reference", "caller_key", "dialled", "tree_hash", "began_at"),
)
_FIND = select(calls.c.reference, calls.c.tree_hash, calls.c.began_at, calls.c.ended_at).where(
    calls.c.call_sid == bindparam("sid")
)
_PATH = Prepared(
    select(turns.c.turn, turns.c.at, turns.c.place)
    .where(turns.c.call_sid == bindparam("sid"))
    .order_by(turns.c.turn)
)
_TO_DESK = update(calls).where(calls.c.call_sid == bindparam("sid")).values(desk=bindparam("name"))
_AGENT = (
    update(calls)
    .where(calls.c.call_sid == bindparam("sid"))
    .values(agent_at=func.coalesce(calls.c.agent_at, bindparam("at", type_=calls.c.agent_at.type)))
    .returning(calls.c.began_at, calls.c.agent_at)
)


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call's head: its spoken reference, the tree that it began with, and when it began."""

    reference: str
    tree_hash: str
    began_at: datetime
    ended_at: datetime | None


def begin_call(
    connection: Connection,
    call_sid: str,
    at: datetime,
    *,
    caller_key: str | None,
    dialled: str | None,
    tree_hash: str,
    rng: Random,
) -> StoredCall:
    """Enter the call, or find it when this webhook comes again; its reference never changes.

    No other call has the reference. It has six digits, or eight where most of those are taken.
    """
    values = {
        "call_sid": call_sid,
        "caller_key": caller_key,
        "dialled": dialled,
        "tree_hash": tree_hash,
        "began_at": at,
    }
    for draw in range(_DRAWS):
        reference = draw_reference(rng) if draw < _SHORT_DRAWS else new_receipt(rng)
        if _BEGIN.rows(connection, reference=reference, **values):
            return StoredCall(reference, tree_hash, at.astimezone(UTC), None)
        call = find_call(connection, call_sid)
        if call is not None:
            return call
    raise RecordsError(
        f"No free call reference in {_DRAWS} draws. Delete calls past their retention time."
    )


def draw_reference(rng: Random) -> str:
    """A reference of six digits, which another call may have."""
    return f"{rng.randrange(10**6):06d}"


def find_call(connection: Connection, call_sid: str, *, hold: bool = False) -> StoredCall | None:
    """The call's head, or ``None`` when it never began here; ``hold`` locks it."""
    found = _FIND.with_for_update() if hold else _FIND
    row = connection.execute(found, {"sid": call_sid}).one_or_none()
    return None if row is None else StoredCall(*row)


class Step(NamedTuple):
    """One turn of a call's path: when it was answered, and where in the tree that left it."""

    turn: int
    at: datetime
    place: str


def find_path(connection: Connection, call_sid: str) -> list[Step]:
    """The path that a call took, also after its transcript was reduced to it."""
    return list(map(Step._make, _PATH.rows(connection, sid=call_sid)))


def note_desk(connection: Connection, call_sid: str, desk: str) -> None:
    """Note the desk to which the call is put through; the last one stays."""
    connection.execute(_TO_DESK, {"sid": call_sid, "name": desk})


def note_agent(connection: Connection, call_sid: str, at: datetime) -> timedelta | None:
    """Note when a person first answered; ``agent_at - began_at`` is what the law measures.

    That time, of the first answer only.
    """
    noted = connection.execute(_AGENT, {"sid": call_sid, "at": at}).one_or_none()
    return noted.agent_at - noted.began_at if noted is not None and noted.agent_at == at else None

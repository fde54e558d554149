"""Calls and their transcripts: the path that every webhook takes, so it is kept short.

A turn is one ``add_turn``; where its call's dialogue is not kept, one ``read_turns`` comes before.
These two go to the driver directly: through SQLAlchemy they cost three times as much, most of a
webhook's time in the database.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import starmap
from random import Random
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from backend.db.driver import Driver
from backend.db.list_parameters import prepared
from backend.db.prepared import Prepared
from backend.db.tables.records import calls, turns
from backend.db.transactions import upsert
from backend.rules.confirmation_numbers import new_receipt
from common.errors import RecordsError

_DRAWS = 100
_SHORT_DRAWS = 10
"""How often a reference of six digits, which is quicker to say, is tried before one of eight."""


_READ_TURNS = {
    "sqlite": "SELECT turn, heard, CASE WHEN turn = ? THEN at END FROM turns"
    " WHERE call_sid = ? ORDER BY turn",
    "postgresql": "SELECT turn, heard, CASE WHEN turn = $1 THEN at END FROM turns"
    " WHERE call_sid = $2 ORDER BY turn",
}
_ADD_TURN = {
    "sqlite": "INSERT INTO turns (call_sid, turn, at, place, heard)"
    " SELECT call_sid, ?, ?, ?, ? FROM calls WHERE call_sid = ? AND ended_at IS NULL"
    " ON CONFLICT DO NOTHING",
    # The lock makes the end of the call wait, which then finds this turn and empties it, too.
    "postgresql": "INSERT INTO turns (call_sid, turn, at, place, heard)"
    " SELECT call_sid, $1, $2, $3, $4 FROM calls WHERE call_sid = $5 AND ended_at IS NULL"
    " FOR SHARE ON CONFLICT DO NOTHING",
}
# The call's newest turn is looked for by the statement that adds the next one: whoever knows what
# it should be need not read the turns before.
_ADD_NEXT_TURN = {
    "sqlite": "INSERT INTO turns (call_sid, turn, at, place, heard)"
    " SELECT calls.call_sid, ?, ?, ?, ? FROM calls"
    " JOIN turns AS newest ON newest.call_sid = calls.call_sid AND newest.turn = ?"
    " WHERE calls.call_sid = ? AND calls.ended_at IS NULL AND newest.heard = ?"
    " ON CONFLICT DO NOTHING",
    "postgresql": "INSERT INTO turns (call_sid, turn, at, place, heard)"
    " SELECT calls.call_sid, $1, $2, $3, $4 FROM calls"
    " JOIN turns AS newest ON newest.call_sid = calls.call_sid AND newest.turn = $5"
    " WHERE calls.call_sid = $6 AND calls.ended_at IS NULL AND newest.heard = $7"
    " FOR SHARE OF calls ON CONFLICT DO NOTHING",
}

_READ_PATH = {
    "sqlite": "SELECT turn, heard, NULL, place FROM turns WHERE call_sid = ? ORDER BY turn",
    "postgresql": "SELECT turn, heard, NULL, place FROM turns WHERE call_sid = $1 ORDER BY turn",
}

# The target is left open: it may be the call that is there already, or the reference.
_BEGIN = prepared(
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
    """A call's head: its spoken reference, the tree that it began with, and when it began.

    ``is_new`` is whether it has just been entered.
    """

    reference: str
    tree_hash: str
    began_at: datetime
    ended_at: datetime | None
    is_new: bool = field(default=False, compare=False)


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
        short = draw < _SHORT_DRAWS
        reference = f"{rng.randrange(10**6):06d}" if short else new_receipt(rng)
        if _BEGIN.rows(connection, reference=reference, **values):
            return StoredCall(reference, tree_hash, at.astimezone(UTC), None, is_new=True)
        call = find_call(connection, call_sid)
        if call is not None:
            return call
    raise RecordsError(
        f"No free call reference in {_DRAWS} draws. Delete calls past their retention time."
    )


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


class StoredTurn(NamedTuple):
    """A turn of a call with what was heard as JSON (``None`` once the call has ended).

    ``at`` is the driver's own value for when it was answered, ``place`` where in the tree it left
    the call: each where that was asked for.
    """

    turn: int
    heard: str | None
    at: datetime | str | None = None
    place: str = ""

    def moment(self) -> datetime | None:
        """When it was answered, aware UTC; ``None`` when that was not asked for."""
        # The driver gives SQLite's text as ``UtcDateTime`` wrote it.
        if isinstance(self.at, str):
            return datetime.fromisoformat(self.at).replace(tzinfo=UTC)
        return self.at


def read_turns(driver: Driver, call_sid: str, *, timed: int = -1) -> list[StoredTurn]:
    """The call's turns in their order; of the one of number ``timed`` also its moment."""
    rows = driver.rows(_READ_TURNS[driver.name], (timed, call_sid))
    return list(starmap(StoredTurn, rows))


def read_path(driver: Driver, call_sid: str) -> list[StoredTurn]:
    """The call's turns in their order, with the place where each has left it."""
    return list(starmap(StoredTurn, driver.rows(_READ_PATH[driver.name], (call_sid,))))


def add_turn(
    driver: Driver,
    call_sid: str,
    turn: int,
    at: datetime,
    place: str,
    heard: str,
    *,
    after: str | None = None,
) -> bool:
    """Add a turn of a call that goes on; ``after`` is what was heard at the one before, if any.

    ``False`` when it was there, which is then untouched, when the one before is not stored with
    just that text, or when the call is over: what was typed must not come to rest in a transcript
    that nobody empties any more.

    Of two transactions that add the same turn one gets ``True``; the other waits for it to end.
    A naive ``at`` raises ``ValueError``.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; store aware moments only")
    moment: datetime | str = at
    if driver.name == "sqlite":
        # As UtcDateTime writes it.
        utc = at.astimezone(UTC).replace(tzinfo=None)
        moment = utc.isoformat(sep=" ", timespec="microseconds")
    if after is None:
        return driver.run(_ADD_TURN[driver.name], (turn, moment, place, heard, call_sid)) == 1
    parameters = (turn, moment, place, heard, turn - 1, call_sid, after)
    return driver.run(_ADD_NEXT_TURN[driver.name], parameters) == 1


def note_desk(connection: Connection, call_sid: str, desk: str) -> None:
    """Note the desk to which the call is put through; the last one stays."""
    connection.execute(_TO_DESK, {"sid": call_sid, "name": desk})


def note_agent(connection: Connection, call_sid: str, at: datetime) -> timedelta | None:
    """Note when a person first answered; ``agent_at - began_at`` is what the law measures.

    That time, of the first answer only.
    """
    noted = connection.execute(_AGENT, {"sid": call_sid, "at": at}).one_or_none()
    return noted.agent_at - noted.began_at if noted is not None and noted.agent_at == at else None

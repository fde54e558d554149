"""The turns of calls that go on: the path that every webhook takes, so it is kept short.

A turn is one ``add_turn``; where its call's dialogue is not kept, one ``read_turns`` comes before.
A call that begins is one ``begin_call``. They go to the driver directly: through SQLAlchemy they
cost three times as much, most of a webhook's time in the database.
"""

from datetime import UTC, datetime
from itertools import starmap
from typing import NamedTuple

from backend.db.driver import Driver

_READ_TURNS = {
    "sqlite": "SELECT turn, heard, CASE WHEN turn = ? THEN at END FROM turns"
    " WHERE call_sid = ? ORDER BY turn",
    "postgresql": "SELECT turn, heard, CASE WHEN turn = $1 THEN at END FROM turns"
    " WHERE call_sid = $2 ORDER BY turn",
}
# A new call and its first turn; the target of the conflict is left open: it may be the call that is
# there already, or the reference.
_BEGIN_CALL = {
    "sqlite": "INSERT INTO calls"
    " (call_sid, reference, caller_key, dialled, tree_hash, began_at, desk)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    # Both by one statement, which needs no transaction around it.
    "postgresql": "WITH begun AS (INSERT INTO calls"
    " (call_sid, reference, caller_key, dialled, tree_hash, began_at, desk)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING call_sid)"
    " INSERT INTO turns (call_sid, turn, at, place, heard)"
    " SELECT call_sid, 0, $6, $8, $9 FROM begun",
}
_FIRST_TURN_OF_SQLITE = (
    "INSERT INTO turns (call_sid, turn, at, place, heard) VALUES (?, 0, ?, ?, ?)"
)
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
# On PostgreSQL the last statement of a turn's transaction is committed with it, unless it fails: so
# it does, without naming any value, which the server would write to its log.
_ADD_LAST = "WITH added AS ({} RETURNING turn) SELECT 1 / count(*) FROM added"
_ADD_LAST_TURN = _ADD_TURN | {"postgresql": _ADD_LAST.format(_ADD_TURN["postgresql"])}
_ADD_LAST_NEXT_TURN = _ADD_NEXT_TURN | {
    "postgresql": _ADD_LAST.format(_ADD_NEXT_TURN["postgresql"])
}

_READ_PATH = {
    "sqlite": "SELECT turn, heard, NULL, place FROM turns WHERE call_sid = ? ORDER BY turn",
    "postgresql": "SELECT turn, heard, NULL, place FROM turns WHERE call_sid = $1 ORDER BY turn",
}


class Head(NamedTuple):
    """A call that begins; ``desk`` is where it is put through to at once, if it is."""

    call_sid: str
    reference: str
    caller_key: str | None
    dialled: str
    tree_hash: str
    began_at: datetime
    desk: str | None


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


def begin_call(driver: Driver, head: Head, place: str, heard: str) -> bool:
    """Enter a call with its first turn; on SQLite in a transaction, or half of it may stay.

    ``False`` when the call is there already, or another one has the reference; nothing is entered.
    A naive moment raises ``ValueError``.
    """
    moment = _moment(driver, head.began_at)
    values = (*head[:5], moment, head.desk)
    if driver.name == "postgresql":
        return driver.run(_BEGIN_CALL["postgresql"], (*values, place, heard)) == 1
    if driver.run(_BEGIN_CALL["sqlite"], values) == 0:
        return False
    driver.run(_FIRST_TURN_OF_SQLITE, (head.call_sid, moment, place, heard))
    return True


def add_turn(
    driver: Driver,
    call_sid: str,
    turn: int,
    at: datetime,
    place: str,
    heard: str,
    *,
    after: str | None = None,
    ends: bool = False,
) -> bool:
    """Add a turn of a call that goes on; ``after`` is what was heard at the one before, if any.

    ``False`` when it was there, which is then untouched, when the one before is not stored with
    just that text, or when the call is over: what was typed must not come to rest in a transcript
    that nobody empties any more.

    Of two transactions that add the same turn one gets ``True``; the other waits for it to end.
    Where it ``ends`` a transaction of the driver's, that may be committed with it; after ``False``
    it is to be rolled back. A naive ``at`` raises ``ValueError``.
    """
    moment = _moment(driver, at)
    if after is None:
        statements = _ADD_LAST_TURN if ends else _ADD_TURN
        values: tuple[object, ...] = (turn, moment, place, heard, call_sid)
    else:
        statements = _ADD_LAST_NEXT_TURN if ends else _ADD_NEXT_TURN
        values = (turn, moment, place, heard, turn - 1, call_sid, after)
    if ends:
        return driver.run_last(statements[driver.name], values)
    return driver.run(statements[driver.name], values) == 1


def _moment(driver: Driver, at: datetime) -> datetime | str:
    """As ``UtcDateTime`` writes it."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; store aware moments only")
    if driver.name == "postgresql":
        return at
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")

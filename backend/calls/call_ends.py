"""How calls end: closed, what came of them, and their transcripts reduced to their paths."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, or_, select, update

from backend.calls.call_log import find_call, find_path, note_agent
from backend.db.prepared import Prepared
from backend.db.tables.records import calls, turns
from backend.interface.codes import CallOutcome
from backend.interface.place import Place

LATE_ANSWER = timedelta(seconds=20)
"""For so long an answer to a confirmation may come after the call's end was reported: a carrier
gives a webhook up after 15 seconds."""

_CLOSE = Prepared(
    update(calls)
    .where(
        calls.c.call_sid == bindparam("sid"),
        or_(calls.c.ended_at.is_(None), calls.c.ended_at == bindparam("at")),
    )
    .values(ended_at=bindparam("at"))
)
_OUTCOME = Prepared(
    update(calls).where(calls.c.call_sid == bindparam("sid")).values(outcome=bindparam("how"))
)
_LATER = calls.alias()
_FOLLOWED = select(
    exists().where(
        calls.c.call_sid == bindparam("sid"),
        _LATER.c.caller_key == calls.c.caller_key,
        _LATER.c.began_at > calls.c.began_at,
    )
)
_FORGET = Prepared(
    update(turns)
    .where(turns.c.call_sid == bindparam("sid"), turns.c.heard.is_not(None))
    .values(heard=None)
)


def note_late_talk(
    connection: Connection, call_sid: str, turn: int, talked: timedelta
) -> timedelta | None:
    """Note the talk that a transfer's end tells of when the call's own end came first.

    Both leave the carrier at once, so the talk ended when the call did. Only the transfer in which
    the call ended counts, and once. Returns as ``note_agent``.
    """
    ended_at = lock_ended(connection, call_sid)
    path = find_path(connection, call_sid)
    if ended_at is None or turn != len(path) or Place.parse(path[-1].place).step != "dial":
        return None
    note_outcome(connection, call_sid, CallOutcome.TALKED)
    return note_agent(connection, call_sid, ended_at - talked)


def lock_ended(connection: Connection, call_sid: str) -> datetime | None:
    """When the call ended, holding its head until the transaction does; ``None`` if it has not."""
    call = find_call(connection, call_sid, hold=True)
    return None if call is None else call.ended_at


def add_late_turn(
    connection: Connection, call_sid: str, turn: int, at: datetime, place: str
) -> None:
    """Add a turn to the path of a call that has ended; nothing typed comes with it."""
    values = {"call_sid": call_sid, "turn": turn, "at": at, "place": place, "heard": None}
    connection.execute(turns.insert().values(values))


def close_call(connection: Connection, call_sid: str, at: datetime) -> bool:
    """Let no turn be added any more; ``False`` when the call was closed before, or never began.

    Closed at that very moment it is the same end, tried again: of a connection that broke at its
    commit nobody knows whether it was done. Turns that are on their way are waited for, so what is
    read after this is all of the call.
    """
    return _CLOSE.run(connection, sid=call_sid, at=at) == 1


def was_followed(connection: Connection, call_sid: str) -> bool:
    """Whether the same number has begun another call since this one began.

    A call that lost its connection may be reported as ended when the next one is long over.
    """
    return bool(connection.execute(_FOLLOWED, {"sid": call_sid}).scalar_one())


def reduce_call(connection: Connection, call_sid: str, outcome: str) -> None:
    """Note how a closed call ended, and reduce its transcript to its path: nothing typed stays."""
    note_outcome(connection, call_sid, outcome)
    forget_typed(connection, call_sid)


def note_outcome(connection: Connection, call_sid: str, outcome: str) -> None:
    _OUTCOME.later(connection, sid=call_sid, how=outcome)


def forget_typed(connection: Connection, call_sid: str) -> None:
    """Empty the call's transcript; its path stays."""
    _FORGET.later(connection, sid=call_sid)


def end_call(connection: Connection, call_sid: str, at: datetime, outcome: str) -> bool:
    """Close the call and reduce its transcript to its path: places and times, nothing typed.

    ``False`` when it was closed before; its end and outcome then stay as they are.
    """
    is_closed = close_call(connection, call_sid, at)
    if is_closed:
        reduce_call(connection, call_sid, outcome)
    return is_closed

"""What is remembered of a calling number: language, pace, and what a dropped call left undone.

The number itself is nowhere: rows are found by its keyed hash, and so is the site of what was left
undone, so that nothing here says who called about what.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    literal,
    null,
    select,
    update,
)

from backend.context import CallContext
from backend.db.prepared import Prepared
from backend.db.tables.records import callers, calls
from backend.db.transactions import upserting
from backend.interface.answers import KnownCaller, Unfinished
from backend.interface.queries import FindCaller, FindUnfinished, RememberLanguage, RememberPace
from backend.records.identification import site_key
from backend.records.notices.service_notices import is_open_notice, notices_for

OFFERED_WITHIN = timedelta(hours=1)
"""Who was cut off calls again soon; later it would be a riddle what is meant."""

_MINE = callers.c.caller_key == bindparam("caller")
_ON_THIS_LINE = callers.c.left_on == bindparam("service")
_RECENT = callers.c.left_at > bindparam("since", type_=callers.c.left_at.type)
_ANYBODY = select(literal(1).label("one")).subquery()

# One statement for a call's beginning: most callers are new, and mostly no notice is open.
_KNOWN = Prepared(
    select(
        callers.c.language,
        func.coalesce(callers.c.slow, false()).label("slow"),
        and_(callers.c.left_undone.is_not(None), _ON_THIS_LINE, _RECENT).label("broken_off"),
        exists().where(is_open_notice()).label("notices"),
    ).select_from(_ANYBODY.outerjoin(callers, _MINE))
)
_UNFINISHED = select(callers.c.left_undone).where(
    _MINE, _RECENT, _ON_THIS_LINE, callers.c.left_at_site == bindparam("site")
)
_NOTHING_LEFT = {
    "left_undone": null(),
    "left_on": null(),
    "left_at_site": null(),
    "left_at": null(),
}
# Of every call that ends; most numbers have left nothing.
_FORGET_UNFINISHED = Prepared(
    update(callers)
    .where(
        _MINE,
        _ON_THIS_LINE,
        callers.c.left_at
        <= select(calls.c.began_at).where(calls.c.call_sid == bindparam("sid")).scalar_subquery(),
    )
    .values(_NOTHING_LEFT)
)
_FORGET_OWN_NOTE = (
    update(callers)
    .where(
        _MINE,
        callers.c.left_at
        == select(calls.c.ended_at).where(calls.c.call_sid == bindparam("sid")).scalar_subquery(),
    )
    .values(_NOTHING_LEFT)
)


def know_caller(connection: Connection, query: FindCaller, context: CallContext) -> KnownCaller:
    """How this caller is to be spoken to, and what they are to be told before the menu."""
    (row,) = _KNOWN.rows(
        connection,
        caller=context.caller_key,
        service=query.service,
        since=context.now - OFFERED_WITHIN,
        now=context.now,
    )
    found = notices_for(connection, context.caller, context.now) if row.notices else ()
    told = tuple(each.notice for each in found)
    return KnownCaller(row.language, bool(row.slow), bool(row.broken_off), told)


def remember_language(
    connection: Connection, query: RememberLanguage, context: CallContext
) -> bool:
    """Greet this number so from now on; ``False`` when it is withheld."""
    return _choose(connection, context, language=query.language)


def remember_pace(connection: Connection, query: RememberPace, context: CallContext) -> bool:
    """Speak to this number slowly from now on, or as usual; ``False`` when it is withheld."""
    return _choose(connection, context, slow=query.slow)


def find_unfinished(
    connection: Connection, query: FindUnfinished, context: CallContext
) -> str | None:
    """What this number's last call left undone, if it was about that site and on that line.

    Whoever calls from the same telephone about another site learns nothing of it.
    """
    wanted = {
        "caller": context.caller_key,
        "service": query.service,
        "site": site_key(context.secret, query.site_id),
        "since": context.now - OFFERED_WITHIN,
    }
    node: str | None = connection.scalar(_UNFINISHED, wanted)
    return node


def note_unfinished(
    connection: Connection,
    caller_key: str | None,
    unfinished: Unfinished,
    secret: bytes,
    now: datetime,
) -> None:
    """Note what a call that is over has left undone; it takes the place of what was noted before.

    A withheld number is nobody's in particular, and nothing is noted of it.
    """
    note = {
        "left_undone": unfinished.node,
        "left_on": unfinished.service,
        "left_at_site": site_key(secret, unfinished.site_id),
        "left_at": now,
    }
    _upsert(connection, caller_key, note, {"seen_at": now})


def forget_unfinished(
    connection: Connection, caller_key: str | None, service: str, call_sid: str
) -> None:
    """Forget what was left undone on the line of that service before this call: it has moved on."""
    _FORGET_UNFINISHED.run(connection, caller=caller_key, service=service, sid=call_sid)


def forget_own_note(connection: Connection, caller_key: str | None, call_sid: str) -> None:
    """Forget what this call was noted to have left undone: its late answer has settled it."""
    connection.execute(_FORGET_OWN_NOTE, {"caller": caller_key, "sid": call_sid})


def forget_notes(connection: Connection, now: datetime) -> None:
    """Forget what nobody came back for, and the numbers of which nothing else is known."""
    connection.execute(
        update(callers).where(callers.c.left_at <= now - OFFERED_WITHIN).values(_NOTHING_LEFT)
    )
    nothing = and_(
        callers.c.language.is_(None), callers.c.slow.is_(False), callers.c.left_undone.is_(None)
    )
    connection.execute(delete(callers).where(nothing))


def _choose(connection: Connection, context: CallContext, **what: object) -> bool:
    return _upsert(connection, context.caller_key, {**what, "seen_at": context.now}, {})


def _upsert(
    connection: Connection,
    caller_key: str | None,
    values: dict[str, object],
    at_first: dict[str, object],
) -> bool:
    """Write the values; those ``at_first`` only where nothing is known of the number yet."""
    if caller_key is None:
        return False
    row = upserting(connection, callers).values(caller_key=caller_key, **values, **at_first)
    connection.execute(row.on_conflict_do_update(index_elements=["caller_key"], set_=values))
    return True

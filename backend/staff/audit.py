"""The audit log: who did what to what, and when. Entries are added and read, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select

from backend.db.message_tables import acts
from backend.staff.sessions import current_origin

PAGE = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One entry; ``act`` is the kind of subject and a verb, ``subject`` the id or name of one."""

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    detail: str | None


def record_act(
    connection: Connection, by: str, act: str, subject: str, detail: str | None, now: datetime
) -> None:
    """Write down who did what; ``act`` is the kind of subject and a verb, ``campaign approve``.

    ``subject`` is the id or name of one of that kind, for a stop its key. No telephone number may
    be in any of them: acts are kept longer than numbers.
    """
    origin = current_origin()
    row = {
        "at": now,
        "by": by,
        "act": act,
        "subject": subject,
        "detail": detail,
        "session": None if origin is None else origin.session,
        "address": None if origin is None else origin.address,
    }
    connection.execute(insert(acts), row)


def list_acts(
    connection: Connection,
    *,
    by: str | None = None,
    act: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int | None = PAGE,
) -> list[Act]:
    """Entries that fit every given filter, the newest first.

    ``act`` may be a kind alone, such as ``campaign``. ``until`` is not included. ``before`` is the
    number of the last entry of the page before; ``limit`` is a page's length, ``None`` for all.
    """
    found = select(*(acts.c[name] for name in Act.__dataclass_fields__))
    conditions = [
        None if by is None else acts.c.by == by,
        None if act is None else _is(act),
        None if subject is None else acts.c.subject == subject,
        None if since is None else acts.c.at >= since,
        None if until is None else acts.c.at < until,
        None if before is None else acts.c.number < before,
    ]
    found = found.where(*(each for each in conditions if each is not None))
    return [
        Act(*row) for row in connection.execute(found.order_by(acts.c.number.desc()).limit(limit))
    ]


def _is(act: str) -> ColumnElement[bool]:
    return (acts.c.act == act) | acts.c.act.startswith(f"{act} ", autoescape=True)


def kinds_of_acts(connection: Connection) -> list[str]:
    """Every act that was ever recorded, by name: what a filter can offer."""
    return list(connection.scalars(select(acts.c.act).distinct().order_by(acts.c.act)))

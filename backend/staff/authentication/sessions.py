"""Sessions of staff: begun by a login, looked up at every request, ended from anywhere."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)

from backend.db.tables.messages import users
from backend.db.tables.staff import passkeys, second_factors, sessions

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
STEP_UP = timedelta(minutes=15)
"""How long after a password or code nobody asks for it again, whatever is to be done."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when somebody was last there."""


class Way(StrEnum):
    """How a session was begun; a provider tells whether it has seen a second factor itself."""

    PASSWORD = "password"  # noqa: S105 - a name, not one
    PROVIDER = "provider"
    PROVIDER_WITH_FACTOR = "provider with factor"


@dataclass(frozen=True, slots=True)
class Session:
    """A live session with its user as they are now, not as they were at login."""

    key: str
    name: str
    role: str
    language: str | None
    created_at: datetime
    seen_at: datetime
    proved_at: datetime | None
    address: str
    way: Way
    password_is_one_time: bool
    has_authenticator: bool
    has_passkey: bool

    @property
    def has_factor(self) -> bool:
        """Whether the user has a second factor of ours: authenticator or passkey."""
        return self.has_authenticator or self.has_passkey

    @property
    def owes_code(self) -> bool:
        """Whether the second factor has yet to be given."""
        return self.has_factor and self.proved_at is None

    @property
    def owes_password(self) -> bool:
        """Whether a password of one's own is to be chosen first; who came without one need not."""
        return self.password_is_one_time and self.way == Way.PASSWORD

    def is_proved(self, now: datetime) -> bool:
        """Whether the password or second factor was given within ``STEP_UP``."""
        return self.proved_at is not None and now - self.proved_at <= STEP_UP

    def ends_at(self) -> datetime:
        """When the session ends by itself if nothing more is done in it."""
        return min(self.seen_at + IDLE, self.created_at + LONGEST)


def _live() -> Select[Any]:
    alive: ColumnElement[bool] = and_(
        sessions.c.ended_at.is_(None),
        sessions.c.seen_at > bindparam("idle_since"),
        # By a clock that was put back since it would live on for as long as that was.
        sessions.c.seen_at < bindparam("ahead"),
        sessions.c.created_at > bindparam("longest"),
        users.c.disabled_at.is_(None),
    )
    factor = and_(
        second_factors.c.name == sessions.c.name, second_factors.c.confirmed_at.is_not(None)
    )
    tables = sessions.join(users, users.c.name == sessions.c.name).outerjoin(second_factors, factor)
    own = ("name", "created_at", "seen_at", "proved_at", "address", "way")
    columns = (
        sessions.c.session_key.label("key"),
        *(sessions.c[name] for name in own),
        *(users.c[name] for name in ("role", "language", "password_is_one_time")),
        second_factors.c.confirmed_at.is_not(None).label("has_authenticator"),
        exists().where(passkeys.c.name == sessions.c.name).label("has_passkey"),
    )
    return select(*columns).select_from(tables).where(alive)


_LIVE = _live()
_OF_KEY = _LIVE.where(sessions.c.session_key == bindparam("key"))
"""Put together once: each request of the console asks for its session."""


def key_of(sid: str) -> str:
    """Under what the session of this cookie is kept: nobody who reads the table can use it."""
    return hashlib.sha256(sid.encode()).hexdigest()


def begin_session(
    connection: Connection,
    sid: str,
    name: str,
    address: str,
    now: datetime,
    *,
    proved: bool,
    way: Way = Way.PASSWORD,
) -> None:
    """Begin a session; ``proved`` is whether all that the user has to prove was proved."""
    row = {
        "session_key": key_of(sid),
        "name": name,
        "created_at": now,
        "seen_at": now,
        "proved_at": now if proved else None,
        "address": address,
        "way": way,
    }
    connection.execute(insert(sessions), row)


def find_session(connection: Connection, sid: str, now: datetime) -> Session | None:
    """The live session of this cookie; ``None`` for one that ended, by itself or otherwise."""
    row = connection.execute(_OF_KEY, _limits(now) | {"key": key_of(sid)}).one_or_none()
    return None if row is None else _session(row)


def sessions_of(connection: Connection, name: str, now: datetime) -> list[Session]:
    """The live sessions of a user, the latest first."""
    found = _LIVE.where(sessions.c.name == name).order_by(sessions.c.seen_at.desc())
    return [_session(row) for row in connection.execute(found, _limits(now))]


def sessions_by_key(connection: Connection, now: datetime) -> dict[str, Session]:
    return {row.key: _session(row) for row in connection.execute(_LIVE, _limits(now))}


def live_sessions(connection: Connection, now: datetime) -> Counter[str]:
    return Counter(row.name for row in connection.execute(_LIVE, _limits(now)))


def last_seen(connection: Connection) -> dict[str, datetime]:
    """When each user last used a session that is still on record."""
    last = select(sessions.c.name, func.max(sessions.c.seen_at).label("at"))
    rows = connection.execute(last.group_by(sessions.c.name))
    return {row.name: row.at for row in rows}


def touch(connection: Connection, key: str, now: datetime) -> None:
    """Note that somebody is there."""
    alive = and_(sessions.c.session_key == key, sessions.c.ended_at.is_(None))
    connection.execute(update(sessions).where(alive).values(seen_at=now))


def is_to_touch(session: Session, now: datetime) -> bool:
    """Whether it is worth a write that somebody is there."""
    return now - session.seen_at >= SEEN_EVERY


def prove(connection: Connection, session: Session, sid: str, now: datetime) -> None:
    """Note that password or code was given; the session goes on under the new ``sid`` only."""
    mine = and_(sessions.c.session_key == session.key, sessions.c.ended_at.is_(None))
    renewed = {"session_key": key_of(sid), "proved_at": now, "seen_at": now}
    connection.execute(update(sessions).where(mine).values(renewed))


def end_session(connection: Connection, name: str, key: str, now: datetime) -> bool:
    """End one session of that user; whether it was theirs and alive."""
    one = and_(
        sessions.c.session_key == key, sessions.c.name == name, sessions.c.ended_at.is_(None)
    )
    return connection.execute(update(sessions).where(one).values(ended_at=now)).rowcount == 1


def end_sessions(
    connection: Connection, name: str, now: datetime, *, but: str | None = None
) -> None:
    """End all sessions of a user, except the one with the key ``but``."""
    theirs = and_(sessions.c.name == name, sessions.c.ended_at.is_(None))
    if but is not None:
        theirs = and_(theirs, sessions.c.session_key != but)
    connection.execute(update(sessions).where(theirs).values(ended_at=now))


def _limits(now: datetime) -> dict[str, Any]:
    """The values of ``_LIVE``."""
    return {"idle_since": now - IDLE, "ahead": now + IDLE, "longest": now - LONGEST}


def _session(row: Row[Any]) -> Session:
    return Session(**{**row._mapping, "way": Way(row.way)})

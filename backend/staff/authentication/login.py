"""Logging in, and one's own password: what is wrong with a login is never told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, select, update

from backend.db.tables.messages import users
from backend.db.transactions import read, write
from backend.staff.audit import record_act
from backend.staff.authentication.password_check import verify_password
from backend.staff.authentication.password_rules import PasswordFlaw, password_flaw
from backend.staff.authentication.passwords import HASHER, matches
from backend.staff.authentication.second_factor import has_factor, use_code
from backend.staff.authentication.sessions import (
    Session,
    begin_session,
    end_session,
    end_sessions,
    key_of,
    prove,
)
from backend.staff.authentication.throttle import Attempt, admit, attempt, clear_failures, must_wait

ONE_TIME_LASTS = timedelta(hours=72)
_SID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Desk:
    """What logging in needs besides the database: ``secret`` is ``SECRET_KEY``."""

    engine: Engine
    secret: str
    rng: Random
    clock: Callable[[], datetime]
    hasher: PasswordHasher = HASHER

    def new_sid(self) -> str:
        """What a browser will hold for its session: 256 bits."""
        return self.rng.randbytes(_SID_BYTES).hex()


def log_in(desk: Desk, name: str, password: str, address: str) -> str | None:
    """The ``sid`` of a new session, or ``None``.

    Unknown, wrong, disabled, past the time of a one-time password or too early after failures: all
    take as long and look the same.
    """
    now = desk.clock()
    tried = attempt(desk.secret, "password", name, address)
    if not _is_admitted(desk, tried, now):
        matches(None, password, desk.hasher)
        return None
    user = verify_password(desk.engine, name, password, hasher=desk.hasher)
    with write(desk.engine) as connection:
        if user is None or _is_expired(connection, user.name, now):
            if _is_user(connection, name):
                record_act(connection, name, "login failure", name, None, now)
            return None
        clear_failures(connection, tried)
        sid = desk.new_sid()
        owes_code = has_factor(connection, user.name)
        begin_session(connection, sid, user.name, address, now, proved=not owes_code)
        record_act(connection, user.name, "login", user.name, None, now)
    return sid


def give_code(desk: Desk, session: Session, code: str, address: str) -> str | None:
    """The new ``sid`` of a session that has given its second factor, or ``None``.

    Wrong codes are counted apart from wrong passwords; in a wait the right one is refused as well.
    """
    now = desk.clock()
    tried = attempt(desk.secret, "code", session.name, address)
    with write(desk.engine) as connection:
        if not admit(connection, tried, now):
            return None
        if not use_code(connection, session.name, code, desk.secret, now):
            record_act(connection, session.name, "login failure", session.name, "code", now)
            return None
        return go_on(connection, desk, session, tried, now)


def go_on(
    connection: Connection, desk: Desk, session: Session, tried: Attempt, now: datetime
) -> str:
    """The new ``sid`` of a session in which what was tried is right; failures are forgotten."""
    clear_failures(connection, tried)
    sid = desk.new_sid()
    prove(connection, session, sid, now)
    return sid


def give_password_again(desk: Desk, session: Session, password: str, address: str) -> str | None:
    """The new ``sid`` of a session whose user has given the password once more, or ``None``."""
    now = desk.clock()
    tried = attempt(desk.secret, "password", session.name, address)
    if not _is_admitted(desk, tried, now):
        matches(None, password, desk.hasher)
        return None
    user = verify_password(desk.engine, session.name, password, hasher=desk.hasher)
    with write(desk.engine) as connection:
        if user is None:
            return None
        return go_on(connection, desk, session, tried, now)


def log_out(desk: Desk, session: Session) -> None:
    now = desk.clock()
    with write(desk.engine) as connection:
        if end_session(connection, session.name, session.key, now):
            record_act(connection, session.name, "logout", session.name, None, now)


def choose_password(
    desk: Desk, session: Session, password: str, *, forced_factor: bool, company: str
) -> PasswordFlaw | str:
    """Give a user their own password; the new ``sid``, or what is wrong with the password.

    All other sessions of the user end. ``forced_factor`` is whether they cannot do without a second
    factor, for whom a shorter password will do.
    """
    flaw = password_flaw(
        password, forced_factor=forced_factor, unfit=(session.name, company, "zoldszam")
    )
    if flaw is not None:
        return flaw
    hashed = desk.hasher.hash(password)
    now = desk.clock()
    sid = desk.new_sid()
    with write(desk.engine) as connection:
        own = {"password_hash": hashed, "password_is_one_time": False, "password_set_at": now}
        connection.execute(update(users).where(users.c.name == session.name).values(own))
        record_act(connection, session.name, "password set", session.name, None, now)
        prove(connection, session, sid, now)
        end_sessions(connection, session.name, now, but=key_of(sid))
    return sid


def set_language(connection: Connection, name: str, language: str) -> None:
    """Let the console speak this language to the user from now on."""
    connection.execute(update(users).where(users.c.name == name).values(language=language))


def _is_admitted(desk: Desk, tried: Attempt, now: datetime) -> bool:
    """Whether this attempt is judged at all; it is counted as a failure until it was right."""
    with read(desk.engine) as connection:
        # Whoever goes on guessing in a wait keeps nobody from writing.
        if must_wait(connection, tried, now):
            return False
    with write(desk.engine) as connection:
        return admit(connection, tried, now)


def _is_user(connection: Connection, name: str) -> bool:
    return connection.execute(select(users.c.name).where(users.c.name == name)).first() is not None


def _is_expired(connection: Connection, name: str, now: datetime) -> bool:
    """Whether this is a one-time password that was not used in its time."""
    columns = select(users.c.password_is_one_time, users.c.password_set_at, users.c.created_at)
    row = connection.execute(columns.where(users.c.name == name)).one()
    made = row.password_set_at or row.created_at
    return bool(row.password_is_one_time and now - made > ONE_TIME_LASTS)

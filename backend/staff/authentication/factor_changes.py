"""Changing one's own second factor: all other sessions end, and this one gets a new ``sid``.

Whoever had the password alone, and is logged in somewhere, is out with it.
"""

from datetime import datetime

from sqlalchemy import Connection

from backend.db.transactions import write
from backend.staff.authentication.login import Desk
from backend.staff.authentication.second_factor import (
    Enrolment,
    confirm,
    enrolment,
    remove_authenticator,
)
from backend.staff.authentication.sessions import Session, end_sessions, key_of, prove


def authenticator_to_enrol(desk: Desk, session: Session, issuer: str) -> Enrolment:
    """The secret that an authenticator is to be given in this session; nothing is written."""
    return enrolment(session.name, session.key, desk.secret, issuer)


def enrol_authenticator(
    desk: Desk, session: Session, code: str, issuer: str
) -> tuple[list[str], str] | None:
    """Put the authenticator to use with its first code: the recovery codes, and the new ``sid``.

    ``None`` when the code is wrong, or an authenticator is in use already.
    """
    now = desk.clock()
    secret = authenticator_to_enrol(desk, session, issuer).secret
    with write(desk.engine) as connection:
        codes = confirm(connection, session.name, secret, code, desk.secret, now, desk.rng)
        return None if codes is None else (codes, renew_session(connection, desk, session, now))


def remove_own_authenticator(desk: Desk, session: Session) -> str:
    """Take one's own authenticator away, passkeys stay; gives the new ``sid``."""
    now = desk.clock()
    with write(desk.engine) as connection:
        remove_authenticator(connection, session.name, now)
        return renew_session(connection, desk, session, now)


def renew_session(connection: Connection, desk: Desk, session: Session, now: datetime) -> str:
    """Let the session go on under a new ``sid``, which it gives, and end the user's others."""
    sid = desk.new_sid()
    prove(connection, session, sid, now)
    end_sessions(connection, session.name, now, but=key_of(sid))
    return sid

"""Passkeys (WebAuthn) as second factors: enrolled, used once for each challenge, removed.

What a browser answers is checked by a ``PasskeyChecks``; ``webauthn_checks.py`` is the one, where
the extra ``oidc`` is installed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from backend.db.tables.staff import passkey_challenges, passkeys, recovery_codes
from backend.db.transactions import upserting, write
from backend.interface.codes import PasskeyPurpose
from backend.staff.audit import record_act
from backend.staff.authentication.factor_changes import renew_session
from backend.staff.authentication.login import Desk, go_on
from backend.staff.authentication.second_factor import has_factor, new_recovery_codes
from backend.staff.authentication.sessions import Session
from backend.staff.authentication.throttle import admit, attempt
from common.encryption import keyed_hash

CHALLENGE_LASTS = timedelta(minutes=5)
MOST_LABEL = 60
"""Characters of the name that a user gives a passkey."""

_CHALLENGE_BYTES = 32
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a user; ``key`` tells it in addresses."""

    key: str
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """What is kept of a passkey: id and public key in base64url, and how often it was used."""

    credential_id: str
    public_key: str
    sign_count: int


class PasskeyError(Exception):
    """An answer of a browser that does not prove anything."""


class PasskeyChecks(Protocol):
    """What a browser is told, and whether its answer is right, for the console's own address."""

    def to_enrol(
        self, name: str, handle: bytes, challenge: bytes, known: Sequence[Credential]
    ) -> str:
        """The options of ``navigator.credentials.create`` as JSON."""

    def to_prove(self, challenge: bytes, known: Sequence[Credential]) -> str:
        """The options of ``navigator.credentials.get`` as JSON."""

    def enrolled(self, answer: str, challenge: bytes) -> Credential:
        """The new passkey. Raises ``PasskeyError``."""

    def proved(self, answer: str, challenge: bytes, known: Credential) -> int:
        """The new count of uses; higher than before, if it counts. Raises ``PasskeyError``."""


def passkeys_of(connection: Connection, name: str) -> list[Passkey]:
    """The passkeys of a user, the oldest first."""
    columns = (passkeys.c.passkey_key, passkeys.c.label, passkeys.c.created_at, passkeys.c.used_at)
    found = select(*columns).where(passkeys.c.name == name).order_by(passkeys.c.created_at)
    return [Passkey(*row) for row in connection.execute(found)]


def passkey_options(
    desk: Desk, checks: PasskeyChecks, session: Session, purpose: PasskeyPurpose
) -> str:
    """What the browser of this session is to do next, as JSON, with a challenge of its own.

    The challenge before it is void, and those that nobody has answered in time are deleted.
    """
    now, challenge = desk.clock(), desk.rng.randbytes(_CHALLENGE_BYTES)
    with write(desk.engine) as connection:
        known = [_credential(row) for row in _rows(connection, passkeys.c.name == session.name)]
        old = passkey_challenges.c.made_at <= now - CHALLENGE_LASTS
        connection.execute(delete(passkey_challenges).where(_of(session, purpose) | old))
        row = {"challenge": challenge.hex(), "session_key": session.key, "purpose": purpose}
        connection.execute(insert(passkey_challenges), row | {"made_at": now})
    if purpose == "prove":
        return checks.to_prove(challenge, known)
    return checks.to_enrol(session.name, _handle(desk.secret, session.name), challenge, known)


def enrol_passkey(
    desk: Desk, checks: PasskeyChecks, session: Session, label: str, answer: str
) -> tuple[list[str], str] | None:
    """Add a passkey: recovery codes, if it is the first factor, and the new ``sid``.

    All other sessions of the user end. ``None`` for an answer that is wrong or too late, and for a
    passkey that is there already.
    """
    now = desk.clock()
    with write(desk.engine) as connection:
        try:
            made = checks.enrolled(answer, _take(connection, session, "enrol", now))
        except PasskeyError:
            return None
        is_first = not has_factor(connection, session.name)
        key = _key(made.credential_id)
        row = {
            "passkey_key": key,
            "name": session.name,
            "label": label,
            "credential_id": made.credential_id,
            "public_key": made.public_key,
            "sign_count": made.sign_count,
            "created_at": now,
        }
        added = upserting(connection, passkeys).values(row).on_conflict_do_nothing()
        if connection.execute(added.returning(passkeys.c.name)).first() is None:
            return None
        record_act(connection, session.name, "passkey add", session.name, key[:_SHOWN], now)
        codes = new_recovery_codes(connection, session.name, desk.rng) if is_first else []
        return codes, renew_session(connection, desk, session, now)


def remove_passkey(desk: Desk, session: Session, key: str) -> str | None:
    """Take one of one's own passkeys away: the new ``sid``; ``None`` where there is no such one.

    All other sessions of the user end. With the last factor go the recovery codes.
    """
    now = desk.clock()
    with write(desk.engine) as connection:
        mine = (passkeys.c.passkey_key == key) & (passkeys.c.name == session.name)
        if connection.execute(delete(passkeys).where(mine)).rowcount != 1:
            return None
        if not has_factor(connection, session.name):
            theirs = recovery_codes.c.name == session.name
            connection.execute(delete(recovery_codes).where(theirs))
        record_act(connection, session.name, "passkey remove", session.name, key[:_SHOWN], now)
        return renew_session(connection, desk, session, now)


def give_passkey(
    desk: Desk, checks: PasskeyChecks, session: Session, answer: str, address: str
) -> str | None:
    """The new ``sid`` of a session whose user has proved to hold one of their passkeys.

    Failures count as those of codes do; in a wait the right one is refused as well.
    """
    now = desk.clock()
    tried = attempt(desk.secret, "code", session.name, address)
    with write(desk.engine) as connection:
        if not admit(connection, tried, now):
            return None
        if not _is_proved(connection, checks, session, answer, now):
            record_act(connection, session.name, "login failure", session.name, "passkey", now)
            return None
        return go_on(connection, desk, session, tried, now)


def _is_proved(
    connection: Connection, checks: PasskeyChecks, session: Session, answer: str, now: datetime
) -> bool:
    try:
        challenge = _take(connection, session, "prove", now)
        mine = (passkeys.c.name == session.name) & (passkeys.c.passkey_key == _key_in(answer))
        rows = _rows(connection, mine)
        if not rows:
            return False
        count = checks.proved(answer, challenge, _credential(rows[0]))
    except PasskeyError:
        return False
    # Two at once with one count of uses: the second may be a copy of the key.
    same = mine & (passkeys.c.sign_count == rows[0].sign_count)
    used = update(passkeys).where(same).values(sign_count=count, used_at=now)
    return connection.execute(used).rowcount == 1


def _take(
    connection: Connection, session: Session, purpose: PasskeyPurpose, now: datetime
) -> bytes:
    """The challenge of this session, which no other answer can have. Raises ``PasskeyError``."""
    taken = delete(passkey_challenges).where(_of(session, purpose))
    row = connection.execute(
        taken.returning(passkey_challenges.c.challenge, passkey_challenges.c.made_at)
    ).one_or_none()
    if row is None or row.made_at <= now - CHALLENGE_LASTS:
        raise PasskeyError("no challenge is open")
    return bytes.fromhex(row.challenge)


def _of(session: Session, purpose: PasskeyPurpose) -> ColumnElement[bool]:
    mine = passkey_challenges.c.session_key == session.key
    return mine & (passkey_challenges.c.purpose == purpose)


def _rows(connection: Connection, condition: ColumnElement[bool]) -> Sequence[Row[str, str, int]]:
    columns = (passkeys.c.credential_id, passkeys.c.public_key, passkeys.c.sign_count)
    return connection.execute(select(*columns).where(condition)).all()


def _credential(row: Row[str, str, int]) -> Credential:
    return Credential(row.credential_id, row.public_key, row.sign_count)


def _key(credential_id: str) -> str:
    return hashlib.sha256(credential_id.encode()).hexdigest()


def _key_in(answer: str) -> str:
    """Which passkey an answer claims to be of. Raises ``PasskeyError``."""
    try:
        told = json.loads(answer)["id"]
        return _key(str(told))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise PasskeyError("it names no passkey") from error


def _handle(secret: str, name: str) -> bytes:
    """By which authenticators tell users apart: it names nobody."""
    return bytes.fromhex(keyed_hash(secret.encode(), "passkey handle", name))

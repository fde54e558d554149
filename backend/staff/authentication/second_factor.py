"""The second factor: time-based codes (RFC 6238), each good once, and ten recovery codes.

Passkeys, which take the place of codes, are in ``passkeys.py``.

Secrets lie in the database encrypted under a key from ``SECRET_KEY``; recovery codes, which nobody
can guess, as plain hashes.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from random import Random

import pyotp
from sqlalchemy import Connection, delete, insert, select, update

from backend.db.tables.staff import passkeys, recovery_codes, second_factors
from backend.db.transactions import upserting
from backend.staff.audit import record_act
from common.encryption import opened, sealed
from common.errors import ConfigurationError

STEP_SECONDS = 30
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_NONCE_BYTES = 16
_RECOVERY_BYTES = 10
_DIGITS = 6
_PURPOSE = "factor"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that waits for its first code: what the QR code says, and to be typed."""

    secret: str
    address: str

    @property
    def in_groups(self) -> str:
        """The secret in groups of four, as somebody types it."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def has_factor(connection: Connection, name: str) -> bool:
    """Whether the user has an authenticator in use, or a passkey."""
    codes = select(second_factors.c.name).where(
        second_factors.c.name == name, second_factors.c.confirmed_at.is_not(None)
    )
    keys = select(passkeys.c.name).where(passkeys.c.name == name)
    return connection.execute(codes.union_all(keys)).first() is not None


def users_with_factor(connection: Connection) -> set[str]:
    """The names of all who have an authenticator in use, or a passkey."""
    in_use = select(second_factors.c.name).where(second_factors.c.confirmed_at.is_not(None))
    return set(connection.scalars(in_use.union_all(select(passkeys.c.name))))


def enrolment(name: str, session_key: str, key: str, issuer: str) -> Enrolment:
    """The secret that waits for its first code in this session: the same as long as it lasts.

    It follows from the session and ``SECRET_KEY`` (``key``), so that nothing is kept until then.
    """
    told = f"enrolment:{name}:{session_key}".encode()
    made = hmac.digest(key.encode(), told, "sha256")[:_SECRET_BYTES]
    secret = base64.b32encode(made).decode()
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def confirm(
    connection: Connection,
    name: str,
    secret: str,
    code: str,
    key: str,
    now: datetime,
    rng: Random,
) -> list[str] | None:
    """Put an enrolment's secret to use with its first code; gives the recovery codes.

    ``None`` when the code is wrong, or an authenticator is in use already.
    """
    step = _step(secret, code, now)
    if step is None:
        return None
    row = {
        "name": name,
        "secret": _encrypted(secret, name, key, rng.randbytes(_NONCE_BYTES)),
        "last_step": step,
        "created_at": now,
        "confirmed_at": now,
    }
    added = upserting(connection, second_factors).values(row)
    # One that waits for its first code is of an earlier version.
    waiting = second_factors.c.confirmed_at.is_(None)
    added = added.on_conflict_do_update(index_elements=["name"], set_=row, where=waiting)
    if connection.execute(added.returning(second_factors.c.name)).first() is None:
        return None
    record_act(connection, name, "factor set", name, None, now)
    return new_recovery_codes(connection, name, rng)


def renew_recovery_codes(
    connection: Connection, name: str, now: datetime, rng: Random
) -> list[str]:
    """Ten new recovery codes in the place of the old ones."""
    record_act(connection, name, "factor recovery", name, None, now)
    return new_recovery_codes(connection, name, rng)


def new_recovery_codes(connection: Connection, name: str, rng: Random) -> list[str]:
    """Ten recovery codes in the place of those that there are; no act tells of it."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.name == name))
    made = [rng.randbytes(_RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    codes = [base64.b32encode(code).decode().lower() for code in made]
    rows = [{"code_key": _code_key(name, code), "name": name} for code in codes]
    connection.execute(insert(recovery_codes), rows)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def recovery_codes_left(connection: Connection, name: str) -> int:
    unused = select(recovery_codes.c.code_key).where(
        recovery_codes.c.name == name, recovery_codes.c.used_at.is_(None)
    )
    return len(connection.execute(unused).all())


def use_code(connection: Connection, name: str, code: str, key: str, now: datetime) -> bool:
    """Whether this is the user's code now, or a recovery code; either is used up by it."""
    typed = "".join(code.split()).replace("-", "")
    if len(typed) == _DIGITS and typed.isascii() and typed.isdecimal():
        return _use_step(connection, name, typed, key, now)
    mine = (
        (recovery_codes.c.name == name)
        & (recovery_codes.c.code_key == _code_key(name, typed))
        & recovery_codes.c.used_at.is_(None)
    )
    used = connection.execute(update(recovery_codes).where(mine).values(used_at=now)).rowcount == 1
    if used:
        record_act(connection, name, "factor recovered", name, None, now)
    return used


def remove_factor(connection: Connection, name: str, now: datetime, *, by: str) -> None:
    """Take all of a user's second factors away, with the recovery codes; they may enrol others."""
    for table in (second_factors, passkeys, recovery_codes):
        connection.execute(delete(table).where(table.c.name == name))
    record_act(connection, by, "factor remove", name, None, now)


def remove_authenticator(connection: Connection, name: str, now: datetime) -> None:
    """Take one's own authenticator away; with the last second factor go the recovery codes."""
    connection.execute(delete(second_factors).where(second_factors.c.name == name))
    if not has_factor(connection, name):
        connection.execute(delete(recovery_codes).where(recovery_codes.c.name == name))
    record_act(connection, name, "factor remove", name, None, now)


def rewrap_factors(connection: Connection, former: str, key: str) -> None:
    """Keep the authenticators' secrets under ``key`` from now on, where ``former`` did.

    One that was made under neither stays as it is, and is of no use any more.
    """
    found = select(second_factors.c.name, second_factors.c.secret).with_for_update()
    for name, kept in connection.execute(found).all():
        try:
            secret = _decrypted(kept, name, former)
        except ConfigurationError:
            continue
        # The same secret under another key: its pad is another one all the same.
        nonce = bytes.fromhex(kept.partition(":")[0])
        renewed = _encrypted(secret, name, key, nonce)
        mine = update(second_factors).where(second_factors.c.name == name)
        connection.execute(mine.values(secret=renewed))


def _use_step(connection: Connection, name: str, code: str, key: str, now: datetime) -> bool:
    found = select(second_factors.c.secret).where(
        second_factors.c.name == name, second_factors.c.confirmed_at.is_not(None)
    )
    kept = connection.execute(found).scalar_one_or_none()
    step = None if kept is None else _step(_decrypted(kept, name, key), code, now)
    if step is None:
        return False
    later = (second_factors.c.name == name) & (second_factors.c.last_step < step)
    used = update(second_factors).where(later).values(last_step=step)
    return connection.execute(used).rowcount == 1


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is: the present one, or one before or after it."""
    totp = pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    typed = "".join(code.split())
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _code_key(name: str, typed: str) -> str:
    return hashlib.sha256(f"{name}:{typed.lower()}".encode()).hexdigest()


def _encrypted(secret: str, name: str, key: str, nonce: bytes) -> str:
    return sealed(base64.b32decode(secret), _PURPOSE, key, nonce, name)


def _decrypted(kept: str, name: str, key: str) -> str:
    secret = opened(kept, _PURPOSE, key, name)
    if secret is None:
        raise ConfigurationError(
            "The second factors are kept under another SECRET_KEY. Set that one, or let an "
            "administrator remove the second factor of each user."
        )
    return base64.b32encode(secret).decode()

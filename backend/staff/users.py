"""Staff: who they are and which roles they have; role checks."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from random import Random
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.db.message_tables import ASKED_BY_CALL, users
from backend.db.transactions import read, write
from backend.interface.codes import Role
from backend.staff.audit import record_act
from backend.staff.passwords import HASHER, matches, one_time_password
from backend.staff.sessions import end_sessions
from common.error_codes import ErrorCode
from common.errors import UserError

COMMAND_LINE = "command line"
"""Who acts where nobody has logged in; no user can be called so."""

_SERVICE_ITSELF = frozenset({ASKED_BY_CALL, "console", "sms", "worker"})
"""Who acts where the service does something by itself; a user of that name could act as it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class User:
    """A colleague; ``phone`` (E.164) is where rehearsals go.

    Who has left is disabled: they may do nothing, and their name is nobody else's ever after.
    """

    name: str
    role: str
    phone: str | None
    password_is_one_time: bool
    created_at: datetime
    disabled_at: datetime | None


def add_user(
    connection: Connection,
    name: str,
    role: str,
    phone: str | None,
    now: datetime,
    rng: Random,
    *,
    by: str = COMMAND_LINE,
    hasher: PasswordHasher = HASHER,
) -> str:
    """Add a user; gives the one-time password, which is kept nowhere but as a hash.

    Raises ``UserError`` for a name that somebody has or ever had, in whatever case, or that cannot
    be one, and for a role that there is not.
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            f'"{name}" cannot be a name. Use up to 40 letters without accents, figures and . _ -, '
            "and begin with a letter or figure.",
            code=ErrorCode.USER_NAME_INVALID,
            name=name,
        )
    if name.lower() in _SERVICE_ITSELF:
        raise UserError(
            f'"{name}" is what the service is called in the acts where it does something by '
            "itself. Take another name.",
            code=ErrorCode.USER_NAME_RESERVED,
            name=name,
        )
    _check_role(role)
    same_name = func.lower(users.c.name) == name.lower()
    taken = connection.execute(select(users).where(same_name)).first()
    if taken is not None:
        raise _taken(taken.name, disabled=taken.disabled_at is not None)
    password = one_time_password(rng)
    row = {
        "name": name,
        "role": role,
        "password_hash": hasher.hash(password),
        "password_is_one_time": True,
        "password_set_at": now,
        "phone": phone,
        "created_at": now,
    }
    try:
        connection.execute(insert(users), row)
    except IntegrityError as error:
        # Another has added the same one since we looked.
        raise _taken(name, disabled=False) from error
    record_act(connection, by, "user add", name, role, now)
    return password


def renew_password(
    connection: Connection,
    name: str,
    now: datetime,
    rng: Random,
    *,
    by: str = COMMAND_LINE,
    hasher: PasswordHasher = HASHER,
) -> str:
    """Replace a user's password by a one-time one, which it gives. Raises ``UserError``."""
    require_role(connection, name)
    password = _one_time(connection, name, now, rng, hasher)
    record_act(connection, by, "user password", name, None, now)
    return password


def set_phone(
    connection: Connection, name: str, phone: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let rehearsals for this user go to that number (E.164). Raises ``UserError``."""
    require_role(connection, name)
    connection.execute(update(users).where(users.c.name == name).values(phone=phone))
    record_act(connection, by, "user phone", name, None, now)


def set_role(
    connection: Connection, name: str, role: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let a user do what that role may; what they wrote stays theirs. Raises ``UserError``."""
    _check_role(role)
    require_role(connection, name)
    connection.execute(update(users).where(users.c.name == name).values(role=role))
    end_sessions(connection, name, now)
    record_act(connection, by, "user role", name, role, now)


def disable_user(
    connection: Connection, name: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let a user do nothing any more; the name stays theirs, as does what they did.

    Their telephone number is deleted. Twice is harmless. Raises ``UserError``.
    """
    user = find_user(connection, name)
    if user.disabled_at is not None:
        return
    leaves = update(users).where(users.c.name == name, users.c.disabled_at.is_(None))
    connection.execute(leaves.values(disabled_at=now, phone=None))
    end_sessions(connection, name, now)
    record_act(connection, by, "user disable", name, None, now)


def enable_user(
    connection: Connection,
    name: str,
    now: datetime,
    rng: Random,
    *,
    by: str = COMMAND_LINE,
    hasher: PasswordHasher = HASHER,
) -> str:
    """Let a disabled user come back, with the one-time password that it gives.

    Raises ``UserError``, also for one who is not disabled.
    """
    if find_user(connection, name).disabled_at is None:
        raise UserError(f"{name} is not disabled.", code=ErrorCode.USER_NOT_DISABLED, name=name)
    connection.execute(update(users).where(users.c.name == name).values(disabled_at=None))
    password = _one_time(connection, name, now, rng, hasher)
    record_act(connection, by, "user enable", name, None, now)
    return password


def list_users(connection: Connection) -> list[User]:
    """All users by name, the disabled ones among them."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]


def phones_of(connection: Connection, names: Collection[str]) -> list[str]:
    """The telephones (E.164) of these users. Raises ``UserError`` for one who has none."""
    phones = []
    for name in names:
        phone = require_role(connection, name).phone
        if phone is None:
            raise UserError(
                f"{name} has no telephone that we know.",
                code=ErrorCode.USER_WITHOUT_PHONE,
                name=name,
            )
        phones.append(phone)
    return phones


def find_user(connection: Connection, name: str, role: str = "sender") -> User:
    """The user of that name, disabled or not. Raises ``UserError``, which proposes that role."""
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None:
        raise _unknown(connection, name, role)
    return _user(row)


def require_role(connection: Connection, name: str, *roles: str) -> User:
    """The user of that name, if one of these roles is theirs; without roles any will do.

    Raises ``UserError``, also for a user who is disabled.
    """
    user = find_user(connection, name, roles[0] if roles else "sender")
    if user.disabled_at is not None:
        raise UserError(
            f'"{name}" is disabled and may do nothing. Take your own name.',
            code=ErrorCode.USER_DISABLED,
            name=name,
        )
    if roles and user.role not in roles:
        raise UserError(
            f'"{name}" is {_article(user.role)} {user.role}; only {_listed(roles)} may do this. '
            "Ask one of them.",
            code=ErrorCode.ROLE_NOT_ALLOWED,
            name=name,
            role=user.role,
            allowed=roles,
        )
    return user


def is_same_user(one: str | None, other: str | None) -> bool:
    """Whether two names mean one person: case does not tell people apart."""
    return one is not None and other is not None and one.casefold() == other.casefold()


def verify_password(
    engine: Engine, name: str, password: str, *, hasher: PasswordHasher = HASHER
) -> User | None:
    """The user whose name and password these are, or ``None``, in the same time.

    A disabled user is none.

    No transaction is open while the password is hashed. A hash that was made with other
    parameters than today's is renewed.
    """
    with read(engine) as connection:
        row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    known = None if row is None or row.disabled_at is not None else row.password_hash
    if not matches(known, password, hasher) or row is None:
        return None
    if hasher.check_needs_rehash(row.password_hash):
        renewed = hasher.hash(password)
        with write(engine) as connection:
            # Unless the password was changed meanwhile.
            same = (users.c.name == name) & (users.c.password_hash == row.password_hash)
            connection.execute(update(users).where(same).values(password_hash=renewed))
    return _user(row)


def _user(row: Row[Any]) -> User:
    return User(
        row.name, row.role, row.phone, row.password_is_one_time, row.created_at, row.disabled_at
    )


def _one_time(
    connection: Connection, name: str, now: datetime, rng: Random, hasher: PasswordHasher
) -> str:
    password = one_time_password(rng)
    renewed = {
        "password_hash": hasher.hash(password),
        "password_is_one_time": True,
        "password_set_at": now,
    }
    connection.execute(update(users).where(users.c.name == name).values(renewed))
    end_sessions(connection, name, now)
    return password


def _check_role(role: str) -> None:
    if role not in tuple(Role):
        raise UserError(
            f'There is no role "{role}". Choose one of {", ".join(Role)}.',
            code=ErrorCode.ROLE_UNKNOWN,
            role=role,
        )


def _taken(name: str, *, disabled: bool) -> UserError:
    if disabled:
        return UserError(
            f'There was a user "{name}", and names are not used again: what they wrote is theirs. '
            "Take another name.",
            code=ErrorCode.USER_NAME_USED_BEFORE,
            name=name,
        )
    return UserError(
        f'There is a user "{name}" already. Take another name.',
        code=ErrorCode.USER_NAME_TAKEN,
        name=name,
    )


def _unknown(connection: Connection, name: str, role: str) -> UserError:
    if not _NAME.fullmatch(name):
        return UserError(
            f'There is no user "{name}", nor can there be one.',
            code=ErrorCode.USER_NAME_INVALID,
            name=name,
        )
    near = get_close_matches(name, connection.scalars(select(users.c.name)).all(), 1)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    return UserError(
        f'There is no user "{name}".{guess}', code=ErrorCode.USER_UNKNOWN, name=name, role=role
    )


def _article(role: str) -> str:
    return "an" if role[0] in "aeiou" else "a"


def _listed(roles: tuple[str, ...]) -> str:
    named = [f"{_article(role)} {role}" for role in roles]
    return " or ".join([", ".join(named[:-1]), named[-1]]) if named[1:] else named[0]

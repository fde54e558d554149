"""Staff: who they are and which roles they have; role checks."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, select, update

from backend.db.tables.messages import users
from backend.staff.audit import record_act
from common.error_codes import ErrorCode
from common.errors import UserError

COMMAND_LINE = "command line"
"""Who acts where nobody has logged in; no user can be called so."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What a user may be called."""


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


def require_name(name: str, code: ErrorCode) -> None:
    """Raise ``UserError`` of that code for what neither a user nor a key may be called."""
    if not NAME.fullmatch(name):
        raise UserError(
            f'"{name}" cannot be a name. Use up to 40 letters without accents, figures and . _ -, '
            "and begin with a letter or figure.",
            code=code,
            name=name,
        )


def set_phone(
    connection: Connection, name: str, phone: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let rehearsals for this user go to that number (E.164). Raises ``UserError``."""
    require_role(connection, name)
    connection.execute(update(users).where(users.c.name == name).values(phone=phone))
    record_act(connection, by, "user phone", name, None, now)


def list_users(connection: Connection) -> list[User]:
    """All users by name, the disabled ones among them."""
    return [user_of(row) for row in connection.execute(select(users).order_by(users.c.name))]


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
    return user_of(row)


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


def user_of(row: Row[Any]) -> User:
    """The user of a row of ``users``."""
    return User(
        row.name, row.role, row.phone, row.password_is_one_time, row.created_at, row.disabled_at
    )


def _unknown(connection: Connection, name: str, role: str) -> UserError:
    if not NAME.fullmatch(name):
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

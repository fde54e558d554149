"""Administering staff: who comes in, with which role, and who may do nothing any more.

Only an administrator may, and nothing of it to themselves: so one always remains. The command line
may all of it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.db.tables.messages import ASKED_BY_CALL, users
from backend.interface.codes import Role
from backend.staff.audit import RESTORE, record_act
from backend.staff.authentication.passwords import NewPassword
from backend.staff.authentication.second_factor import remove_factor, users_with_factor
from backend.staff.authentication.sessions import end_sessions, last_seen, live_sessions
from backend.staff.users import (
    COMMAND_LINE,
    User,
    find_user,
    is_same_user,
    list_users,
    require_name,
    require_role,
)
from common.error_codes import ErrorCode
from common.errors import UserError

_SERVICE_ITSELF = frozenset({ASKED_BY_CALL, RESTORE, "console", "sms", "worker"})
"""Who acts where the service does something by itself; a user of that name could act as it."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user as an administrator sees them; ``seen_at`` is when they last used the console.

    That is ``None`` for who has no session on record, which are kept for a while only.
    """

    user: User
    has_factor: bool
    live_sessions: int
    seen_at: datetime | None


def add_user(
    connection: Connection,
    name: str,
    role: str,
    phone: str | None,
    now: datetime,
    password: NewPassword,
    *,
    by: str = COMMAND_LINE,
) -> str:
    """Add a user; gives the one-time password, which is kept nowhere but as a hash.

    Raises ``UserError`` for a name that somebody has or ever had, in whatever case, or that cannot
    be one, and for a role that there is not.
    """
    require_administrator(connection, by, name)
    _require_free(connection, name)
    _check_role(role)
    row = {"name": name, "role": role, "phone": phone, "created_at": now}
    try:
        connection.execute(insert(users), row | _as_one_time(password, now))
    except IntegrityError as error:
        # Another has added the same one since we looked.
        raise _taken(name, disabled=False) from error
    record_act(connection, by, "user add", name, role, now)
    return password.text


def renew_password(
    connection: Connection,
    name: str,
    now: datetime,
    password: NewPassword,
    *,
    by: str = COMMAND_LINE,
) -> str:
    """Replace a user's password by a one-time one, which it gives. Raises ``UserError``."""
    require_administrator(connection, by, name)
    require_role(connection, name)
    _one_time(connection, name, now, password)
    record_act(connection, by, "user password", name, None, now)
    return password.text


def set_role(
    connection: Connection, name: str, role: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let a user do what that role may; what they wrote stays theirs. Raises ``UserError``."""
    require_administrator(connection, by, name)
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
    require_administrator(connection, by, name)
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
    password: NewPassword,
    *,
    by: str = COMMAND_LINE,
) -> str:
    """Let a disabled user come back, with the one-time password that it gives.

    Raises ``UserError``, also for one who is not disabled.
    """
    require_administrator(connection, by, name)
    if find_user(connection, name).disabled_at is None:
        raise UserError(f"{name} is not disabled.", code=ErrorCode.USER_NOT_DISABLED, name=name)
    connection.execute(update(users).where(users.c.name == name).values(disabled_at=None))
    _one_time(connection, name, now, password)
    record_act(connection, by, "user enable", name, None, now)
    return password.text


def take_factor_away(connection: Connection, name: str, now: datetime, *, by: str) -> None:
    """Remove a user's second factors, with the recovery codes, and end their sessions.

    Raises ``UserError``.
    """
    require_administrator(connection, by, name)
    find_user(connection, name)
    remove_factor(connection, name, now, by=by)
    end_sessions(connection, name, now)


def end_sessions_of(connection: Connection, name: str, now: datetime, *, by: str) -> None:
    """Log a user out wherever they are logged in. Raises ``UserError``."""
    require_administrator(connection, by, name)
    find_user(connection, name)
    end_sessions(connection, name, now)
    record_act(connection, by, "user sessions", name, None, now)


def list_colleagues(connection: Connection, now: datetime) -> list[Colleague]:
    """All users by name, the disabled ones among them."""
    seen, alive = last_seen(connection), live_sessions(connection, now)
    with_factor = users_with_factor(connection)
    return [
        Colleague(user, user.name in with_factor, alive[user.name], seen.get(user.name))
        for user in list_users(connection)
    ]


def require_administrator(connection: Connection, by: str, name: str) -> None:
    """Check that ``by`` may change the account ``name``. Raises ``UserError``."""
    if by == COMMAND_LINE:
        return
    require_role(connection, by, Role.ADMIN)
    if is_same_user(by, name):
        raise UserError(
            "Nobody administers their own account. Ask another administrator.",
            code=ErrorCode.USER_IS_ONESELF,
            name=name,
        )


def _require_free(connection: Connection, name: str) -> None:
    require_name(name, ErrorCode.USER_NAME_INVALID)
    if name.lower() in _SERVICE_ITSELF:
        raise UserError(
            f'"{name}" is what the service is called in the acts where it does something by '
            "itself. Take another name.",
            code=ErrorCode.USER_NAME_RESERVED,
            name=name,
        )
    same_name = func.lower(users.c.name) == name.lower()
    taken = connection.execute(select(users).where(same_name)).first()
    if taken is not None:
        raise _taken(taken.name, disabled=taken.disabled_at is not None)


def _one_time(connection: Connection, name: str, now: datetime, password: NewPassword) -> None:
    renewed = update(users).where(users.c.name == name).values(_as_one_time(password, now))
    connection.execute(renewed)
    end_sessions(connection, name, now)


def _as_one_time(password: NewPassword, now: datetime) -> dict[str, object]:
    hashed = password.hashed
    return {"password_hash": hashed, "password_is_one_time": True, "password_set_at": now}


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

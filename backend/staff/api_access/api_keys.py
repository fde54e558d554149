"""Keys of other systems: made by an administrator, shown once, checked at every request.

A key is 256 random bits, which nobody guesses and no dictionary holds: its plain SHA-256 is kept,
and a slow hash such as a password's would only slow the requests down (docs/decisions/0100-api.md).
"""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.db.tables.api import api_keys
from backend.interface.codes import Role, Scope
from backend.staff.audit import record_act
from backend.staff.users import require_name, require_role
from common.error_codes import ErrorCode
from common.errors import UserError

BEGINNING = "zsk_"
"""Of every key, so that programs that look for leaked secrets know one."""

ACTOR = "api:"
"""Before a key's name where it acts; no user's name has a colon."""

_BYTES = 32
_WRITTEN = re.compile(BEGINNING + "[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without what it opens with; ``last_used_on`` is a day of Budapest."""

    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    disabled_at: datetime | None
    last_used_on: date | None

    @property
    def actor(self) -> str:
        """Under what name it acts, in the audit log and on campaigns."""
        return f"{ACTOR}{self.name}"

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything: neither disabled nor expired."""
        return self.disabled_at is None and (self.expires_at is None or now < self.expires_at)


_FOUND = select(*(api_keys.c[name] for name in ApiKey.__dataclass_fields__))


def add_key(
    connection: Connection,
    name: str,
    scopes: Collection[Scope],
    by: str,
    now: datetime,
    rng: Random,
    *,
    expires_at: datetime | None = None,
) -> str:
    """Make a key that may do what ``scopes`` say; gives the key, which is kept nowhere.

    Raises ``UserError`` for who is no administrator, for a name that cannot be one or was a key's
    before, and for an end that is past.
    """
    require_role(connection, by, Role.ADMIN)
    require_name(name, ErrorCode.API_KEY_NAME_INVALID)
    if expires_at is not None and expires_at <= now:
        raise UserError(
            "The key would have expired already. Write a later time.",
            code=ErrorCode.API_KEY_EXPIRES_IN_THE_PAST,
        )
    key = BEGINNING + base64.urlsafe_b64encode(rng.randbytes(_BYTES)).rstrip(b"=").decode()
    row = {
        "name": name,
        "key_hash": _hash(key),
        "scopes": sorted(scopes),
        "created_at": now,
        "created_by": by,
        "expires_at": expires_at,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(api_keys), row)
    except IntegrityError as error:
        raise UserError(
            f'There is or was a key "{name}", and names are not used again: what it did is on '
            "record under its name. Take another name.",
            code=ErrorCode.API_KEY_NAME_TAKEN,
            name=name,
        ) from error
    record_act(connection, by, "key add", name, " ".join(sorted(scopes)), now)
    return key


def list_keys(connection: Connection) -> list[ApiKey]:
    """All keys by name, the disabled ones among them."""
    return [_key(row) for row in connection.execute(_FOUND.order_by(api_keys.c.name))]


def disable_key(connection: Connection, name: str, by: str, now: datetime) -> None:
    """Let a key open nothing any more, for good; twice is harmless. Raises ``UserError``."""
    require_role(connection, by, Role.ADMIN)
    if find_key(connection, name).disabled_at is not None:
        return
    good = (api_keys.c.name == name) & api_keys.c.disabled_at.is_(None)
    connection.execute(update(api_keys).where(good).values(disabled_at=now))
    record_act(connection, by, "key disable", name, None, now)


def find_key(connection: Connection, name: str) -> ApiKey:
    """The key of that name, disabled or not. Raises ``UserError``."""
    row = connection.execute(_FOUND.where(api_keys.c.name == name)).one_or_none()
    if row is None:
        raise UserError(f'There is no key "{name}".', code=ErrorCode.API_KEY_UNKNOWN, name=name)
    return _key(row)


def key_of(connection: Connection, written: str, now: datetime) -> ApiKey | None:
    """Whose key this is; ``None`` for what is none, and for one that is disabled or expired."""
    if not _WRITTEN.fullmatch(written):
        return None
    row = connection.execute(_FOUND.where(api_keys.c.key_hash == _hash(written))).one_or_none()
    key = None if row is None else _key(row)
    return key if key is not None and key.is_good(now) else None


def require_scope(connection: Connection, by: str, *scopes: Scope) -> None:
    """Check that the key that acts as ``by`` has all of these scopes. Raises ``UserError``."""
    key = find_key(connection, by.removeprefix(ACTOR))
    if key.disabled_at is not None:
        raise UserError(
            f'The key "{key.name}" is disabled and may do nothing.',
            code=ErrorCode.API_KEY_DISABLED,
            name=key.name,
        )
    missing = sorted(set(scopes) - key.scopes)
    if missing:
        raise UserError(
            f'The key "{key.name}" has not the scope {" and ".join(missing)}. Ask an administrator '
            "for a key that has.",
            code=ErrorCode.SCOPE_MISSING,
            name=key.name,
            scopes=tuple(missing),
        )


def require_role_or_scope(
    connection: Connection, by: str, roles: Collection[str], scope: Scope
) -> None:
    """Check that a person has one of the roles, or another system's key the scope.

    Raises ``UserError``.
    """
    if is_key(by):
        require_scope(connection, by, scope)
    else:
        require_role(connection, by, *roles)


def is_key(by: str) -> bool:
    """Whether it is a key that acts under this name, and no person."""
    return by.startswith(ACTOR)


def _key(row: Any) -> ApiKey:
    name, scopes, *rest = row
    return ApiKey(name, frozenset(map(Scope, scopes)), *rest)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

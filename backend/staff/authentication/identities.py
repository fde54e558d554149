"""Who a user is at an identity provider: linked by an administrator, never made by itself.

Acts name an identity by its fingerprint, because a provider may take anything for a subject.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from backend.db.tables.staff import identities
from backend.db.transactions import upserting
from backend.staff.administration import require_administrator
from backend.staff.audit import record_act
from backend.staff.authentication.sessions import end_sessions
from backend.staff.users import COMMAND_LINE, find_user, require_role
from common.error_codes import ErrorCode
from common.errors import UserError

MOST_SUBJECT = 255
"""Characters of a subject, which are ASCII (OpenID Connect Core, 2)."""

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Identity:
    """A user's identity: ``subject`` is their unchanging identifier at that ``issuer``."""

    issuer: str
    subject: str
    name: str
    linked_at: datetime
    linked_by: str

    @property
    def fingerprint(self) -> str:
        """By which acts name it."""
        return fingerprint(self.issuer, self.subject)


def fingerprint(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()[:_SHOWN]


def link_identity(
    connection: Connection,
    name: str,
    issuer: str,
    subject: str,
    now: datetime,
    *,
    by: str = COMMAND_LINE,
) -> None:
    """Let whoever proves to be that subject at that issuer work as this user.

    The same again is harmless. Raises ``UserError`` for who is no administrator or means
    themselves, a user who is not there or disabled, a subject that cannot be one, a subject that
    another user has, and a user who has another one.
    """
    require_administrator(connection, by, name)
    require_role(connection, name)
    if not (0 < len(subject) <= MOST_SUBJECT and subject.isascii() and subject.isprintable()):
        raise UserError(
            f"An identifier at the provider has 1 to {MOST_SUBJECT} ASCII characters.",
            code=ErrorCode.IDENTITY_INVALID,
            name=name,
            most=MOST_SUBJECT,
        )
    row = {"issuer": issuer, "subject": subject, "name": name, "linked_at": now, "linked_by": by}
    added = upserting(connection, identities).values(row).on_conflict_do_nothing()
    if connection.execute(added.returning(identities.c.name)).first() is not None:
        record_act(connection, by, "identity link", name, fingerprint(issuer, subject), now)
        return
    of_subject = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    holder = connection.execute(select(identities.c.name).where(of_subject)).scalar_one_or_none()
    if holder != name:
        raise _taken(name, holder)


def unlink_identity(
    connection: Connection, name: str, issuer: str, now: datetime, *, by: str = COMMAND_LINE
) -> None:
    """Let nobody come in as this user by that issuer; the user's sessions end.

    Raises ``UserError`` for who is no administrator or means themselves, and a user who has no
    link.
    """
    require_administrator(connection, by, name)
    find_user(connection, name)
    linked = identity_of(connection, name, issuer)
    if linked is None:
        raise UserError(
            f"{name} is not linked to the provider.", code=ErrorCode.IDENTITY_UNKNOWN, name=name
        )
    connection.execute(delete(identities).where(_of_user(name, issuer)))
    end_sessions(connection, name, now)
    record_act(connection, by, "identity unlink", name, linked.fingerprint, now)


def identity_of(connection: Connection, name: str, issuer: str) -> Identity | None:
    """Who a user is at that issuer, if an administrator has linked them."""
    columns = [identities.c[field] for field in Identity.__dataclass_fields__]
    row = connection.execute(select(*columns).where(_of_user(name, issuer))).one_or_none()
    return None if row is None else Identity(*row)


def _taken(name: str, holder: str | None) -> UserError:
    """Why a user cannot be linked: the subject is ``holder``'s, or the user has another one."""
    if holder is not None:
        return UserError(
            f"That identifier at the provider is {holder}'s.",
            code=ErrorCode.IDENTITY_TAKEN,
            name=holder,
        )
    return UserError(
        f"{name} is linked to another identifier. Unlink that one first.",
        code=ErrorCode.IDENTITY_LINKED,
        name=name,
    )


def _of_user(name: str, issuer: str) -> ColumnElement[bool]:
    return (identities.c.name == name) & (identities.c.issuer == issuer)

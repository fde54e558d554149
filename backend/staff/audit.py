"""The audit log: who did what to what, and when. Entries are added and read, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

from backend.db.tables.messages import acts
from backend.db.transactions import KEY_OPTION
from backend.staff.origin import current_origin
from common.encryption import keyed_hash

PAGE = 50

RESTORE = "restore"
"""Who has done what the restore of a backup does by itself; no user can be called so."""

ACTS = (
    *("campaign create", "campaign approve", "campaign return", "campaign start"),
    *("campaign pause", "campaign resume", "campaign cancel", "campaign rehearse"),
    *("template save", "task take", "task give back", "task finish", "task show", "task reply"),
    "task show refused",
    *("stop add", "stop remove", "notice add", "notice end", "desk close", "desk open"),
    *("window add", "window remove", "export make"),
    *("login", "login failure", "logout", "console denied"),
    *("password set", "factor set", "factor remove", "factor recovery", "factor recovered"),
    *("user add", "user password", "user phone", "user role", "user disable", "user enable"),
    *("user sessions", "identity link", "identity unlink"),
    *("passkey add", "passkey remove"),
    *("key add", "key disable", "webhook add", "webhook disable"),
    *("records import", "records restore", "debt status", "requests read"),
    *("requests acknowledge", "person export", "person erase"),
)
"""Every act that is recorded: the kind of its subject, and a verb."""

_FINGERPRINT = 12


@dataclass(frozen=True, slots=True)
class Act:
    """One entry; ``act`` is one of ``ACTS``, ``subject`` the id or name of one of its kind.

    ``session`` is the beginning of a session's key, ``address`` the fingerprint of where it was;
    both are ``None`` for what was not done in the console.
    """

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    detail: str | None
    session: str | None
    address: str | None


def record_act(
    connection: Connection, by: str, act: str, subject: str, detail: str | None, now: datetime
) -> None:
    """Write down who did what; ``act`` is one of ``ACTS``.

    ``subject`` is the id or name of one of that kind, for a stop its key. No telephone number may
    be in any of them: acts are kept longer than numbers. Nor is the network address, but its
    fingerprint.
    """
    origin = current_origin()
    row = {
        "at": now,
        "by": by,
        "act": act,
        "subject": subject,
        "detail": detail,
        "session": None if origin is None else origin.session,
        "address": None if origin is None else address_fingerprint(connection, origin.address),
    }
    connection.execute(insert(acts), row)


def address_fingerprint(connection: Connection, address: str) -> str | None:
    """What acts tell of a network address: whether two are the same, and whether it is a given one.

    Keyed by the process's ``SECRET_KEY``, for addresses are few; ``None`` where there is none.
    """
    secret = connection.get_execution_options().get(KEY_OPTION)
    if not secret or not address:
        return None
    return keyed_hash(secret.encode(), "act address", address)[:_FINGERPRINT]


def list_acts(
    connection: Connection,
    *,
    by: str | None = None,
    act: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int | None = PAGE,
) -> list[Act]:
    """Entries that fit every given filter, the newest first.

    ``act`` may be a kind alone, such as ``campaign``, where no act is called so. ``until`` is not
    included. ``before`` is the number of the last entry of the page before; ``limit`` is a page's
    length, ``None`` for all.
    """
    found = select(*(acts.c[name] for name in Act.__dataclass_fields__))
    conditions = [
        None if by is None else acts.c.by == by,
        None if act is None else _is(act),
        None if subject is None else acts.c.subject == subject,
        None if since is None else acts.c.at >= since,
        None if until is None else acts.c.at < until,
        None if before is None else acts.c.number < before,
    ]
    found = found.where(*(each for each in conditions if each is not None))
    return [
        Act(*row) for row in connection.execute(found.order_by(acts.c.number.desc()).limit(limit))
    ]


def count_acts(connection: Connection, by: str, act: str, since: datetime) -> int:
    """How often the user has done that from that moment on."""
    done = (acts.c.by == by, acts.c.act == act, acts.c.at > since)
    counted = select(func.count()).select_from(acts).where(*done)
    return connection.execute(counted).scalar_one()


def _is(act: str) -> ColumnElement[bool]:
    if act in ACTS:
        return acts.c.act == act
    return (acts.c.act == act) | acts.c.act.startswith(f"{act} ", autoescape=True)

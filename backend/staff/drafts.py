"""Drafts: what somebody has begun to write, kept until it is sent or discarded."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, delete, select, update

from backend.db.tables.staff import drafts
from backend.db.transactions import upserting
from backend.interface.codes import DraftKind
from common.error_codes import ErrorCode
from common.errors import RecordsError


class DraftError(RecordsError):
    """A draft that is not there, or was changed elsewhere meanwhile."""


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft; ``version`` grows with each save, ``step`` is where its author has got to."""

    draft_id: str
    kind: DraftKind
    by: str
    step: str
    data: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


def begin_draft(
    connection: Connection,
    kind: DraftKind,
    by: str,
    step: str,
    data: Mapping[str, Any],
    now: datetime,
    rng: Random,
) -> str:
    """Keep a new draft of that user; its id."""
    draft_id = rng.randbytes(8).hex()
    keep_draft(connection, draft_id, kind, by, step, data, 0, now)
    return draft_id


def draft_id_of(kind: DraftKind, by: str, step: str) -> str:
    """The id of the only draft that this user can have of a thing, such as a template's name."""
    return hashlib.sha256(f"{kind} {by} {step}".encode()).hexdigest()[:16]


def keep_draft(
    connection: Connection,
    draft_id: str,
    kind: DraftKind,
    by: str,
    step: str,
    data: Mapping[str, Any],
    version: int,
    now: datetime,
) -> StoredDraft:
    """Keep what its author has typed since ``version``, which is 0 when nothing was kept yet.

    Data that are kept already change nothing. Raises ``DraftError`` when another window of theirs
    has saved or discarded it meanwhile, and for an id that is a colleague's.
    """
    row = {"step": step, "data": dict(data), "updated_at": now}
    if version:
        kept = find_draft(connection, draft_id, by, kind)
        if kept.data == row["data"]:
            return kept
        same = update(drafts).where(drafts.c.draft_id == draft_id, drafts.c.version == version)
        saved = connection.execute(same.values(**row, version=version + 1)).rowcount == 1
    else:
        new = {"draft_id": draft_id, "kind": kind, "by": by, "version": 1, "created_at": now, **row}
        added = upserting(connection, drafts).values(new).on_conflict_do_nothing()
        saved = connection.execute(added.returning(drafts.c.version)).first() is not None
    if not saved:
        raise changed_elsewhere(draft_id)
    return find_draft(connection, draft_id, by, kind)


def find_draft(connection: Connection, draft_id: str, by: str, kind: DraftKind) -> StoredDraft:
    """That user's draft of that kind; a colleague's is not found. Raises ``DraftError``."""
    wanted = (drafts.c.draft_id == draft_id) & (drafts.c.by == by) & (drafts.c.kind == kind)
    row = connection.execute(_FOUND.where(wanted)).first()
    if row is None:
        raise DraftError("There is no such draft.", code=ErrorCode.DRAFT_UNKNOWN, id=draft_id)
    return StoredDraft(*row)


def drafts_of(connection: Connection, by: str, kind: DraftKind) -> list[StoredDraft]:
    """What that user has begun, the latest first."""
    wanted = (drafts.c.by == by) & (drafts.c.kind == kind)
    found = connection.execute(_FOUND.where(wanted).order_by(drafts.c.updated_at.desc()))
    return [StoredDraft(*row) for row in found]


def save_draft(
    connection: Connection, draft: StoredDraft, step: str, changed: Mapping[str, Any], now: datetime
) -> StoredDraft:
    """Change some of a draft's data. Raises ``DraftError`` when another has saved it meanwhile."""
    data = {**draft.data, **changed}
    statement = (
        update(drafts)
        .where(drafts.c.draft_id == draft.draft_id, drafts.c.version == draft.version)
        .values(step=step, data=data, version=draft.version + 1, updated_at=now)
    )
    if not connection.execute(statement).rowcount:
        raise changed_elsewhere(draft.draft_id)
    return find_draft(connection, draft.draft_id, draft.by, draft.kind)


def take_draft(connection: Connection, draft_id: str) -> Mapping[str, Any]:
    """Delete a draft; what it held, which nobody else gets. Raises ``DraftError``."""
    taken = delete(drafts).where(drafts.c.draft_id == draft_id).returning(drafts.c.data)
    row = connection.execute(taken).first()
    if row is None:
        raise changed_elsewhere(draft_id)
    data: Mapping[str, Any] = row.data
    return data


def discard_own_draft(connection: Connection, draft_id: str, by: str) -> None:
    """Delete a draft of that user; a colleague's stays."""
    connection.execute(delete(drafts).where(drafts.c.draft_id == draft_id, drafts.c.by == by))


def changed_elsewhere(draft_id: str) -> DraftError:
    """The error for a draft that is not as it was when it was looked at."""
    return DraftError(
        "The draft was changed elsewhere meanwhile. Look at it again.",
        code=ErrorCode.DRAFT_CHANGED,
        id=draft_id,
    )


_FOUND = select(*(drafts.c[name] for name in StoredDraft.__dataclass_fields__))

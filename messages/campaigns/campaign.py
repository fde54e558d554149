"""A campaign's row: what it is, and how it is found."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, literal, or_, select

from backend.db.tables.api import api_keys
from backend.db.tables.messages import (
    ASKED_BY_CALL,
    campaigns,
    templates,
)
from backend.interface.codes import MessageKind
from backend.staff.api_access.api_keys import ACTOR
from common.error_codes import ErrorCode
from common.errors import NoSuchCampaignError, RecordsError
from messages.campaigns.pause_reasons import PauseReason

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign; ``message`` is the text as everybody gets it.

    ``lines`` are the numbers (E.164) in it, and of a published text its other figures. ``text_by``
    is who saved the text, ``None`` for a shipped one; ``key_by`` who made the key of the system
    that wrote it, ``None`` where a person did. ``reply_to`` is the task that it answers.
    """

    campaign_id: str
    name: str
    kind: MessageKind
    template: str
    template_version: int
    message: str
    segments: int
    state: str
    source: str
    source_rows: int
    recipients: int
    rehearsal_of: str | None
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    pause_reason: PauseReason | None
    reply_to: int | None
    lines: tuple[str, ...]
    text_by: str | None
    key_by: str | None

    @property
    def is_reminder(self) -> bool:
        """Whether it reminds customers of a debt; a rehearsal goes to staff and reminds nobody."""
        return self.kind is MessageKind.DEBT and self.rehearsal_of is None

    @property
    def authors(self) -> tuple[str | None, ...]:
        """Who has a part in it, and so cannot be the one who approves it."""
        return (self.created_by, self.text_by, self.key_by)

    @property
    def is_asked_for(self) -> bool:
        """Whether it is the one text that a caller has just asked for."""
        return self.created_by == ASKED_BY_CALL

    @property
    def is_to_many(self) -> bool:
        """Whether staff or another system has made it for customers: no reply, no rehearsal."""
        return not self.is_asked_for and self.reply_to is None and self.rehearsal_of is None

    @property
    def at_any_hour(self) -> bool:
        """Whether everybody who gets it has asked for it just now: staff, or a caller."""
        return self.rehearsal_of is not None or self.is_asked_for


_OF_OTHERS = {
    "lines": templates.c.lines,
    "text_by": templates.c.created_by,
    "key_by": api_keys.c.created_by,
}
_NAMES = [field.name for field in fields(Campaign)]
_COLUMNS = [
    (_OF_OTHERS[name] if name in _OF_OTHERS else campaigns.c[name]).label(name) for name in _NAMES
]
_FOUND = (
    select(*_COLUMNS)
    .join_from(
        campaigns,
        templates,
        (templates.c.name == campaigns.c.template)
        & (templates.c.version == campaigns.c.template_version),
    )
    .outerjoin(api_keys, campaigns.c.created_by == literal(ACTOR) + api_keys.c.name)
)
TO_MANY = and_(campaigns.c.created_by != ASKED_BY_CALL, campaigns.c.reply_to.is_(None))


def find_campaign(connection: Connection, campaign_id: str, *, hold: bool = False) -> Campaign:
    """The campaign of that id. Raises ``NoSuchCampaignError``.

    With ``hold`` nobody else changes its row before the transaction ends.
    """
    wanted = _FOUND.where(campaigns.c.campaign_id == campaign_id)
    row = connection.execute(wanted.with_for_update(of=campaigns) if hold else wanted).first()
    if row is None:
        raise _no_such(campaign_id)
    return _campaign(row)


def find_campaign_to_many(connection: Connection, campaign_id: str) -> Campaign:
    """As ``find_campaign``; what is written to a single person, and a rehearsal, is not there."""
    found = find_campaign(connection, campaign_id)
    if not found.is_to_many:
        raise _no_such(campaign_id)
    return found


def _no_such(campaign_id: str) -> NoSuchCampaignError:
    return NoSuchCampaignError(f'There is no campaign "{campaign_id}".', id=campaign_id)


def campaign_is_there(connection: Connection, campaign_id: str) -> bool:
    mine = select(campaigns.c.campaign_id).where(campaigns.c.campaign_id == campaign_id)
    return connection.execute(mine).first() is not None


def list_campaigns(
    connection: Connection,
    *,
    all: bool = False,  # noqa: A002 - reads as the command's --all
) -> list[Campaign]:
    """The campaigns and rehearsals, the newest first; with ``all`` texts to single people, too."""
    wanted = _FOUND if all else _FOUND.where(TO_MANY)
    newest_first = wanted.order_by(campaigns.c.created_at.desc(), campaigns.c.campaign_id)
    return [_campaign(row) for row in connection.execute(newest_first)]


def page_of_campaigns(
    connection: Connection,
    *,
    state: str | None = None,
    created_by: str | None = None,
    since: datetime | None = None,
    rehearsals: bool = False,
    single: bool = False,
    after: Campaign | None = None,
    limit: int = PAGE,
) -> list[Campaign]:
    """A page of the campaigns that fit every given filter, the newest first.

    Rehearsals and ``single`` texts (callers asked for them, or they reply to somebody) are left out
    unless they are wanted. ``after`` is the last campaign of the page before.
    """
    wanted = _FOUND
    if state is not None:
        wanted = wanted.where(campaigns.c.state == state)
    if created_by is not None:
        wanted = wanted.where(campaigns.c.created_by == created_by)
    if since is not None:
        wanted = wanted.where(campaigns.c.created_at >= since)
    if not rehearsals:
        wanted = wanted.where(campaigns.c.rehearsal_of.is_(None))
    if not single:
        wanted = wanted.where(TO_MANY)
    if after is not None:
        same_moment = and_(
            campaigns.c.created_at == after.created_at,
            campaigns.c.campaign_id > after.campaign_id,
        )
        wanted = wanted.where(or_(campaigns.c.created_at < after.created_at, same_moment))
    newest_first = wanted.order_by(campaigns.c.created_at.desc(), campaigns.c.campaign_id)
    return [_campaign(row) for row in connection.execute(newest_first.limit(limit))]


def page_after(connection: Connection, cursor: str | None, limit: int) -> list[Campaign]:
    """A page of the campaigns to many, behind the one of that id. Raises ``RecordsError``."""
    try:
        after = None if cursor is None else find_campaign_to_many(connection, cursor)
    except NoSuchCampaignError as error:
        raise RecordsError(
            "No page ends there. Take the cursor as the page before gave it.",
            code=ErrorCode.CURSOR_UNKNOWN,
        ) from error
    return page_of_campaigns(connection, after=after, limit=limit)


def _campaign(row: Row[*tuple[Any, ...]]) -> Campaign:
    values = dict(row._mapping)
    values["kind"] = MessageKind(values["kind"])
    reason = values["pause_reason"]
    values["pause_reason"] = None if reason is None else PauseReason.from_stored(reason)
    values["lines"] = tuple(values["lines"])
    return Campaign(**values)

"""SMS on request: one message to the calling mobile, at any hour.

Each is a campaign of its own with one row in the outbox, so that it is neither lost nor sent twice,
and shows its receipts, as any other message.
"""

import logging
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from backend.db.locks import lock_subjects
from backend.db.recent import within
from backend.db.tables.messages import ASKED_BY_CALL, campaigns, outbox
from backend.interface.codes import NOT_COMING, MessageKind
from backend.interface.published_text import PublishedText
from backend.records.suppression.stops import stopped_for
from common.errors import TemplateRefusedError
from common.phone_numbers import is_mobile
from messages.campaigns.lifecycle import Actor
from messages.campaigns.outbox import QUEUED, open_rows
from messages.campaigns.planning.drafting import about_text, create_running_campaign
from messages.campaigns.template_library import StoredTemplate
from messages.campaigns.template_saving import save_published_version
from messages.content.checks import MOST_CHARACTERS, check_message
from messages.content.desk_facts import DeskFacts, DeskFactsError
from messages.content.findings import Rule

logger = logging.getLogger(__name__)

DAY = timedelta(hours=24)
MOST_A_DAY = 5
"""Texts that a number may ask for within ``DAY``: whoever forges a caller id floods nobody."""
SAME_WITHIN = timedelta(hours=1)
"""Who asks for the same text again so soon has one on its way."""


class TextAnswers:
    """Sends published texts to callers' mobiles, without anything personal in them.

    ``facts`` are those of the desk that service messages name; ``rng`` draws the ids.
    """

    def __init__(self, facts: DeskFacts, rng: Random) -> None:
        self._facts = facts
        self._rng = rng

    def may_get(self, connection: Connection, phone: str, now: datetime) -> bool:
        """Whether this number is a Hungarian mobile that is not stopped and has not had enough."""
        if not is_mobile(phone) or stopped_for(connection, phone) is not None:
            return False
        asked = _asked_by(phone, now, DAY).with_only_columns(func.count())
        return connection.execute(asked).scalar_one() < MOST_A_DAY

    def send(self, connection: Connection, phone: str, text: PublishedText, now: datetime) -> bool:
        """Queue the text for this number, in the caller's transaction; whether it will come.

        The same text again within the hour is not queued twice, unless the first did not arrive.
        ``False`` when ``may_get`` says no, and for a text that breaks a rule of service messages:
        the log then names both.
        """
        lock_subjects(connection, phone)
        if not self.may_get(connection, phone, now):
            return False
        broken = self._broken(text)
        if not broken and _is_coming(connection, phone, text, now):
            return True
        try:
            stored = None if broken else save_published_version(connection, text, now)
        except TemplateRefusedError:
            broken = "its name is that of another template"
            stored = None
        if stored is None:
            logger.error(
                "published text %s may not be sent: %s",
                text.name,
                broken,
                extra={"event": "text_unfit"},
            )
            return False
        self._queue(connection, phone, stored, now)
        return True

    def _broken(self, text: PublishedText) -> str:
        """The rules that the text breaks; nothing of its words."""
        if not text.text.strip() or len(text.text) > MOST_CHARACTERS:
            return f"it must have 1 to {MOST_CHARACTERS} characters"
        try:
            findings = check_message(
                text.text, self._facts, kind=MessageKind.SERVICE, allowed_numbers=text.figures
            )
        except DeskFactsError:
            # What begins like a telephone number and is none.
            return f"rule {Rule.DIGITS}"
        rules = dict.fromkeys(f"rule {finding.rule}" for finding in findings)
        return ", ".join(rules)

    def _queue(
        self, connection: Connection, phone: str, stored: StoredTemplate, now: datetime
    ) -> None:
        about = about_text(stored, stored.text) | {"source": ASKED_BY_CALL}
        create_running_campaign(connection, about, [phone], Actor(ASKED_BY_CALL, now), self._rng)


def due_caller_texts(connection: Connection, now: datetime, most: int) -> list[str]:
    """Campaigns of callers' texts that a worker has something to do for, the oldest first."""
    oldest = _waiting(now).order_by(campaigns.c.created_at).limit(most)
    return list(connection.scalars(oldest))


def caller_texts_are_due(now: datetime) -> ColumnElement[bool]:
    """Whether there is any of ``due_caller_texts``."""
    return _waiting(now).exists()


def _waiting(now: datetime) -> Select[tuple[str]]:
    mine = outbox.c.campaign_id == campaigns.c.campaign_id
    is_due = or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now)
    return select(campaigns.c.campaign_id).where(
        campaigns.c.state == "running",
        campaigns.c.created_by == ASKED_BY_CALL,
        or_(
            exists().where(mine, QUEUED, is_due),
            # Nothing is left of it but to say so.
            ~open_rows(campaigns.c.campaign_id).exists(),
        ),
    )


def _asked_by(phone: str, now: datetime, span: timedelta) -> Select[Any]:
    return (
        select(outbox.c.number)
        .join_from(outbox, campaigns)
        .where(
            outbox.c.phone == phone,
            # As every such row; there is an index of these few.
            outbox.c.case_id.is_(None),
            campaigns.c.created_by == ASKED_BY_CALL,
            within(campaigns.c.created_at, now, span),
        )
    )


def _is_coming(connection: Connection, phone: str, text: PublishedText, now: datetime) -> bool:
    same = _asked_by(phone, now, SAME_WITHIN).where(
        campaigns.c.message == text.text, outbox.c.state.not_in(NOT_COMING)
    )
    return connection.execute(same.limit(1)).first() is not None

"""Which messages and tasks are past their time: they hold the numbers and words of people.

Campaigns, their outbox and receipts are not among them: they prove what was sent.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_

from backend.db.tables.messages import ASKED_BY_CALL, campaigns, inbound_messages, outbox, tasks
from backend.retention.expired_rows import Rows


def _old_texts(before: datetime) -> ColumnElement[bool]:
    # What a colleague has to find out about stays until that is done.
    in_question = exists().where(
        outbox.c.campaign_id == campaigns.c.campaign_id,
        tasks.c.outbox_number == outbox.c.number,
        tasks.c.done_at.is_(None),
    )
    return and_(
        campaigns.c.created_by == ASKED_BY_CALL, campaigns.c.created_at < before, ~in_question
    )


def _old_topics(before: datetime) -> ColumnElement[bool]:
    return and_(inbound_messages.c.meaning == "topic", inbound_messages.c.received_at < before)


def _old_replies(before: datetime) -> ColumnElement[bool]:
    needed = exists().where(
        tasks.c.number == inbound_messages.c.task_number,
        or_(tasks.c.done_at.is_(None), tasks.c.done_at >= before),
    )
    return and_(
        inbound_messages.c.meaning != "topic",
        inbound_messages.c.received_at < before,
        ~needed,
    )


def _old_tasks(before: datetime) -> ColumnElement[bool]:
    # A reply is kept from the end of its task on, so the task outlives it.
    has_reply = exists().where(inbound_messages.c.task_number == tasks.c.number)
    return and_(tasks.c.done_at < before, ~has_reply)


TEXTS = Rows(campaigns.c.campaign_id, _old_texts, (outbox.c.campaign_id,))
"""Texts that callers asked for, each a campaign of its own."""
TOPICS = Rows(inbound_messages.c.message_sid, _old_topics)
"""Topics that people asked for by message."""
REPLIES = Rows(inbound_messages.c.message_sid, _old_replies)
"""All else that people wrote; what a colleague has to read stays until that is done."""
TASKS = Rows(tasks.c.number, _old_tasks)
"""Finished tasks; nobody's open one is ever past."""

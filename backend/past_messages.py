"""Forgetting messages that hold the number of somebody who may be no customer.

That is what callers asked for as a text, and the topics that people asked for by message. What a
colleague has to deal with, reminders and their receipts are kept.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, delete, select

from backend.database import write
from backend.message_tables import ASKED_BY_CALL, campaigns, inbound_messages, outbox

MESSAGES_KEPT = timedelta(days=30)

_AT_ONCE = 500
_OLD_TEXTS = (
    select(campaigns.c.campaign_id)
    .where(
        campaigns.c.created_by == ASKED_BY_CALL,
        campaigns.c.created_at < bindparam("before", type_=campaigns.c.created_at.type),
    )
    .limit(_AT_ONCE)
)
_FORGET_TOPICS = delete(inbound_messages).where(
    inbound_messages.c.meaning == "topic",
    inbound_messages.c.received_at < bindparam("before", type_=inbound_messages.c.received_at.type),
)


def forget_messages(engine: Engine, before: datetime) -> int:
    """Forget the texts that were asked for before then, and the topics; how many texts.

    A few hundred texts a transaction, so that nobody waits for long.
    """
    forgotten = 0
    while True:
        with write(engine) as connection:
            old = connection.scalars(_OLD_TEXTS, {"before": before}).all()
            connection.execute(delete(outbox).where(outbox.c.campaign_id.in_(old)))
            connection.execute(delete(campaigns).where(campaigns.c.campaign_id.in_(old)))
        forgotten += len(old)
        if len(old) < _AT_ONCE:
            break
    with write(engine) as connection:
        connection.execute(_FORGET_TOPICS, {"before": before})
    return forgotten

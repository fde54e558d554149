"""What the machines' API leaves behind; keys and acts are not of it."""

from datetime import timedelta

from backend.db.tables.api import api_answers, webhook_messages
from backend.retention.expired_rows import Rows
from backend.staff.api_access.api_answers import KEPT

KEEP_EVENTS = timedelta(days=30)
"""Ten times as long as they are tried: time enough to see what a receiver has missed."""

API_ROWS = {
    "answers": (Rows.since(api_answers.c.answer_key, api_answers.c.at), KEPT),
    "events": (Rows.since(webhook_messages.c.number, webhook_messages.c.at), KEEP_EVENTS),
}
"""By their names in ``job.Forgotten``: the rows, and how long they are kept."""

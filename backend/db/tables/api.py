"""Tables of the machines' API: keys, answers kept for repeats, subscriptions and their messages."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.messages import users
from backend.db.tables.records import RowNumber, metadata, one_of, partial_index
from backend.interface.codes import EventKind

api_keys = Table(
    "api_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, ForeignKey(users.c.name), nullable=False),
    Column("expires_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("last_used_on", Date),
    Column("free_at", BigInteger, nullable=False, server_default=text("0")),
)
"""Keys of other systems; ``key_hash`` is the SHA-256 of what was shown once.

None is ever deleted: a name in the audit log means one key for good. ``free_at`` is the rate
limit's: when the requests that were let through so far would have been over, in microseconds since
1970. ``last_used_on`` is a day of Budapest.
"""

api_answers = Table(
    "api_answers",
    metadata,
    Column("answer_key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)
"""What requests that changed something were answered, so that a repeat changes nothing more.

``answer_key`` is the SHA-256 of the key's name and the ``Idempotency-Key``, ``fingerprint`` that of
the request's address and body.
"""

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, ForeignKey(users.c.name), nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("resting_until", UtcDateTime),
)
"""Who is told of events; ``secret`` is encrypted under ``SECRET_KEY``.

``failures`` counts deliveries in a row that have failed; nothing is sent before ``resting_until``.
"""

partial_index("uq_webhooks_url", webhooks, ["url"], "disabled_at IS NULL", unique=True)

webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("webhook_id", Text, ForeignKey(webhooks.c.webhook_id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    UniqueConstraint("webhook_id", "kind", "subject"),
    one_of("kind", *EventKind),
)
"""The outbox of events: a row for each subscription, written in the event's own transaction.

``subject`` is a receipt or a campaign's id. ``due_at`` is the next attempt, or the end of a
worker's lease; NULL once the message was delivered, or given up.
"""

partial_index(
    "ix_webhook_messages_due", webhook_messages, ["webhook_id", "due_at"], "due_at IS NOT NULL"
)

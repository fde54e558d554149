"""Tables of messages: campaigns, outbox, replies, suppression list, users, audit log.

``outbox`` holds one row a recipient and is the only truth of what was sent. The statements that
work on it stand beside their subjects in ``messages/`` and ``sms/``.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from backend.db.tables.column_types import UtcDateTime
from backend.db.tables.records import RowNumber, metadata, one_of, partial_index
from backend.interface.codes import (
    CampaignState,
    MessageKind,
    OutboxState,
    ReplyMeaning,
    Role,
    StopOrigin,
    StopReason,
    TaskKind,
)

ASKED_BY_CALL = "call"
"""Who has made the campaign of a text that a caller asked for; no user can be called so."""

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_is_one_time", Boolean, nullable=False),
    Column("phone", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("language", Text),
    Column("password_set_at", UtcDateTime),
    one_of("role", *Role),
)
"""Nobody is ever deleted: a name on a campaign or an act means one person for good.

``language`` is that of the console, NULL for Hungarian.
"""

templates = Table(
    "templates",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text),
    one_of("kind", *MessageKind),
)
"""Every version that was ever saved; none is changed. ``created_by`` is NULL for shipped ones."""

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_rows", Integer, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("rehearsal_of", Text, ForeignKey("campaigns.campaign_id"), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("approved_at", UtcDateTime),
    Column("approved_by", Text),
    Column("starts_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("pause_reason", Text),
    Column("reply_to", BigInteger),
    Column("delivered", Integer),
    one_of("kind", *MessageKind),
    one_of("state", *CampaignState),
    Index(None, "created_at"),
    Index(None, "state"),
)
"""``message`` is the text exactly as it goes out: one for all, because it holds nobody's data.

A text that a caller asked for is a campaign of its own, ``created_by`` ``ASKED_BY_CALL``, and so is
a colleague's reply to one person: ``reply_to`` is the number of the task that it answers.
``delivered`` is how many messages had arrived a week after the end, NULL until that is counted.
"""

partial_index("ix_campaigns_reply_to", campaigns, ["reply_to"], "reply_to IS NOT NULL")

outbox = Table(
    "outbox",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("campaign_id", Text, ForeignKey(campaigns.c.campaign_id), nullable=False),
    Column("line", Integer, nullable=False),
    Column("case_id", Text),
    Column("customer_id", Text),
    Column("phone", Text, nullable=False),
    Column("phone_is_of_case", Boolean, nullable=False, server_default=false()),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("reason", Text),
    Column("code", Integer),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("reference", Text),
    Column("worker", Text),
    Column("lease_until", UtcDateTime),
    Column("next_attempt_at", UtcDateTime),
    Column("attempted_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("message_sid", Text),
    Column("first_asked_at", UtcDateTime),
    Column("asked_until", UtcDateTime),
    UniqueConstraint("campaign_id", "phone"),
    one_of("state", *OutboxState),
    Index("ix_outbox_campaign_id", "campaign_id", "number"),
    # Counts and pages of a campaign's rows are read from this one alone.
    Index("ix_outbox_state", "campaign_id", "state", "number", "reason", "code"),
)
"""``phone_is_of_case`` is whether the number was the case's own at selection, whoever named it.

``attempted_at`` is set just before the request goes out: a claimed row without it was not sent.

``reference`` is the unguessable part of the callback's address. ``settled_at`` is when the outcome
became known, or that it is unknown.

``first_asked_at`` and ``asked_until`` are in the carrier's time: no message of this row is older
than the one, no request for it is open after the other. NULL where that time was not known.
"""

partial_index("ix_outbox_queued", outbox, ["campaign_id", "number"], "state = 'queued'")
partial_index("ix_outbox_open", outbox, ["state", "number"], "state IN ('claimed', 'unknown')")
partial_index(
    "ix_outbox_attempted", outbox, ["campaign_id", "attempted_at"], "attempted_at IS NOT NULL"
)
partial_index("ix_outbox_phone", outbox, ["phone", "attempted_at"], "attempted_at IS NOT NULL")
partial_index(
    "ix_outbox_customer", outbox, ["customer_id", "attempted_at"], "attempted_at IS NOT NULL"
)
partial_index("ix_outbox_of_no_case", outbox, ["phone"], "case_id IS NULL")
partial_index(
    "uq_outbox_message_sid", outbox, ["message_sid"], "message_sid IS NOT NULL", unique=True
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("campaign_id", Text, ForeignKey(campaigns.c.campaign_id), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""The rows of a campaign's source that get no message, and why."""

stops = Table(
    "stops",
    metadata,
    Column("phone_key", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("origin", Text, nullable=False),
    one_of("reason", *StopReason),
    one_of("origin", *StopOrigin),
)
"""Numbers that get no message, as keyed hashes: they outlive the records and name nobody."""

salts = Table(
    "salts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

inbound_messages = Table(
    "inbound_messages",
    metadata,
    Column("message_sid", Text, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Column("phone", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Column("counted_parts", Integer, nullable=False, server_default=text("0")),
    Column("answer", Text),
    Column("task_number", BigInteger, index=True),
    Column("pictures", Integer, nullable=False, server_default=text("0")),
    one_of("meaning", *ReplyMeaning),
    Index(None, "phone", "received_at"),
)
"""``counted_parts`` are those of an answer that a day's limit counts, else nought.

``answer`` is what was answered, for the same webhook again; ``task_number`` is the task in which a
colleague reads the message; ``pictures`` were with it, and stay at the carrier.
"""

reply_spending = Table(
    "reply_spending",
    metadata,
    Column("day", Date, primary_key=True),
    Column("parts", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)
"""What answers to messages have cost on a day of Budapest, and how many the budget refused."""

tasks = Table(
    "tasks",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("outbox_number", BigInteger),
    Column("message_sid", Text),
    Column("opened_at", UtcDateTime, nullable=False, index=True),
    Column("taken_at", UtcDateTime),
    Column("taken_by", Text),
    Column("done_at", UtcDateTime),
    Column("done_by", Text),
    Column("outcome", Text),
    Column("subject", Text),
    one_of("kind", *TaskKind),
)
"""What waits for a colleague; ``find_message`` is one whose fate the carrier cannot tell.

``many_messages`` gathers those of all numbers once a day's tasks are too many, and ``reply_budget``
says that half of it is spent; their ``phone`` is empty. ``message_sid`` is the first of the task's
messages. ``subject`` is the site id or customer code of an ``identification_locked``; its ``phone``
is the customer's on record, or empty.
``taken_by`` works on it since ``taken_at``.
"""

partial_index("ix_tasks_open", tasks, ["number"], "done_at IS NULL")

acts = Table(
    "acts",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text),
    Column("session", Text),
    Column("address", Text),
    Index(None, "subject", "number"),
    Index(None, "by", "number"),
)
"""Who did what to which campaign, template, user, task or number's key.

``session`` (the beginning of its key) and ``address`` (a keyed fingerprint) tell where from, where
that was the console. Nothing of it is ever changed or deleted: triggers refuse it.
"""

pace = Table(
    "pace",
    metadata,
    Column("sender", Text, primary_key=True),
    Column("free_at", BigInteger, nullable=False),
)
"""When each sender may send its next segment, in microseconds since 1970; shared by all workers."""

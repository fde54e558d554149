"""The menu by message, and texts that callers ask for: single campaigns, soon thousands."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import one_of, partial_index

revision = "0004"
down_revision = "0003"

# Whole names: the naming convention has completed the first one although it was whole.
_OLD_CHECK = "ck_inbound_messages_ck_inbound_messages_meaning"
_NEW_CHECK = "ck_inbound_messages_meaning"
_MEANINGS = ("opt_out", "opt_in", "wrong_addressee", "help", "reading", "other")


def upgrade() -> None:
    """Let a reply be a topic, and find callers' texts without reading all that there are."""
    with op.batch_alter_table("inbound_messages", copy_from=_as_it_was()) as replies:
        replies.drop_constraint(op.f(_OLD_CHECK), type_="check")
        replies.create_check_constraint(op.f(_NEW_CHECK), one_of("meaning", *_MEANINGS, "topic"))
    op.create_index(
        "ix_inbound_messages_phone_received_at", "inbound_messages", ["phone", "received_at"]
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state"])
    partial_index("ix_outbox_of_no_case", "outbox", ["phone"], "case_id IS NULL")


def _as_it_was() -> sa.Table:
    """What SQLite copies: whether checks can be read back depends on the library's version."""
    return sa.Table(
        "inbound_messages",
        sa.MetaData(),
        sa.Column("message_sid", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.CheckConstraint(one_of("meaning", *_MEANINGS), name=op.f(_OLD_CHECK)),
        sa.PrimaryKeyConstraint("message_sid", name="pk_inbound_messages"),
        sa.Index("ix_inbound_messages_received_at", "received_at"),
    )

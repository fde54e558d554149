"""What the machines' API needs: keys, kept answers, subscriptions and their messages."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, partial_index, text_column, time_column

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the tables."""
    _make_keys()
    _make_answers()
    _make_webhooks()
    _make_messages()


def _make_keys() -> None:
    op.create_table(
        "api_keys",
        text_column("name"),
        text_column("key_hash"),
        sa.Column("scopes", sa.JSON(), nullable=False),
        time_column("created_at", nullable=False),
        text_column("created_by"),
        time_column("expires_at"),
        time_column("disabled_at"),
        sa.Column("last_used_on", sa.Date()),
        sa.Column("free_at", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("name", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.name"], name="fk_api_keys_created_by_users"
        ),
    )


def _make_answers() -> None:
    op.create_table(
        "api_answers",
        text_column("answer_key"),
        text_column("fingerprint"),
        sa.Column("status", sa.Integer(), nullable=False),
        text_column("body"),
        time_column("at", nullable=False),
        sa.PrimaryKeyConstraint("answer_key", name="pk_api_answers"),
    )
    op.create_index("ix_api_answers_at", "api_answers", ["at"])


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        text_column("webhook_id"),
        text_column("url"),
        text_column("secret"),
        time_column("created_at", nullable=False),
        text_column("created_by"),
        time_column("disabled_at"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        time_column("resting_until"),
        sa.PrimaryKeyConstraint("webhook_id", name="pk_webhooks"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.name"], name="fk_webhooks_created_by_users"
        ),
    )
    partial_index("uq_webhooks_url", "webhooks", ["url"], "disabled_at IS NULL", unique=True)


def _make_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        text_column("webhook_id"),
        text_column("kind"),
        text_column("subject"),
        time_column("at", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        time_column("due_at"),
        time_column("delivered_at"),
        sa.PrimaryKeyConstraint("number", name="pk_webhook_messages"),
        sa.UniqueConstraint(
            "webhook_id", "kind", "subject", name="uq_webhook_messages_webhook_id_kind_subject"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.webhook_id"],
            name="fk_webhook_messages_webhook_id_webhooks",
        ),
        sa.CheckConstraint(
            "kind IN ('request.recorded', 'campaign.ended')", name="ck_webhook_messages_kind"
        ),
    )
    op.create_index("ix_webhook_messages_at", "webhook_messages", ["at"])
    partial_index(
        "ix_webhook_messages_due",
        "webhook_messages",
        ["webhook_id", "due_at"],
        "due_at IS NOT NULL",
    )

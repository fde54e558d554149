"""What the machines' API needs: keys, kept answers, subscriptions and their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    _make_keys()
    _make_answers()
    _make_webhooks()
    _make_messages()


def _make_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _time("created_at", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        _time("expires_at"),
        _time("disabled_at"),
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
        sa.Column("answer_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("answer_key", name="pk_api_answers"),
    )
    op.create_index("ix_api_answers_at", "api_answers", ["at"])


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        _time("created_at", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        _time("disabled_at"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _time("resting_until"),
        sa.PrimaryKeyConstraint("webhook_id", name="pk_webhooks"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.name"], name="fk_webhooks_created_by_users"
        ),
    )
    op.create_index(
        "uq_webhooks_url",
        "webhooks",
        ["url"],
        unique=True,
        sqlite_where=sa.text("disabled_at IS NULL"),
        postgresql_where=sa.text("disabled_at IS NULL"),
    )


def _make_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("number", _Number, autoincrement=True, nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        _time("at", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _time("due_at"),
        _time("delivered_at"),
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
    op.create_index(
        "ix_webhook_messages_due",
        "webhook_messages",
        ["webhook_id", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )

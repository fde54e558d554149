"""The SMS desk: staff, templates, campaigns with their outbox, replies, stops and tasks."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, partial_index

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create every table; those that others refer to come first."""
    _create_staff()
    _create_campaigns()
    _create_outbox()
    _create_replies()


def _create_staff() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_is_one_time", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer', 'sender', 'approver', 'admin')", name="ck_users_role"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "templates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.CheckConstraint("kind IN ('debt', 'service')", name="ck_templates_kind"),
        sa.PrimaryKeyConstraint("name", "version", name="pk_templates"),
    )
    op.create_table(
        "acts",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_acts"),
    )
    op.create_index("ix_acts_subject_number", "acts", ["subject", "number"])


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_rows", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("rehearsal_of", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.Text()),
        sa.Column("starts_at", sa.DateTime(timezone=True)),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("pause_reason", sa.Text()),
        sa.CheckConstraint("kind IN ('debt', 'service')", name="ck_campaigns_kind"),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'scheduled', 'running', 'paused', 'done', 'cancelled')",
            name="ck_campaigns_state",
        ),
        sa.ForeignKeyConstraint(
            ["rehearsal_of"], ["campaigns.campaign_id"], name="fk_campaigns_rehearsal_of"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_created_at", "campaigns", ["created_at"])
    op.create_index("ix_campaigns_rehearsal_of", "campaigns", ["rehearsal_of"])
    op.create_table(
        "exclusions",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name="fk_exclusions_campaign_id"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "line", name="pk_exclusions"),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("customer_id", sa.Text()),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("code", sa.Integer()),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("worker", sa.Text()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("attempted_at", sa.DateTime(timezone=True)),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("message_sid", sa.Text()),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'unknown', 'accepted', 'sent', 'delivered', 'failed', "
            "'suppressed', 'cancelled')",
            name="ck_outbox_state",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name="fk_outbox_campaign_id"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("campaign_id", "phone", name="uq_outbox_campaign_id_phone"),
    )
    partial_index(
        "ix_outbox_attempted", "outbox", ["campaign_id", "attempted_at"], "attempted_at IS NOT NULL"
    )
    partial_index(
        "ix_outbox_customer", "outbox", ["customer_id", "attempted_at"], "attempted_at IS NOT NULL"
    )
    partial_index(
        "ix_outbox_open", "outbox", ["state", "number"], "state IN ('claimed', 'unknown')"
    )
    partial_index(
        "ix_outbox_phone", "outbox", ["phone", "attempted_at"], "attempted_at IS NOT NULL"
    )
    partial_index("ix_outbox_queued", "outbox", ["campaign_id", "number"], "state = 'queued'")
    partial_index(
        "uq_outbox_message_sid", "outbox", ["message_sid"], "message_sid IS NOT NULL", unique=True
    )


def _create_replies() -> None:
    op.create_table(
        "stops",
        sa.Column("phone_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('sms', 'call', 'staff', 'carrier')", name="ck_stops_origin"),
        sa.CheckConstraint(
            "reason IN ('opted_out', 'wrong_addressee', 'unreachable')", name="ck_stops_reason"
        ),
        sa.PrimaryKeyConstraint("phone_key", "reason", name="pk_stops"),
    )
    op.create_table(
        "salts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_salts"),
    )
    op.create_table(
        "inbound_messages",
        sa.Column("message_sid", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "meaning IN ('opt_out', 'opt_in', 'wrong_addressee', 'help', 'reading', 'other')",
            name="ck_inbound_messages_meaning",
        ),
        sa.PrimaryKeyConstraint("message_sid", name="pk_inbound_messages"),
    )
    op.create_index("ix_inbound_messages_received_at", "inbound_messages", ["received_at"])
    op.create_table(
        "tasks",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("outbox_number", sa.BigInteger()),
        sa.Column("message_sid", sa.Text()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint(
            "kind IN ('verify_opt_out', 'verify_wrong_addressee', 'read_message', 'find_message')",
            name="ck_tasks_kind",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
    )
    partial_index("ix_tasks_open", "tasks", ["number"], "done_at IS NULL")
    op.create_table(
        "pace",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name="pk_pace"),
    )

"""The first schema: the utility's records, the ledger of requests, and the calls."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, partial_index

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; those that others refer to come first."""
    _create_utility_records()
    _create_ledger()
    _create_calls()


def _create_utility_records() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("direct_debit", sa.Boolean(), nullable=False),
        sa.Column("payment_day", sa.Integer()),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.CheckConstraint("payment_day BETWEEN 1 AND 27", name="ck_customers_payment_day"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customers"),
    )
    op.create_table(
        "sites",
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("billing", sa.Text(), nullable=False),
        sa.Column("partial_kwh_per_month", sa.Integer()),
        sa.Column("partial_billing", sa.Text(), nullable=False),
        sa.CheckConstraint("billing IN ('partial', 'self_reading')", name="ck_sites_billing"),
        sa.CheckConstraint(
            "partial_billing IN ('active', 'suspended')", name="ck_sites_partial_billing"
        ),
        sa.CheckConstraint("service IN ('electricity', 'heat')", name="ck_sites_service"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name="fk_sites_customer_id"
        ),
        sa.PrimaryKeyConstraint("site_id", name="pk_sites"),
    )
    op.create_index("ix_sites_customer_id", "sites", ["customer_id"])
    op.create_table(
        "windows",
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.CheckConstraint("opens <= closes", name="ck_windows_order"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_windows_site_id"),
        sa.PrimaryKeyConstraint("site_id", "opens", name="pk_windows"),
    )
    op.create_table(
        "meters",
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("last_value", sa.Integer(), nullable=False),
        sa.Column("last_read_on", sa.Date(), nullable=False),
        sa.Column("daily_average", sa.Float(), nullable=False),
        sa.Column("max_amperes", sa.Integer()),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_meters_site_id"),
        sa.PrimaryKeyConstraint("site_id", "serial", "register", name="pk_meters"),
    )
    op.create_table(
        "debts",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("overdue_since", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'paid', 'disputed', 'agreed', 'proceedings', 'assigned')",
            name="ck_debts_status",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name="fk_debts_customer_id"
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_debts"),
    )
    op.create_index("ix_debts_customer_id", "debts", ["customer_id"])


def _create_ledger() -> None:
    op.create_table(
        "requests",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("site_id", sa.Text()),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.Date()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.String(length=128)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", name="pk_requests"),
        sa.UniqueConstraint("receipt", name="uq_requests_receipt"),
    )
    op.create_index("ix_requests_created_at_number", "requests", ["created_at", "number"])
    partial_index("ix_requests_not_exported", "requests", ["number"], "exported_at IS NULL")
    op.create_table(
        "readings",
        sa.Column("receipt", sa.String(length=8), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("window_opens", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.Column("superseded_by", sa.String(length=8)),
        sa.ForeignKeyConstraint(["receipt"], ["requests.receipt"], name="fk_readings_receipt"),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["requests.receipt"], name="fk_readings_superseded_by"
        ),
        sa.PrimaryKeyConstraint("receipt", name="pk_readings"),
    )
    partial_index(
        "uq_readings_valid",
        "readings",
        ["site_id", "serial", "register", "window_opens"],
        "superseded_at IS NULL",
        unique=True,
    )


def _create_calls() -> None:
    op.create_table(
        "identification_failures",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_sid", sa.String(length=128), nullable=False),
        sa.Column("caller_key", sa.Text()),
        sa.Column("site_key", sa.Text(), nullable=False),
        sa.Column("only_asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_identification_failures"),
    )
    op.create_index("ix_identification_failures_call_sid", "identification_failures", ["call_sid"])
    op.create_index(
        "ix_identification_failures_caller_key_at", "identification_failures", ["caller_key", "at"]
    )
    op.create_index(
        "ix_identification_failures_site_key_at", "identification_failures", ["site_key", "at"]
    )
    op.create_table(
        "calls",
        sa.Column("call_sid", sa.String(length=128), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("caller_key", sa.Text()),
        sa.Column("dialled", sa.Text()),
        sa.Column("tree_hash", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("desk", sa.Text()),
        sa.PrimaryKeyConstraint("call_sid", name="pk_calls"),
        sa.UniqueConstraint("reference", name="uq_calls_reference"),
    )
    op.create_index("ix_calls_began_at", "calls", ["began_at"])
    op.create_table(
        "turns",
        sa.Column("call_sid", sa.String(length=128), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text()),
        sa.ForeignKeyConstraint(
            ["call_sid"], ["calls.call_sid"], name="fk_turns_call_sid", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_sid", "turn", name="pk_turns"),
        sqlite_with_rowid=False,
    )

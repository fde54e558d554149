"""Attempts: a success clears its call, proofs make a caller known, a locked site is a task."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, one_of

revision = "0012"
down_revision = "0011"

_CHECK = "ck_tasks_kind"
_KINDS = (
    "verify_opt_out",
    "verify_wrong_addressee",
    "read_message",
    "find_message",
    "many_messages",
    "reply_budget",
)


def upgrade() -> None:
    """Add what the limits of identification ask for, and an index for a customer's requests."""
    op.add_column(
        "identification_failures",
        sa.Column("cleared", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "proven_callers",
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("caller_key", sa.Text(), nullable=False),
        sa.Column("site_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_proven_callers"),
        sa.UniqueConstraint("caller_key", "site_key", name="uq_proven_callers_caller_key_site_key"),
    )
    op.create_index("ix_proven_callers_at", "proven_callers", ["at"])
    op.create_index("ix_requests_customer_id", "requests", ["customer_id", "kind"])
    with op.batch_alter_table("tasks", copy_from=_as_it_was()) as tasks:
        tasks.add_column(sa.Column("subject", sa.Text()))
        tasks.drop_constraint(op.f(_CHECK), type_="check")
        tasks.create_check_constraint(
            op.f(_CHECK), one_of("kind", *_KINDS, "identification_locked")
        )


def _as_it_was() -> sa.Table:
    """What SQLite copies: whether checks can be read back depends on the library's version."""
    return sa.Table(
        "tasks",
        sa.MetaData(),
        sa.Column("number", RowNumber, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("outbox_number", sa.BigInteger()),
        sa.Column("message_sid", sa.Text()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint(one_of("kind", *_KINDS), name=op.f(_CHECK)),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
        sa.Index("ix_tasks_opened_at", "opened_at"),
        sa.Index(
            "ix_tasks_open",
            "number",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

"""Replies are grouped by task, keep the answer that they got, and their answers have a budget."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import RowNumber, one_of

revision = "0011"
down_revision = "0010"

# Whole names: the naming convention has completed the first one although it was whole.
_OLD_CHECK = "ck_tasks_ck_tasks_kind"
_NEW_CHECK = "ck_tasks_kind"
_KINDS = ("verify_opt_out", "verify_wrong_addressee", "read_message", "find_message")


def upgrade() -> None:
    """Link every reply to its task; answers that were given before are not known."""
    op.add_column("inbound_messages", sa.Column("answer", sa.Text()))
    op.add_column("inbound_messages", sa.Column("task_number", sa.BigInteger()))
    op.add_column(
        "inbound_messages",
        sa.Column("pictures", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.execute(
        "UPDATE inbound_messages SET task_number = (SELECT max(tasks.number) FROM tasks "
        "WHERE tasks.message_sid = inbound_messages.message_sid)"
    )
    op.create_index("ix_inbound_messages_task_number", "inbound_messages", ["task_number"])
    with op.batch_alter_table("tasks", copy_from=_as_it_was()) as tasks:
        tasks.drop_constraint(op.f(_OLD_CHECK), type_="check")
        tasks.create_check_constraint(
            op.f(_NEW_CHECK), one_of("kind", *_KINDS, "many_messages", "reply_budget")
        )
    op.create_index("ix_tasks_opened_at", "tasks", ["opened_at"])
    op.create_table(
        "reply_spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_reply_spending"),
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
        sa.CheckConstraint(one_of("kind", *_KINDS), name=op.f(_OLD_CHECK)),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
        sa.Index(
            "ix_tasks_open",
            "number",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

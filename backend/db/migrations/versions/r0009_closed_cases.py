"""A case that a complete list does not have any more is closed."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import one_of

revision = "0009"
down_revision = "0008"

# Whole names: the naming convention has completed the first one although it was whole.
_OLD_CHECK = "ck_debts_ck_debts_status"
_NEW_CHECK = "ck_debts_status"
_STATUSES = ("open", "paid", "disputed", "agreed", "proceedings", "assigned")


def upgrade() -> None:
    """Let the status be ``closed``."""
    with op.batch_alter_table("debts", copy_from=_as_it_was()) as debts:
        debts.drop_constraint(op.f(_OLD_CHECK), type_="check")
        debts.create_check_constraint(op.f(_NEW_CHECK), one_of("status", *_STATUSES, "closed"))


def _as_it_was() -> sa.Table:
    """What SQLite copies: whether checks can be read back depends on the library's version."""
    metadata = sa.MetaData()
    sa.Table("customers", metadata, sa.Column("customer_id", sa.Text(), primary_key=True))
    return sa.Table(
        "debts",
        metadata,
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("overdue_since", sa.Date(), nullable=False),
        sa.CheckConstraint(one_of("status", *_STATUSES), name=op.f(_OLD_CHECK)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.customer_id"], name="fk_debts_customer_id"
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_debts"),
        sa.Index("ix_debts_customer_id", "customer_id"),
    )

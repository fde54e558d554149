"""A campaign that replies to one person names the task; a note being written is a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KINDS = ("campaign", "template", "reply")


def upgrade() -> None:
    """Add the column; nobody has kept drafts of replies."""
    op.add_column("campaigns", sa.Column("reply_to", sa.BigInteger()))
    op.create_index(
        "ix_campaigns_reply_to",
        "campaigns",
        ["reply_to"],
        sqlite_where=sa.text("reply_to IS NOT NULL"),
        postgresql_where=sa.text("reply_to IS NOT NULL"),
    )
    with op.batch_alter_table("drafts", copy_from=_drafts_as_they_were()) as drafts:
        drafts.drop_constraint(op.f("ck_drafts_kind"), type_="check")
        drafts.create_check_constraint(
            op.f("ck_drafts_kind"), _one_of("campaign", "template", "note")
        )


def _drafts_as_they_were() -> sa.Table:
    return sa.Table(
        "drafts",
        sa.MetaData(),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_one_of(*_KINDS), name=op.f("ck_drafts_kind")),
        sa.ForeignKeyConstraint(["by"], ["users.name"], name=op.f("fk_drafts_by_users")),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
        sa.Index("ix_drafts_by", "by"),
    )


def _one_of(*kinds: str) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"

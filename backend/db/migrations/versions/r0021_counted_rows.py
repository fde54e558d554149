"""Indexes by which staff's pages count a campaign's rows and find what a call has settled."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them; rows stay as they are."""
    op.create_index("ix_outbox_campaign_id", "outbox", ["campaign_id", "number"])
    counted = ["campaign_id", "state", "number", "reason", "code"]
    op.create_index("ix_outbox_state", "outbox", counted)
    op.create_index(
        "ix_requests_call_sid",
        "requests",
        ["call_sid"],
        sqlite_where=sa.text("call_sid IS NOT NULL"),
        postgresql_where=sa.text("call_sid IS NOT NULL"),
    )

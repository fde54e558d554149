"""Indexes by which staff's pages count a campaign's rows and find what a call has settled."""

from alembic import op

from backend.db.migrations.columns import partial_index

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make them; rows stay as they are."""
    op.create_index("ix_outbox_campaign_id", "outbox", ["campaign_id", "number"])
    counted = ["campaign_id", "state", "number", "reason", "code"]
    op.create_index("ix_outbox_state", "outbox", counted)
    partial_index("ix_requests_call_sid", "requests", ["call_sid"], "call_sid IS NOT NULL")

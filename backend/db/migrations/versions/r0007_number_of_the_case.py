"""A row of the outbox knows whether its number was the case's own when it was selected."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_FROM_THE_REGISTER = """
UPDATE outbox SET phone_is_of_case = true
WHERE state IN ('queued', 'claimed')
AND (
    EXISTS (
        SELECT 1 FROM campaigns
        WHERE campaigns.campaign_id = outbox.campaign_id AND campaigns.source = 'debt register'
    )
    OR EXISTS (
        SELECT 1 FROM debts
        WHERE debts.case_id = outbox.case_id AND debts.phone = outbox.phone
    )
)
"""
"""Of rows from a file a number that is not the case's by now may have been the file's own."""


def upgrade() -> None:
    """Add it; of what waits to be sent it is told from the records as they are."""
    known: sa.Column[bool] = sa.Column(
        "phone_is_of_case", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("outbox", known)
    op.execute(_FROM_THE_REGISTER)

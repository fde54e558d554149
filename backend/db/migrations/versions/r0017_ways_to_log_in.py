"""Passkeys, identities at a provider, and by which way a session was begun."""

import sqlalchemy as sa
from alembic import op

from backend.db.migrations.columns import of_user, text_column, time_column

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the tables; the sessions that there are were begun with a password."""
    way = sa.Column("way", sa.Text(), nullable=False, server_default=sa.text("'password'"))
    op.add_column("sessions", way)
    op.create_table(
        "passkeys",
        text_column("passkey_key"),
        text_column("name"),
        text_column("label"),
        text_column("credential_id"),
        text_column("public_key"),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        time_column("created_at", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("passkey_key", name="pk_passkeys"),
        of_user("passkeys", "name"),
    )
    op.create_index("ix_passkeys_name", "passkeys", ["name"])
    op.create_table(
        "passkey_challenges",
        text_column("challenge"),
        text_column("session_key"),
        text_column("purpose"),
        time_column("made_at", nullable=False),
        sa.PrimaryKeyConstraint("challenge", name="pk_passkey_challenges"),
        sa.CheckConstraint(
            "purpose IN ('enrol', 'prove')", name=op.f("ck_passkey_challenges_purpose")
        ),
    )
    for column in ("session_key", "made_at"):
        op.create_index(f"ix_passkey_challenges_{column}", "passkey_challenges", [column])
    op.create_table(
        "identities",
        text_column("issuer"),
        text_column("subject"),
        text_column("name"),
        time_column("linked_at", nullable=False),
        text_column("linked_by"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.UniqueConstraint("name", "issuer", name="uq_identities_name_issuer"),
        of_user("identities", "name"),
    )

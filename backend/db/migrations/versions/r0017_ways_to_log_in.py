"""Passkeys, identities at a provider, and by which way a session was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the sessions that there are were begun with a password."""
    way = sa.Column("way", sa.Text(), nullable=False, server_default=sa.text("'password'"))
    op.add_column("sessions", way)
    op.create_table(
        "passkeys",
        _text("passkey_key"),
        _text("name"),
        _text("label"),
        _text("credential_id"),
        _text("public_key"),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        _time("created_at"),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("passkey_key", name="pk_passkeys"),
        _of_user("passkeys"),
    )
    op.create_index("ix_passkeys_name", "passkeys", ["name"])
    op.create_table(
        "passkey_challenges",
        _text("challenge"),
        _text("session_key"),
        _text("purpose"),
        _time("made_at"),
        sa.PrimaryKeyConstraint("challenge", name="pk_passkey_challenges"),
        sa.CheckConstraint(
            "purpose IN ('enrol', 'prove')", name=op.f("ck_passkey_challenges_purpose")
        ),
    )
    for column in ("session_key", "made_at"):
        op.create_index(f"ix_passkey_challenges_{column}", "passkey_challenges", [column])
    op.create_table(
        "identities",
        _text("issuer"),
        _text("subject"),
        _text("name"),
        _time("linked_at"),
        _text("linked_by"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.UniqueConstraint("name", "issuer", name="uq_identities_name_issuer"),
        _of_user("identities"),
    )


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["name"], ["users.name"], name=f"fk_{table}_name_users")

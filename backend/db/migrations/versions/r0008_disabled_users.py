"""Users are disabled and never deleted, so that a name means one person for good."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_COMINGS = """
SELECT subject AS name, act, detail, at FROM acts
WHERE act IN ('user add', 'user remove') ORDER BY number
"""
_BACK = """
INSERT INTO users
(name, role, password_hash, password_is_one_time, phone, created_at, disabled_at)
VALUES (:name, :role, '', :one_time, NULL, :created_at, :disabled_at)
"""


def upgrade() -> None:
    """Add when a user was disabled, and those who were deleted before, as the acts tell of them."""
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True)))
    connection = op.get_bind()
    present = {name.lower() for name in connection.scalars(sa.text("SELECT name FROM users"))}
    gone: dict[str, dict[str, object]] = {}
    for name, act, detail, at in connection.execute(sa.text(_COMINGS)):
        if act == "user add":
            gone[name.lower()] = {"name": name, "role": detail, "created_at": at}
        elif name.lower() in gone:
            gone[name.lower()]["disabled_at"] = at
    for key, row in gone.items():
        if key not in present and "disabled_at" in row:
            connection.execute(sa.text(_BACK), {**row, "one_time": True})

"""Stops are kept under a key, which ``SECRET_KEY`` wraps as soon as a process that has one writes.

The numbers are unknown: what was their salted hash is hashed once more, with the key.
"""

import hmac
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_STOPS = sa.table("stops", sa.column("phone_key", sa.Text))
_ACTS = sa.table(
    "acts",
    sa.column("number", sa.BigInteger),
    sa.column("act", sa.Text),
    sa.column("subject", sa.Text),
)
_SALTS = sa.table("salts", sa.column("name", sa.Text), sa.column("value", sa.Text))


def upgrade() -> None:
    """Key every stop, and the acts that name one."""
    secret = secrets.token_bytes(32)
    connection = op.get_bind()

    def keyed(old: str) -> str:
        return hmac.digest(secret, old.encode(), "sha256").hex()

    found = sa.select(_STOPS.c.phone_key).distinct()
    stops = [{"old": old, "new": keyed(old)} for (old,) in connection.execute(found)]
    if stops:
        same = _STOPS.c.phone_key == sa.bindparam("old")
        connection.execute(
            sa.update(_STOPS).where(same).values(phone_key=sa.bindparam("new")), stops
        )
    of_stops = sa.select(_ACTS.c.number, _ACTS.c.subject).where(
        _ACTS.c.act.in_(("stop add", "stop remove"))
    )
    acts = [
        {"which": row.number, "new": keyed(row.subject)} for row in connection.execute(of_stops)
    ]
    if acts:
        same = _ACTS.c.number == sa.bindparam("which")
        connection.execute(sa.update(_ACTS).where(same).values(subject=sa.bindparam("new")), acts)
    connection.execute(sa.insert(_SALTS).values(name="stops_key", value=f"bare:{secret.hex()}"))

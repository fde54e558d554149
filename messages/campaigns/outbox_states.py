"""Outbox states, their ranks, and which may follow which.

Receipts come in any order, more than once, and before our own note that the carrier took the
message. So every state has a rank, compiled into the WHERE of each UPDATE that a receipt makes:
what is known already is never undone by what comes late.
"""

from typing import Literal

from sqlalchemy import Case, case

from backend.db.tables.messages import outbox

State = Literal[
    "queued",
    "claimed",
    "unknown",
    "accepted",
    "sent",
    "delivered",
    "failed",
    "suppressed",
    "cancelled",
]

RANKS: dict[str, int] = {
    "queued": 0,
    "claimed": 1,
    "suppressed": 1,
    "cancelled": 1,
    "unknown": 1,
    "accepted": 2,
    "sent": 3,
    "failed": 4,
    "delivered": 5,
}
"""A receipt wins over what we only meant to do; ``delivered`` over ``failed``, whichever comes
first, so that any order of receipts ends in one state."""

FROM_CARRIER: dict[str, State] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""What each of the carrier's words means here; a word that is not here changes nothing."""

REACHED_CARRIER = ("accepted", "sent", "delivered")
COUNTS_AS_REMINDED = ("claimed", "unknown", *REACHED_CARRIER)
"""States in which a person may have got the message, for the limits on how often (C.3)."""


def rank_of_row() -> Case[int]:
    """The rank of a row's present state, for a WHERE."""
    return case(RANKS, value=outbox.c.state, else_=0)

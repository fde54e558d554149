"""Outbox states, their ranks, and which may follow which.

Receipts come in any order, more than once, and before our own note that the carrier took the
message. So every state has a rank, compiled into the WHERE of each UPDATE that a receipt makes:
what is known already is never undone by what comes late.
"""

from sqlalchemy import Case, case

from backend.db.tables.messages import outbox
from backend.interface.codes import OutboxState

RANKS: dict[str, int] = {
    OutboxState.QUEUED: 0,
    OutboxState.CLAIMED: 1,
    OutboxState.SUPPRESSED: 1,
    OutboxState.CANCELLED: 1,
    OutboxState.UNKNOWN: 1,
    OutboxState.ACCEPTED: 2,
    OutboxState.SENT: 3,
    OutboxState.FAILED: 4,
    OutboxState.DELIVERED: 5,
}
"""A receipt wins over what we only meant to do; ``delivered`` over ``failed``, whichever comes
first, so that any order of receipts ends in one state."""

FROM_CARRIER: dict[str, OutboxState] = {
    "accepted": OutboxState.ACCEPTED,
    "scheduled": OutboxState.ACCEPTED,
    "queued": OutboxState.ACCEPTED,
    "sending": OutboxState.ACCEPTED,
    "sent": OutboxState.SENT,
    "delivered": OutboxState.DELIVERED,
    "read": OutboxState.DELIVERED,
    "undelivered": OutboxState.FAILED,
    "failed": OutboxState.FAILED,
    "canceled": OutboxState.FAILED,
}
"""What each of the carrier's words means here; a word that is not here changes nothing."""

REACHED_CARRIER = (OutboxState.ACCEPTED, OutboxState.SENT, OutboxState.DELIVERED)
COUNTS_AS_REMINDED = (OutboxState.CLAIMED, OutboxState.UNKNOWN, *REACHED_CARRIER)
"""States in which a person may have got the message, for the limits on how often (C.3)."""


def rank_of_row() -> Case[int]:
    """The rank of a row's present state, for a WHERE."""
    return case(RANKS, value=outbox.c.state, else_=0)

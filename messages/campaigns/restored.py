"""After a restore: what may have been sent since the backup is asked after before it is sent.

The records have forgotten what was sent after they were backed up; the carrier has not. So every
row that waits becomes unknown, as if a worker had died with it, and reconciliation finds its
message in the carrier's list or proves that there is none (decision 0109).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from backend.db.tables.messages import ASKED_BY_CALL, acts, campaigns, outbox
from backend.db.tables.records import calls
from backend.db.tables.staff import passkey_challenges, sessions
from backend.staff.audit import RESTORE, record_act
from messages.campaigns import lifecycle
from messages.campaigns.outbox import CLAIMED, QUEUED, UNKNOWN
from messages.campaigns.pause_reasons import PauseCode, PauseReason


@dataclass(frozen=True, slots=True)
class Held:
    """How many campaigns were paused, and how many messages are to be asked after."""

    campaigns: int
    messages: int


def hold_restored(connection: Connection, now: datetime) -> Held:
    """Let nothing of a backup go out before the carrier was asked; twice is harmless.

    Campaigns that ran or would have begun by themselves are paused (a text that a caller asked for
    is no matter of staff, and too late soon), whoever is logged in is logged out, and each row that
    waits is unknown until it was reconciled, whatever its campaign's state.
    """
    since = _newest(connection, now) or now
    asked = (
        update(outbox)
        .where(or_(QUEUED, CLAIMED, and_(UNKNOWN, outbox.c.reason.is_(None))))
        .values(
            state="unknown",
            # Reconciliation knows a row by who had it; of these nobody has.
            worker=func.coalesce(outbox.c.worker, RESTORE),
            lease_until=None,
            next_attempt_at=None,
            settled_at=now,
            first_asked_at=func.coalesce(outbox.c.first_asked_at, since),
            asked_until=None,
        )
    )
    messages = connection.execute(asked).rowcount
    going = select(campaigns.c.campaign_id).where(
        campaigns.c.state.in_(("running", "scheduled")), campaigns.c.created_by != ASKED_BY_CALL
    )
    waiting = connection.scalars(going.order_by(campaigns.c.campaign_id)).all()
    reason = PauseReason(PauseCode.RESTORED)
    for campaign_id in waiting:
        lifecycle.pause_by_itself(connection, campaign_id, reason, now, by=RESTORE)
    connection.execute(delete(sessions))
    connection.execute(delete(passkey_challenges))
    record_act(connection, RESTORE, "records restore", "records", None, now)
    return Held(len(waiting), messages)


def _newest(connection: Connection, now: datetime) -> datetime | None:
    """When the backup was made, or a little earlier: no message of a waiting row is older.

    What lies ahead was written by a clock that was fast; beside it each message would seem to be
    older, and be sent again.
    """
    moments = [
        connection.scalar(select(func.max(column, type_=column.type)).where(column <= now))
        for column in (acts.c.at, calls.c.began_at, outbox.c.attempted_at, outbox.c.settled_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)

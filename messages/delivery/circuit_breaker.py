"""Circuit breaker: a campaign with too many failures pauses by itself.

Refusals come at once, receipts that tell of a failure half a minute or minutes later. So there are
two looks: at the last attempts, and at all of the last minutes.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select, true

from backend.db.tables.messages import outbox
from messages.campaigns.lifecycle import let_run_at, pause_by_itself
from messages.campaigns.outbox_states import REACHED_CARRIER
from messages.campaigns.pause_reasons import PauseCode, PauseReason
from messages.campaigns.policy import SendingPolicy

logger = logging.getLogger(__name__)

LAST_ATTEMPTS = 100
LAST_MINUTES = timedelta(minutes=5)


def pause_if_too_many_fail(
    connection: Connection, campaign_id: str, policy: SendingPolicy, now: datetime
) -> None:
    """Pause when more than ``policy.failure_share`` of the messages in either look have failed.

    Only what was sent since somebody let the campaign run counts: they have seen what failed
    before.
    """
    let_run = let_run_at(connection, campaign_id)
    since = true() if let_run is None else outbox.c.attempted_at >= let_run
    lately = outbox.c.attempted_at > now - LAST_MINUTES
    looks = (
        _attempts(campaign_id, since).order_by(outbox.c.attempted_at.desc()).limit(LAST_ATTEMPTS),
        _attempts(campaign_id, and_(since, lately)),
    )
    for look in looks:
        states = look.subquery()
        failures = func.sum(case((states.c.state == "failed", 1), else_=0))
        settled = states.c.state.in_((*REACHED_CARRIER, "failed"))
        counted = select(func.count(), failures).select_from(states).where(settled)
        messages, failed = connection.execute(counted).one()
        if messages >= policy.least_attempts and failed > policy.failure_share * messages:
            values = {"failed": int(failed), "messages": int(messages)}
            reason = PauseReason(PauseCode.TOO_MANY_FAILURES, values)
            pause_and_tell(connection, campaign_id, reason, now)
            return


def pause_and_tell(
    connection: Connection, campaign_id: str, reason: PauseReason, now: datetime, told: str = ""
) -> None:
    """Pause it with one error in the log, which has ``told`` for a reason that names somebody."""
    if pause_by_itself(connection, campaign_id, reason, now):
        logger.error(
            "campaign %s is paused: %s",
            campaign_id,
            told or reason,
            extra={"event": "campaign_paused"},
        )


def _attempts(campaign_id: str, condition: ColumnElement[bool]) -> Select[tuple[str]]:
    return select(outbox.c.state).where(
        outbox.c.campaign_id == campaign_id, outbox.c.attempted_at.is_not(None), condition
    )

"""Stopping a number at once: its stop, and the messages that wait for it in any campaign."""

from datetime import datetime

from sqlalchemy import Connection, null, select, update

from backend.message_tables import campaigns, outbox
from sms.stops import Origin, StopReason, add_stop

_NOT_OVER = ("draft", "approved", "scheduled", "running", "paused")


def stop_number(
    connection: Connection, phone: str, reason: StopReason, origin: Origin, now: datetime
) -> bool:
    """Stop a number (E.164) and suppress what is queued for it; whether it is newly stopped so.

    A message that a worker holds already is looked at once more just before it goes out.
    """
    # Rows before stops, as a receipt has it: two that meet cannot wait for each other.
    open_campaigns = connection.scalars(
        select(campaigns.c.campaign_id).where(campaigns.c.state.in_(_NOT_OVER))
    ).all()
    if open_campaigns:
        connection.execute(
            update(outbox)
            .where(
                # The campaigns by name: so the index of campaign and phone finds each row.
                outbox.c.campaign_id.in_(open_campaigns),
                outbox.c.phone == phone,
                outbox.c.state == "queued",
            )
            .values(state="suppressed", reason=reason, settled_at=now, next_attempt_at=null())
        )
    return add_stop(connection, phone, reason, origin, now)

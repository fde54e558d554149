"""Forgetting what is past its time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, delete, select

from backend.callers import forget_callers
from backend.calls import end_call
from backend.context import IdentificationLimits
from backend.database import read, write
from backend.past_messages import MESSAGES_KEPT, forget_messages
from backend.tables import calls, identification_failures

LONGEST_CALL = timedelta(hours=4)
"""After this the carrier has ended every call, whether it could report it or not."""

CALLERS_KEPT = timedelta(days=730)
"""Who has chosen neither language nor pace for so long is spoken to like anybody."""

UNREPORTED = "unreported"

_LOST = select(calls.c.call_sid).where(
    calls.c.ended_at.is_(None), calls.c.began_at < bindparam("before", type_=calls.c.began_at.type)
)
_FORGET = delete(identification_failures).where(
    identification_failures.c.at < bindparam("before", type_=identification_failures.c.at.type)
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run has done: calls that it closed, failures that no lock counts any more.

    ``texts`` are those that callers had asked for.
    """

    calls: int
    failures: int
    texts: int = 0


def run(engine: Engine, now: datetime, limits: IdentificationLimits) -> Forgotten:
    """Close calls whose end was never reported, forget old failures and texts; safe to repeat.

    Each call is closed in a transaction of its own, so that callers are never held up for long.
    """
    with read(engine) as connection:
        lost = connection.scalars(_LOST, {"before": now - LONGEST_CALL}).all()
    for call_sid in lost:
        with write(engine) as connection:
            end_call(connection, call_sid, now, UNREPORTED)
    with write(engine) as connection:
        forget_callers(connection, now - CALLERS_KEPT, now)
        longest = max(limits.caller_within, limits.site_within, LONGEST_CALL)
        failures = connection.execute(_FORGET, {"before": now - longest}).rowcount
    texts = forget_messages(engine, now - MESSAGES_KEPT)
    return Forgotten(len(lost), failures, texts)

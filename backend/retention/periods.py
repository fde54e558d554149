"""How long each kind of record is kept; of itself, so that settings are read without the job."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each kind of record is kept; at least a day, because limits count a day back.

    ``replies`` is after their task was done, or after they came when there is none; ``topics``
    holds for texts, too; ``callers`` is after they last chose language or pace, or identified a
    site, ``calls`` after they began. The ledger of requests, campaigns and their outbox have no
    period here.
    """

    replies: timedelta = timedelta(days=90)
    tasks: timedelta = timedelta(days=365)
    topics: timedelta = timedelta(days=30)
    callers: timedelta = timedelta(days=730)
    calls: timedelta = timedelta(days=1825)


USUAL_PERIODS = Periods()

LONGEST_CALL = timedelta(hours=4)
"""After this the carrier has ended every call, whether it could report it or not."""

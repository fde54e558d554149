"""Sending policy: rate limit, retries, leases and frequency limits of a deployment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.rules.contact_hours import ContactCalendar, ContactHours
from common.error_codes import ErrorCode
from common.errors import CampaignError

_TO_SETTLE = timedelta(seconds=2)
"""To write down what came of a request."""


@dataclass(frozen=True, slots=True)
class ReminderLimit:
    """At most ``most`` reminders to a person within ``days``, over all campaigns (C.3)."""

    most: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPolicy:
    """The settings of the SMS desk; ``settings.py`` reads them and docs/settings.md explains.

    ``pace`` is in segments a second per sender. ``failure_share`` of the last attempts, from
    ``least_attempts`` on, pauses a campaign.
    """

    contact_hours: ContactHours
    pace: float = 10.0
    send_timeout: timedelta = timedelta(seconds=10)
    claim_lease: timedelta = timedelta(seconds=60)
    reconcile_after: timedelta = timedelta(seconds=300)
    limits: tuple[ReminderLimit, ...] = (ReminderLimit(1, 7), ReminderLimit(2, 30))
    failure_share: float = 0.2
    least_attempts: int = 20
    voip_allowed: bool = False

    @property
    def attempt_lease(self) -> timedelta:
        """How long a row is held from the note of its attempt on; its request is over before."""
        return max(self.claim_lease, self.claim_lease / 2 + self.send_timeout + _TO_SETTLE)

    def next_permitted(self, wanted: datetime, calendar: ContactCalendar) -> datetime:
        """The first permitted moment from then on; ``CampaignError`` without one in a year."""
        begins = self.contact_hours.next_permitted(wanted, calendar)
        if begins is None:
            raise CampaignError(
                "Nothing may go out within a year: CONTACT_HOURS and the moratoria in "
                "calendar.yaml leave no hour. Correct them.",
                code=ErrorCode.NO_HOUR_PERMITTED,
            )
        return begins

"""How far a campaign is: its counts, the rate at which it goes out, and when it will be over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from backend.db.tables.messages import outbox
from backend.rules.contact_hours import ContactCalendar
from messages.campaigns.campaign import Campaign
from messages.campaigns.counting import Counts, count
from messages.campaigns.policy import SendingPolicy

MEASURED_OVER = timedelta(minutes=1)
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Progress(Counts):
    """``states`` adds up to ``recipients``; ``rate`` is in segments a second over the last minute.

    ``last_sent`` is when a message was last handed to the carrier. ``ends`` is when the last one
    will be, by the rate limit and within the contact hours; ``None`` when nothing is to be sent.
    """

    recipients: int
    last_sent: datetime | None
    rate: float
    ends: datetime | None

    @property
    def waiting(self) -> int:
        """How many are not on their way yet."""
        return self.states["queued"]

    @property
    def begun(self) -> int:
        """How many are on their way or settled."""
        return self.recipients - self.waiting


def progress_of(
    connection: Connection,
    campaign: Campaign,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    now: datetime,
) -> Progress:
    """Count a campaign's recipients and estimate the rest."""
    counts = count(connection, campaign.campaign_id)
    mine = (outbox.c.campaign_id == campaign.campaign_id) & outbox.c.attempted_at.is_not(None)
    last = connection.scalar(select(func.max(outbox.c.attempted_at)).where(mine))
    lately = connection.execute(
        select(func.count())
        .select_from(outbox)
        .where(mine, outbox.c.attempted_at > now - MEASURED_OVER)
    ).scalar_one()
    return Progress(
        counts.states,
        counts.excluded,
        counts.suppressed,
        counts.failed,
        counts.for_person,
        campaign.recipients,
        last,
        lately * campaign.segments / MEASURED_OVER.total_seconds(),
        _ends(campaign, counts.states["queued"], policy, calendar, now),
    )


def _ends(
    campaign: Campaign,
    waiting: int,
    policy: SendingPolicy,
    calendar: ContactCalendar,
    now: datetime,
) -> datetime | None:
    if campaign.state not in ("scheduled", "running") or not waiting:
        return None
    begins = max(now, campaign.starts_at or now)
    lasts = sending_time(waiting, campaign.segments, policy)
    return begins + lasts if campaign.at_any_hour else ends_at(begins, lasts, policy, calendar)


def sending_time(recipients: int, segments: int, policy: SendingPolicy) -> timedelta:
    """How long so many messages take at the rate limit."""
    return timedelta(seconds=recipients * segments / policy.pace)


def ends_at(
    begins: datetime, lasts: timedelta, policy: SendingPolicy, calendar: ContactCalendar
) -> datetime | None:
    """When sending of that length is over if it rests outside the contact hours.

    ``None`` when the hours leave no room for it.
    """
    moment = begins
    for _day in range(_MOST_DAYS):
        permitted = policy.contact_hours.next_permitted(moment, calendar)
        if permitted is None:
            return None
        closes = policy.contact_hours.closes_at(permitted, calendar)
        if closes is None or permitted + lasts <= closes:
            return permitted + lasts
        lasts -= closes - permitted
        moment = closes
    return None

"""The one time zone in which the utility's rules are meant."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BUDAPEST = ZoneInfo("Europe/Budapest")


def in_budapest(moment: datetime) -> datetime:
    """The same moment on a clock in Budapest; a moment without a zone raises ``ValueError``."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware datetime")
    return moment.astimezone(BUDAPEST)


def local_date(moment: datetime) -> date:
    """The calendar day in Budapest: half past midnight on the 16th there is the 15th in UTC."""
    return in_budapest(moment).date()

"""A clock that is set, and passes as the calls do."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from common.timezone import BUDAPEST


@dataclass(slots=True)
class SetClock:
    """Stands at ``now``, which is aware UTC, until it is set or time passes by."""

    now: datetime

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.now


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """That time of day in Budapest, as UTC."""
    return datetime.combine(day, time(hour, minute), BUDAPEST).astimezone(UTC)

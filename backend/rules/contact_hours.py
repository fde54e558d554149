"""When a reminder may reach people: hours, weekends, holidays and moratoria.

No law that we found fixes these hours; they are good practice of collections (digest of the law,
C.3) and settings. A Saturday that is worked in exchange stays a Saturday for people at home.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from backend.rules.desk_hours import Calendar, WeekdayHours, parse_hours
from common.timezone import BUDAPEST, in_budapest

ALWAYS = "always"
LONGEST_SEARCH = timedelta(days=400)
"""No moratorium lasts longer; after it the hours are taken to be a mistake."""


class ContactCalendar(Calendar, Protocol):
    """Holidays, and days on which the utility has agreed to leave people alone."""

    def moratorium(self, day: date) -> str | None:
        """Why nobody may be reminded on this day, or ``None``."""


@dataclass(frozen=True, slots=True)
class ContactHours:
    """Spans of the week; no spans mean at any hour and on holidays too, outside moratoria."""

    spans: tuple[WeekdayHours, ...]
    written: str

    @classmethod
    def parse(cls, text: str) -> "ContactHours":
        """Read ``mon-fri 08:00-20:00``, several spans joined by ``;``, or ``always``.

        ``ValueError`` says what is wrong and how to write it.
        """
        if text.strip().lower() == ALWAYS:
            return cls((), ALWAYS)
        return cls(tuple(parse_hours(part) for part in text.split(";")), text.strip())

    def permit(self, moment: datetime, calendar: ContactCalendar) -> bool:
        """Whether a reminder may go out at that moment, by the clocks of Budapest."""
        local = in_budapest(moment)
        return any(
            opens <= local.time() and (closes is None or local.time() < closes)
            for opens, closes in self.spans_on(local.date(), calendar)
        )

    def next_permitted(self, moment: datetime, calendar: ContactCalendar) -> datetime | None:
        """The first moment from ``moment`` on that is permitted; ``None`` if none is in sight."""
        if self.permit(moment, calendar):
            return moment
        local = in_budapest(moment)
        for days in range(LONGEST_SEARCH.days):
            day = local.date() + timedelta(days=days)
            for opens, _ in self.spans_on(day, calendar):
                begins = datetime.combine(day, opens, BUDAPEST)
                if begins > local:
                    return begins.astimezone(moment.tzinfo)
        return None

    def closes_at(self, moment: datetime, calendar: ContactCalendar) -> datetime | None:
        """When the span that holds now ends; ``None`` when it does not end today."""
        local = in_budapest(moment)
        for opens, closes in self.spans_on(local.date(), calendar):
            if closes is not None and opens <= local.time() < closes:
                return datetime.combine(local.date(), closes, BUDAPEST).astimezone(moment.tzinfo)
        return None

    def spans_on(self, day: date, calendar: ContactCalendar) -> list[tuple[time, time | None]]:
        """From when until when reminders may go out on a day; ``None`` is midnight."""
        if calendar.moratorium(day) is not None:
            return []
        if not self.spans:
            return [(time.min, None)]
        if calendar.weekday(day) is None:
            return []
        return sorted(
            (span.opens, span.closes) for span in self.spans if day.weekday() in span.weekdays
        )

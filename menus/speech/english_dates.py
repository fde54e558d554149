"""British English days, dates and weekly hours in words."""

from functools import lru_cache

from menus.slots import Date, DateSpan, Hours
from menus.speech.english_numbers import cardinal, ordinal, year
from menus.speech.week import ALL_DAY, MIDNIGHT, Span, day_runs, listed, week_words

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_of_month(day: int, form: str) -> str:
    """The day 1-31 with its article ("the fifth") and, by ``form``, on, from or until it."""
    return f"{form} the {ordinal(day)}".lstrip()


@lru_cache(maxsize=1024)
def date_words(date: Date, form: str) -> str:
    """Day and month in ``form``, followed by the year when it is not this year's."""
    spoken = f"{day_of_month(date.day.day, form)} of {_MONTHS[date.day.month - 1]}"
    if date.day.year == date.today.year:
        return spoken
    return f"{spoken}, {year(date.day.year)}"


def date_span(span: DateSpan) -> str:
    """From the first day to the last, both included; a month that they share is named once."""
    if (span.first.year, span.first.month) == (span.last.year, span.last.month):
        first = day_of_month(span.first.day, "from")
        return f"{first} to {date_words(Date(span.last, span.today), '')} inclusive"
    # A year that both share is told once.
    told = span.first if span.first.year == span.last.year else span.today
    first = date_words(Date(span.first, span.today), "from")
    return f"{first} to {date_words(Date(span.last, told), '')} inclusive"


def hour_of_day(hour: int, form: str) -> str:
    """A full hour ``from`` which, or ``by`` which, something is: "from two in the afternoon"."""
    return f"{form} {_at(hour * 60)}"


def weekly_hours(hours: Hours) -> str:
    """When the desk is open, to stand after a verb: "Monday to Friday from eight …"."""
    return week_words(hours, _days, _open, "and")


def _days(weekdays: tuple[int, ...]) -> str:
    if len(weekdays) == 7:
        return "every day of the week"
    runs = day_runs(weekdays)
    spoken = listed(
        [
            _WEEKDAYS[first] if first == last else f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}"
            for first, last in runs
        ],
        "and",
    )
    return f"on {spoken}" if all(first == last for first, last in runs) else spoken


def _open(spans: tuple[Span, ...], day_count: int) -> str:
    if spans == ALL_DAY:
        return ", around the clock" if day_count == 7 else " around the clock"
    told = [f"from {_at(span.opens)} until {_at(span.closes)}" for span in spans]
    return " " + listed(told, "and")


def _at(minute: int) -> str:
    if minute in (0, MIDNIGHT):
        return "midnight"
    hours, minutes = divmod(minute, 60)
    if (hours, minutes) == (12, 0):
        return "noon"
    spoken = cardinal(hours % 12 or 12)
    if minutes:
        spoken += f" {'oh ' if minutes < 10 else ''}{cardinal(minutes)}"
    return f"{spoken} {_part_of_day(hours)}"


def _part_of_day(hours: int) -> str:
    if hours == 0 or hours >= 21:
        return "at night"
    if hours < 12:
        return "in the morning"
    return "in the afternoon" if hours < 18 else "in the evening"

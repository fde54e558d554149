"""Periods that a page looks at: days in Budapest, both included, chosen in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from common.timezone import BUDAPEST
from console.web.typed import NotUnderstoodError, day_typed

LAST_DAYS = {"today": 0, "yesterday": 1, "week": 6, "month": 29}
"""The periods that have a name, and how many days ago each begins."""

OWN = "own"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``; ``typed`` is what the fields hold.

    ``is_wrong`` says that the typed days were not understood, and the period is today.
    """

    name: str
    first: date
    last: date
    typed: tuple[str, str] = ("", "")
    is_wrong: bool = False

    @property
    def since(self) -> datetime:
        return _begins(self.first)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return _begins(self.last + timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def chosen_period(query: Mapping[str, str], today: date, usual: str = "today") -> Period:
    """The period of ``period``, ``from`` and ``until`` in the address; typed days go first."""
    first, last = query.get("from", "").strip(), query.get("until", "").strip()
    name = query.get("period", usual)
    if first or last:
        return _typed(first, last, today)
    if name not in LAST_DAYS:
        name = usual
    begins = today - timedelta(days=LAST_DAYS[name])
    return Period(name, begins, begins if name == "yesterday" else today)


def period_if_any(query: Mapping[str, str], today: date) -> Period | None:
    """The period that the address names; ``None``, which is all days, where it names none."""
    named = any(query.get(name) for name in ("period", "from", "until"))
    return chosen_period(query, today) if named else None


def _typed(first: str, last: str, today: date) -> Period:
    try:
        begins = day_typed(first) if first else day_typed(last)
        ends = day_typed(last) if last else max(today, begins)
    except NotUnderstoodError:
        return Period(OWN, today, today, (first, last), is_wrong=True)
    return Period(OWN, min(begins, ends), max(begins, ends), (first, last))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), BUDAPEST).astimezone(UTC)

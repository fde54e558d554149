"""The calls of a period as bars: by hour of the clock, or by day."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.calls.call_lists import Result
from common.timezone import in_budapest
from console.calls.charts import Chart, stacked
from console.web.periods import Period
from console.web.words import _
from console.web.written import number, table_day

HOURLY_UP_TO = 2
"""Days of a period whose bars are hours; longer ones have a bar a day."""

ByHour = Mapping[datetime, Counter[Result]]
"""The calls by the hour in which they began and by what became of them."""

Bars = list[tuple[str, Counter[str]]]
"""The calls of each hour or day by their results, under its label."""


def bars(period: Period, by_hour: ByHour) -> Bars:
    """The results by hour of the clock, or by day; hours and days without a call are there, too."""
    hourly = period.days <= HOURLY_UP_TO
    found: dict[str, Counter[str]] = {}
    begins = period.since
    while begins < period.until:
        found.setdefault(_bar_of(begins, period, hourly), Counter())
        begins += timedelta(hours=1)
    for begins, results in by_hour.items():
        found[_bar_of(begins, period, hourly)].update(
            {each.value: number for each, number in results.items()}
        )
    return list(found.items())


def _bar_of(begins: datetime, period: Period, hourly: bool) -> str:
    local = in_budapest(begins)
    if not hourly:
        return table_day(local.date())
    return f"{local.hour}:00" if period.days == 1 else f"{table_day(local.date())} {local.hour}:00"


def chart(bars: Bars) -> Chart:
    labels = [label.split()[-1] if ":" in label else _short(label) for label, _counts in bars]
    return stacked(labels, [counts for _label, counts in bars], [each.value for each in Result])


def _short(day: str) -> str:
    """A day without its year."""
    return day[5:].strip().lstrip("-")


def finding(bars: Bars) -> str:
    label, counts = max(bars, key=lambda bar: bar[1].total())
    if not counts:
        return _("No calls in this period")
    return _("Most calls: %(n)s (%(when)s)", n=number(counts.total()), when=label)

"""Rule MR-02: both days of a reading window belong to it."""

from datetime import date

import pytest

from backend.interface.answers import Window
from backend.rules.reading_windows import month_of, next_after, open_on

NOVEMBER = Window(date(2026, 11, 18), date(2026, 11, 24))
DECEMBER = Window(date(2026, 12, 18), date(2026, 12, 24))
WINDOWS = (NOVEMBER, DECEMBER)


@pytest.mark.parametrize("day", [18, 21, 24])
def test_a_window_is_open_from_its_first_to_its_last_day(day: int) -> None:
    assert open_on(WINDOWS, date(2026, 11, day)) == NOVEMBER


@pytest.mark.parametrize("day", [17, 25])
def test_a_day_before_or_after_it_is_closed(day: int) -> None:
    assert open_on(WINDOWS, date(2026, 11, day)) is None


def test_the_next_window_is_the_first_that_opens_later() -> None:
    assert next_after(WINDOWS, date(2026, 11, 17)) == NOVEMBER
    assert next_after(WINDOWS, date(2026, 11, 18)) == DECEMBER
    assert next_after(reversed(WINDOWS), date(2026, 11, 1)) == NOVEMBER


def test_after_the_last_window_there_is_no_next() -> None:
    assert next_after(WINDOWS, date(2026, 12, 18)) is None
    assert next_after((), date(2026, 12, 18)) is None


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2026, 11, 21), 30), (date(2027, 2, 1), 28), (date(2028, 2, 29), 29)],
)
def test_a_month_is_the_window_where_none_is_set(day: date, last: int) -> None:
    month = month_of(day)
    assert (month.opens, month.closes) == (day.replace(day=1), day.replace(day=last))
    assert open_on([month], day) == month

"""The day in Budapest, which is not the day in UTC (scenarios 21 to 23 and 50)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.timezone import in_budapest, local_date


def test_half_past_eleven_at_night_in_utc_is_the_next_day() -> None:
    assert local_date(datetime(2026, 11, 15, 22, 59, 59, tzinfo=UTC)) == date(2026, 11, 15)
    assert local_date(datetime(2026, 11, 15, 23, 5, tzinfo=UTC)) == date(2026, 11, 16)


def test_in_summer_the_day_begins_two_hours_early() -> None:
    assert local_date(datetime(2026, 7, 15, 21, 59, tzinfo=UTC)) == date(2026, 7, 15)
    assert local_date(datetime(2026, 7, 15, 22, 0, tzinfo=UTC)) == date(2026, 7, 16)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        local_date(datetime(2026, 11, 15, 12, 0))  # noqa: DTZ001 - that is what is refused


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - made aware below
def test_time_never_runs_backwards_in_budapest_dates(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert local_date(aware) <= local_date(aware + timedelta(minutes=30))
    assert in_budapest(aware) == aware

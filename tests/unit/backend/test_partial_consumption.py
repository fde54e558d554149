"""Rules PC-01 to PC-08: from when a new monthly quantity works, and when it is low."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.interface.answers import Register
from backend.rules.partial_consumption import effective_from, is_allowed, is_low
from tests.support.runs.tables import each_of


def register(daily_average: float, name: str = "1.8.0") -> Register:
    return Register(name, 5, 1000, date(2026, 10, 20), daily_average)


@each_of(
    ("reported", "effective"),
    [
        ("2026-10-15", "2026-11-01"),
        ("2026-10-16", "2026-12-01"),
        ("2026-11-01", "2026-12-01"),
        ("2026-11-15", "2026-12-01"),
        ("2026-11-16", "2027-01-01"),
        ("2026-11-21", "2027-01-01"),
        ("2026-12-15", "2027-01-01"),
        ("2026-12-16", "2027-02-01"),
        ("2026-12-31", "2027-02-01"),
        ("2027-01-15", "2027-02-01"),
        ("2027-01-16", "2027-03-01"),
        ("2027-01-31", "2027-03-01"),
        ("2028-02-29", "2028-04-01"),
    ],
)
def test_a_change_works_from_the_first_of_the_month_that_the_rule_names(
    reported: str, effective: str
) -> None:
    assert effective_from(date.fromisoformat(reported)) == date.fromisoformat(effective)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_change_never_works_sooner_for_being_reported_later(reported: date) -> None:
    effective = effective_from(reported)
    assert effective.day == 1
    assert effective > reported
    assert effective <= effective_from(reported + timedelta(days=1))
    # "The next month" is at most 31 + 15 days off, "the second following" at most 16 + 31.
    assert timedelta(days=14) <= effective - reported <= timedelta(days=47)


@pytest.mark.parametrize(("quantity", "allowed"), [(0, False), (1, True), (99_999, True)])
def test_a_quantity_is_from_1_to_99_999(quantity: int, allowed: bool) -> None:
    assert is_allowed(quantity) is allowed
    assert not is_allowed(100_000)


def test_below_three_fifths_of_the_average_is_low() -> None:
    # 12 kWh a day are 365 a month, of which 60 % are 219.
    assert is_low(218, [register(12)], None)
    assert not is_low(219, [register(12)], None)


def test_the_registers_of_a_meter_count_together() -> None:
    day_and_night = [register(8, "1.8.1"), register(4, "1.8.2")]
    assert is_low(218, day_and_night, 10)
    assert not is_low(219, day_and_night, 10_000)


def test_without_an_average_the_present_quantity_counts() -> None:
    assert is_low(119, [register(0)], 200)
    assert not is_low(120, [register(0)], 200)
    assert is_low(119, [], 200)


def test_without_anything_to_compare_with_nothing_is_low() -> None:
    assert not is_low(1, [register(0)], None)

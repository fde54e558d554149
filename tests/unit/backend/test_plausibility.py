"""What a typed reading is worth: scenarios 7 to 12."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.interface.answers import Register
from backend.rules.plausibility import (
    Verdict,
    consumption,
    judge,
    most_plausible,
    most_possible,
    roll_over,
)
from tests.support.runs.tables import each_of

READ_ON = date(2026, 11, 21)
LAST_READ_ON = date(2026, 10, 20)
METER = Register("1.8.0", 5, 41_250, LAST_READ_ON, 9, 32)
NEAR_ITS_END = Register("1.8.0", 5, 99_950, LAST_READ_ON, 2.5, 32)


@each_of(
    ("value", "verdict"),
    [
        (41_530, Verdict.PLAUSIBLE),
        (61_530, Verdict.IMPOSSIBLE),
        (41_100, Verdict.TOO_LOW),
        (41_250, Verdict.UNCHANGED),
        (415_300, Verdict.TOO_LONG),
        # Three times 9 kWh on 32 days are 864 kWh.
        (41_250 + 864, Verdict.PLAUSIBLE),
        (41_250 + 865, Verdict.TOO_HIGH),
        # 32 A let 5,652.48 kWh through.
        (41_250 + 5_652, Verdict.TOO_HIGH),
        (41_250 + 5_653, Verdict.IMPOSSIBLE),
        (99_999, Verdict.IMPOSSIBLE),
        (100_000, Verdict.TOO_LONG),
    ],
)
def test_a_value_is_judged_by_the_last_one_the_average_and_the_fuse(
    value: int, verdict: Verdict
) -> None:
    assert judge(METER, value, READ_ON) is verdict


def test_the_fuse_of_the_scenario_lets_5652_kilowatt_hours_through() -> None:
    assert most_possible(METER, READ_ON) == pytest.approx(5_652.48)


def test_where_the_fuse_is_unknown_the_ceiling_is_that_of_the_largest_connection() -> None:
    unknown = Register("1.8.0", 5, 41_250, LAST_READ_ON, 9, None)
    # 189 A, 230 V, 24 h, 32 days
    assert most_possible(unknown, READ_ON) == pytest.approx(33_384.96)
    assert judge(unknown, 61_530, READ_ON) is Verdict.TOO_HIGH


def test_a_hundred_kilowatt_hours_are_never_too_much() -> None:
    tiny = Register("1.8.0", 5, 500, LAST_READ_ON, 0.1, 32)
    assert judge(tiny, 600, READ_ON) is Verdict.PLAUSIBLE
    assert judge(tiny, 601, READ_ON) is Verdict.TOO_HIGH


def test_a_second_reading_on_the_same_day_has_a_day_to_compare_with() -> None:
    assert most_plausible(METER, LAST_READ_ON) == 100
    assert most_possible(METER, LAST_READ_ON) == pytest.approx(176.64)


def test_a_counter_near_its_end_may_have_rolled_over() -> None:
    assert roll_over(NEAR_ITS_END, 30, READ_ON) == 80
    assert consumption(NEAR_ITS_END, 30) == 80


def test_a_counter_in_the_middle_of_its_range_has_not_rolled_over() -> None:
    assert roll_over(METER, 300, READ_ON) is None


def test_a_roll_over_with_an_unusual_consumption_is_not_believed() -> None:
    assert roll_over(NEAR_ITS_END, 1_000, READ_ON) is None


def test_a_value_that_is_not_lower_is_no_roll_over() -> None:
    assert roll_over(NEAR_ITS_END, 99_960, READ_ON) is None


@given(
    digits=st.integers(4, 8),
    last=st.integers(0),
    value=st.integers(0),
    days=st.integers(-1, 400),
    average=st.floats(0, 100),
    amperes=st.none() | st.integers(6, 80),
)
def test_what_is_used_is_never_negative_and_every_value_gets_a_verdict(
    digits: int, last: int, value: int, days: int, average: float, amperes: int | None
) -> None:
    last, value = last % 10**digits, value % 10**digits
    meter = Register("1.8.0", digits, last, LAST_READ_ON, average, amperes)
    read_on = LAST_READ_ON + timedelta(days=days)
    assert 0 <= consumption(meter, value) < 10**digits
    verdict = judge(meter, value, read_on)
    assert (verdict is Verdict.TOO_LOW) == (value < last)
    assert (verdict is Verdict.UNCHANGED) == (value == last)
    rolled = roll_over(meter, value, read_on)
    if rolled is not None:
        assert verdict is Verdict.TOO_LOW
        assert rolled == consumption(meter, value)
        assert last >= 0.9 * 10**digits


HOT_WATER = Register("hot_water", 5, 120, LAST_READ_ON, 0.2, None)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (130, Verdict.PLAUSIBLE),
        # Three times 0.2 cubic metres on 32 days are 19.2.
        (120 + 19, Verdict.PLAUSIBLE),
        (120 + 20, Verdict.TOO_HIGH),
        # 60 cubic metres a day pass through a meter at most.
        (120 + 1_920, Verdict.TOO_HIGH),
        (120 + 1_921, Verdict.IMPOSSIBLE),
    ],
)
def test_hot_water_is_judged_in_cubic_metres(value: int, verdict: Verdict) -> None:
    assert judge(HOT_WATER, value, READ_ON) is verdict


def test_ten_cubic_metres_of_hot_water_are_never_too_much() -> None:
    tiny = Register("hot_water", 5, 120, LAST_READ_ON, 0.0, None)
    assert judge(tiny, 130, READ_ON) is Verdict.PLAUSIBLE
    assert judge(tiny, 131, READ_ON) is Verdict.TOO_HIGH


def test_a_hot_water_meter_may_roll_over() -> None:
    nearly_full = Register("hot_water", 5, 99_998, LAST_READ_ON, 0.1, None)
    assert roll_over(nearly_full, 3, READ_ON) == 5
    assert roll_over(nearly_full, 60, READ_ON) is None

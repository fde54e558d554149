"""Rule DD-02: the days on which a customer may be debited."""

import pytest

from backend.rules.payment_day import is_allowed


@pytest.mark.parametrize("day", [1, 2, 10, 26, 27])
def test_a_day_from_the_1st_to_the_27th_may_be_chosen(day: int) -> None:
    assert is_allowed(day)


@pytest.mark.parametrize("day", [-1, 0, 28, 29, 30, 31, 99])
def test_any_other_day_is_refused(day: int) -> None:
    assert not is_allowed(day)

"""Numbers as people write them: what can be read in two ways is never guessed."""

import pytest

from sms.written_numbers import AmbiguousNumberError, whole_units
from tests.support.runs.tables import each_of


@each_of(
    ("written", "value"),
    [
        ("38400", 38_400),
        ("038400", 38_400),
        ("38 400", 38_400),
        ("38\u00a0400", 38_400),
        ("38'400", 38_400),
        ("1 234 567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("38.400,5", 38_400),
        ("38,400.5", 38_400),
        ("38 400,125", 38_400),
        ("38400,125", 38_400),
        ("38.4", 38),
        ("38,45", 38),
        ("0", 0),
    ],
)
def test_a_number_that_can_be_read_in_one_way_is_understood(written: str, value: int) -> None:
    assert whole_units(written) == value


@pytest.mark.parametrize("written", ["1.050", "1,050", "38.400", "038,400", "0.050"])
def test_three_figures_behind_one_point_or_comma_are_ambiguous(written: str) -> None:
    with pytest.raises(AmbiguousNumberError) as problem:
        whole_units(written)
    assert written not in str(problem.value)


@each_of(
    "written", ["", "38 4000", "3840 0", "38  400", "1.234,567,8", "1234567890", "٣٨٤٠٠", "38."]
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert whole_units(written) is None

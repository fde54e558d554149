"""What is said to Hypothesis of the characters is what it would find out."""

from tests.support.runs.examples import all_asked_for
from tests.support.runs.quick_hypothesis import UTF_8, work_out_intervals


def test_a_character_is_of_utf_8_if_and_only_if_it_is_said_to_be() -> None:
    encodable, lossy = UTF_8
    assert (lossy.intervals, encodable.intervals[0][0]) == ((), 0)
    assert encodable.intervals[-1][1] == 0x10FFFF
    for (_, before), (after, _) in zip(encodable.intervals, encodable.intervals[1:], strict=False):
        assert chr(before).encode().decode() == chr(before)
        assert chr(after).encode().decode() == chr(after)
        assert not any(chr(code).encode(errors="ignore") for code in range(before + 1, after))
    if all_asked_for():
        assert [each.intervals for each in UTF_8] == [
            each.intervals for each in work_out_intervals("utf-8")
        ]

"""Windows that overlap: every day belongs to one period, and the site's own windows go first."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.interface.answers import LastReading, Window
from backend.rules.plausibility import judged_by
from backend.rules.reading_windows import open_on, reading_periods

FIRST = date(2026, 11, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def window(opens: int, closes: int) -> Window:
    return Window(day(opens), day(closes))


@st.composite
def own_windows(draw: st.DrawFn) -> list[Window]:
    """Windows as the import lets them in: no two of one site overlap."""
    bounds = sorted(draw(st.sets(st.integers(0, 60), max_size=8)))
    return [window(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]


def extra_windows() -> st.SearchStrategy[list[Window]]:
    spans = st.tuples(st.integers(0, 60), st.integers(0, 20))
    return st.lists(spans.map(lambda span: window(span[0], span[0] + span[1])), max_size=5)


def test_on_days_in_both_the_sites_own_window_goes_before_an_extraordinary_one() -> None:
    extra, own = window(57, 63), window(61, 67)
    assert reading_periods([own], [extra]) == (window(57, 60), own)


def test_an_extraordinary_window_around_the_sites_own_is_a_period_on_each_side() -> None:
    own, extra = window(17, 23), window(14, 29)
    assert reading_periods([own], [extra]) == (window(14, 16), own, window(24, 29))


def test_an_extraordinary_window_within_the_sites_own_adds_nothing() -> None:
    assert reading_periods([window(17, 23)], [window(18, 20)]) == (window(17, 23),)


@given(own_windows(), extra_windows())
def test_every_day_of_any_window_is_in_one_period_and_own_windows_stay_whole(
    own: list[Window], extra: list[Window]
) -> None:
    periods = reading_periods(own, extra)
    assert list(periods) == sorted(periods, key=lambda each: each.opens)
    assert set(own) <= set(periods)
    for number in range(-1, 90):
        today = day(number)
        found = [each for each in periods if each.opens <= today <= each.closes]
        taken = open_on([*own, *extra], today) is not None
        assert len(found) == taken
        assert open_on(periods, today) == (found[0] if found else None)


def test_a_billed_reading_taken_over_from_this_period_is_not_what_its_correction_is_judged_by() -> (
    None
):
    october, november = LastReading(41_250, day(-10)), LastReading(41_930, day(20))
    assert judged_by(november, [october], [november]) == october


def test_a_reading_that_the_utility_took_itself_in_this_period_is_what_a_later_one_follows() -> (
    None
):
    october, november = LastReading(41_250, day(-10)), LastReading(41_930, day(20))
    assert judged_by(november, [october], [LastReading(41_500, day(19))]) == november
    assert judged_by(november, [], [november]) == november

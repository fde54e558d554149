"""When a reminder may go out: scenario 40 of the staff, rule by rule."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.desks import HungarianCalendar, Moratorium
from backend.rules.contact_hours import ContactHours
from common.timezone import BUDAPEST

USUAL = ContactHours.parse("mon-fri 08:00-20:00")
CALENDAR = HungarianCalendar()
TRUCE = HungarianCalendar(
    moratoria=(Moratorium(date(2026, 12, 21), date(2027, 1, 3), "holiday truce"),)
)


def budapest(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUDAPEST)


@pytest.mark.parametrize(
    ("moment", "permitted"),
    [
        ("2026-11-23 07:59:59", False),
        ("2026-11-23 08:00", True),
        ("2026-11-23 19:59:59", True),
        ("2026-11-23 20:00", False),
        ("2026-11-23 20:30", False),
        ("2026-11-22 12:00", False),
        ("2026-10-23 12:00", False),
    ],
)
def test_reminders_go_out_on_weekdays_from_eight_to_eight(moment: str, permitted: bool) -> None:
    assert USUAL.permit(budapest(moment), CALENDAR) is permitted


def test_a_saturday_that_is_worked_in_exchange_stays_a_saturday() -> None:
    worked = budapest("2026-08-08 12:00")
    assert CALENDAR.weekday(worked.date()) is not None
    assert not USUAL.permit(worked, CALENDAR)


def test_what_is_held_back_goes_out_in_the_first_permitted_minute() -> None:
    for held in ("2026-11-20 20:30", "2026-11-21 10:00", "2026-11-22 23:59"):
        assert USUAL.next_permitted(budapest(held), CALENDAR) == budapest("2026-11-23 08:00")


def test_nothing_goes_out_during_a_moratorium_even_if_any_hour_is_permitted() -> None:
    always = ContactHours.parse("always")
    assert always.permit(budapest("2026-12-20 23:59"), TRUCE)
    for hours in (always, USUAL):
        assert not hours.permit(budapest("2026-12-22 12:00"), TRUCE)
    assert always.next_permitted(budapest("2026-12-22 12:00"), TRUCE) == budapest("2027-01-04")


def test_hours_without_a_day_in_sight_have_no_next_moment() -> None:
    forever = HungarianCalendar(moratoria=(Moratorium(date.min, date.max, "closed down"),))
    assert USUAL.next_permitted(budapest("2026-11-23 12:00"), forever) is None


def test_the_span_that_holds_now_has_an_end() -> None:
    noon = budapest("2026-11-23 12:00")
    assert USUAL.closes_at(noon, CALENDAR) == budapest("2026-11-23 20:00")
    assert ContactHours.parse("always").closes_at(noon, CALENDAR) is None
    assert USUAL.closes_at(budapest("2026-11-22 12:00"), CALENDAR) is None


@pytest.mark.parametrize(
    ("first", "closes", "seconds"),
    [
        # The clocks go back: the hour from two to three comes twice, and both may be used.
        ("2026-10-24T23:00Z", "2026-10-25T04:00Z", 5 * 3600),
        # They go forward: it is left out, and the span an hour shorter.
        ("2026-03-29T00:00Z", "2026-03-29T03:00Z", 3 * 3600),
    ],
)
def test_a_span_over_a_night_of_the_clocks_holds_by_the_clock_on_the_wall(
    first: str, closes: str, seconds: int
) -> None:
    hours = ContactHours.parse("sun 01:00-05:00")
    begins, ends = datetime.fromisoformat(first), datetime.fromisoformat(closes)
    minutes = [begins + timedelta(minutes=each) for each in range(-60, 6 * 60)]
    permitted = [each for each in minutes if hours.permit(each, CALENDAR)]
    assert permitted == [each for each in minutes if begins <= each < ends]
    assert {hours.closes_at(each, CALENDAR) for each in permitted} == {ends}
    assert (ends - begins).total_seconds() == seconds


def test_several_spans_are_joined_by_a_semicolon() -> None:
    hours = ContactHours.parse("mon-thu 08:00-12:00; fri 09:00-10:00")
    assert hours.permit(budapest("2026-11-26 11:00"), CALENDAR)
    assert not hours.permit(budapest("2026-11-27 11:00"), CALENDAR)


@pytest.mark.parametrize("text", ["", "8-20", "mon-fri", "mon-fri 20:00-08:00", "sometimes"])
def test_hours_that_cannot_be_read_say_how_to_write_them(text: str) -> None:
    with pytest.raises(ValueError, match="Write"):
        ContactHours.parse(text)


@given(st.integers(0, 1_000_000))
def test_the_next_permitted_moment_is_permitted_and_never_earlier(minutes: int) -> None:
    asked = budapest("2026-01-01") + timedelta(minutes=minutes)
    next_moment = USUAL.next_permitted(asked, TRUCE)
    assert next_moment is not None
    assert next_moment >= asked
    assert USUAL.permit(next_moment, TRUCE)

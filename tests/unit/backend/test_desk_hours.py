"""When a desk answers: hours, holidays, moved working days (scenarios 33 and 45)."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from backend.desks import DatedDay, HungarianCalendar, load_calendar, load_desks
from backend.rules.desk_hours import (
    Desk,
    Reachability,
    WeekdayHours,
    is_open,
    is_reachable_enough,
    parse_hours,
)
from common.errors import ConfigurationError
from common.timezone import BUDAPEST

PROJECT = Path(__file__).parents[3]
CALENDAR = HungarianCalendar()
DESK = Desk("network", "+3612381857", (parse_hours("mon-fri 08:00-15:00"),))
FRIDAYS_SHORT = Desk(
    "short", "+3612381857", (parse_hours("mon-thu 08:00-15:00"), parse_hours("fri 08:00-12:00"))
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUDAPEST)


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-20T07:59:59", False),
        ("2026-11-20T08:00", True),
        ("2026-11-20T14:59:59", True),
        ("2026-11-20T15:00", False),
        ("2026-11-21T10:00", False),
    ],
)
def test_a_desk_answers_from_its_first_minute_until_before_its_last(
    moment: str, open_then: bool
) -> None:
    assert is_open(DESK, CALENDAR, at(moment)) is open_then


def test_hours_are_those_of_budapest_in_winter_and_in_summer() -> None:
    assert not is_open(DESK, CALENDAR, datetime(2026, 11, 20, 6, 59, tzinfo=UTC))
    assert is_open(DESK, CALENDAR, datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
    assert is_open(DESK, CALENDAR, datetime(2026, 7, 17, 6, 0, tzinfo=UTC))
    with pytest.raises(ValueError, match="has no time zone"):
        is_open(DESK, CALENDAR, datetime(2026, 11, 20, 10, 0))  # noqa: DTZ001 - that is refused


@pytest.mark.parametrize("day", ["2026-12-24", "2026-08-20", "2026-08-21", "2026-10-23"])
def test_a_desk_is_closed_on_a_holiday_and_on_a_day_of_rest(day: str) -> None:
    assert not is_open(DESK, CALENDAR, at(f"{day}T10:00"))


def test_a_moved_working_day_is_worked_like_a_friday() -> None:
    assert is_open(FRIDAYS_SHORT, CALENDAR, at("2026-08-08T11:59"))
    assert not is_open(FRIDAYS_SHORT, CALENDAR, at("2026-08-08T12:00"))


def test_as_shipped_12_december_2026_is_free_and_24_december_a_holiday() -> None:
    shipped = load_calendar(PROJECT / "calendar.yaml")
    assert not is_open(DESK, shipped, at("2026-12-12T10:00"))
    assert not is_open(DESK, shipped, at("2026-12-24T10:00"))
    assert is_open(DESK, shipped, at("2026-12-23T10:00"))
    assert is_open(DESK, shipped, at("2026-08-08T10:00"))


def test_with_the_decree_12_december_2026_is_worked_like_a_thursday(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(
        "days:\n"
        "  - {date: 2026-12-12, open: yes, like: thursday, reason: for the 24th,\n"
        "     source: 10/2025 (IV. 30.) NGM}\n"
        "  - {date: 2026-12-24, open: no, reason: rest, source: 10/2025 (IV. 30.) NGM}\n",
        encoding="utf-8",
    )
    decree = load_calendar(path)
    assert is_open(FRIDAYS_SHORT, decree, at("2026-12-12T14:00"))
    assert not is_open(DESK, decree, at("2026-12-24T10:00"))
    assert decree.days[date(2026, 12, 12)] == DatedDay(3, "for the 24th", "10/2025 (IV. 30.) NGM")


def test_the_public_calendar_is_the_one_that_was_checked() -> None:
    known = json.loads((PROJECT / "tests" / "data" / "hu_holidays.json").read_text("utf-8"))
    for year, days in known.items():
        day = date(int(year), 1, 1)
        while day.year == int(year):
            expected: int | None = day.weekday()
            if day.isoformat() in days["holidays"]:
                expected = None
            elif day.isoformat() in days["weekend_workdays"]:
                expected = 4
            assert CALENDAR.weekday(day) == expected, day
            day += timedelta(days=1)


def test_the_shipped_desks_are_the_ones_that_callers_are_put_through_to() -> None:
    desks = load_desks(PROJECT / "desks.yaml")
    assert {name: desk.number for name, desk in desks.desks.items()} == {
        "general": "+3612383838",
        "complaints": "+3612383838",
        "billing": "+3612383838",
        "collections": "+3612382919",
        "litigation": "+3612381299",
        "network_claims": "+3612381857",
        "technical": "+3612383838",
    }
    assert desks.is_open("general", CALENDAR, at("2026-11-20T19:59"))
    assert not desks.is_open("collections", CALENDAR, at("2026-11-20T16:00"))
    with pytest.raises(ConfigurationError, match='There is no desk "colections"'):
        desks.find("colections")


@pytest.mark.parametrize(
    ("hours", "enough"),
    [
        (["mon-fri 08:00-20:00"], True),
        (["mon-fri 08:00-16:00"], False),
        (["mon-fri 08:00-16:00", "thu 16:00-20:00"], True),
        (["mon 07:00-13:00", "mon 14:00-21:00"], False),
        # Before 7 and after 21 do not count.
        (["mon-fri 00:00-18:00"], False),
        (["wed 09:00-23:00"], True),
        (["wed 09:30-23:00"], False),
    ],
)
def test_the_law_asks_for_twelve_hours_without_a_break_on_one_weekday(
    hours: list[str], enough: bool
) -> None:
    desk = Desk("any", "+3612383838", tuple(map(parse_hours, hours)))
    assert is_reachable_enough(desk, Reachability()) is enough


def test_hours_are_written_with_spans_and_lists_of_weekdays() -> None:
    assert parse_hours("mon-wed,fri 08:00-16:30") == WeekdayHours(
        (0, 1, 2, 4), time(8), time(16, 30)
    )
    assert parse_hours("Sat 09:00-12:00") == WeekdayHours((5,), time(9), time(12))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("mon-fri", '"mon-fri" is not a span of hours. Write it like "mon-fri 08:00-20:00".'),
        ("mon 8-16", '"8" is not a time of day. Write it from 00:00 to 23:59.'),
        ("mon 08:00-24:00", '"24:00" is not a time of day. Write it from 00:00 to 23:59.'),
        (
            "mon 16:00-08:00",
            '"mon 16:00-08:00" closes before it opens. Write the earlier time first.',
        ),
        (
            "moo 08:00-16:00",
            '"moo" is not a weekday. Write one of mon, tue, wed, thu, fri, sat, sun.',
        ),
        ("fri-mon 08:00-16:00", '"fri-mon" runs backwards. Write the earlier weekday first.'),
    ],
)
def test_hours_that_cannot_be_read_say_how_to_write_them(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        parse_hours(text)

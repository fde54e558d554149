"""English as the line speaks it: British, plain, in the same forms as Hungarian."""

import re
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.slots import (
    Count,
    Date,
    DateSpan,
    DayOfMonth,
    Digits,
    Hour,
    Hours,
    Key,
    Money,
    Number,
    OpenHours,
    Path,
    PhoneNumber,
    SlotValue,
)
from menus.speech import speaker
from tests.support.runs.tables import each_of

ENGLISH = speaker("en")
TODAY = date(2026, 11, 16)


@each_of(
    ("value", "words"),
    [
        (0, "zero"),
        (19, "nineteen"),
        (40, "forty"),
        (99, "ninety-nine"),
        (-1_001, "minus one thousand and one"),
        (12_345, "twelve thousand three hundred and forty-five"),
        (1_000_100, "one million one hundred"),
        (2_000_000_015, "two billion and fifteen"),
        (10**15, "one quadrillion"),
    ],
)
def test_a_number_is_spoken_with_the_british_and_and_without_commas(value: int, words: str) -> None:
    assert ENGLISH.speak(Number(value)) == words


@given(st.integers(-(10**15), 10**15))
def test_no_number_has_a_comma_at_which_the_voice_would_rest(value: int) -> None:
    assert re.fullmatch(r"[a-z]+(?:[ -][a-z]+)*", ENGLISH.speak(Number(value)))


@each_of(
    ("day", "name"),
    [
        (1, "the first"),
        (2, "the second"),
        (3, "the third"),
        (5, "the fifth"),
        (8, "the eighth"),
        (9, "the ninth"),
        (12, "the twelfth"),
        (20, "the twentieth"),
        (21, "the twenty-first"),
        (30, "the thirtieth"),
    ],
)
def test_a_day_of_the_month_is_spoken_as_an_ordinal(day: int, name: str) -> None:
    spoken = [ENGLISH.speak(DayOfMonth(day), form) for form in ("", "the", "on", "from", "until")]
    assert spoken == [name, name, f"on {name}", f"from {name}", f"until {name}"]


@each_of(
    ("value", "form", "words"),
    [
        (Number(105), "", "one hundred and five"),
        (Number(-5), "", "minus five"),
        (Number(2), "the", "the two"),
        (Count(2), "", "two"),
        (Count(2), "the", "the two"),
        (Money(4500), "", "four thousand five hundred forints"),
        (Money(1), "", "one forint"),
        (Digits("20293811"), "", "two zero two nine,| three eight one one"),
        (Key("1"), "", "one"),
        (Key("0"), "press", "zero"),
        (Key("*"), "short", "star"),
        (Key("#"), "press", "hash"),
        (Path("5.3"), "", "five point three"),
        (Path("2.1.1.2"), "menu", "two point one point one point two"),
        (Path("5.3"), "the", "the five point three"),
        (
            PhoneNumber("+3680202938"),
            "",
            "zero six,| eight zero,| two zero two,| nine three eight",
        ),
        (PhoneNumber("+3612382919"), "", "zero six,| one,| two three eight,| two nine one nine"),
        (
            PhoneNumber("+14155550100"),
            "",
            "plus one,| four one five,| five five five,| zero one zero zero",
        ),
    ],
)
def test_a_value_is_spoken_in_english_words(value: SlotValue, form: str, words: str) -> None:
    assert ENGLISH.speak(value, form) == words


@each_of(
    ("day", "form", "words"),
    [
        (date(2026, 12, 1), "", "the first of December"),
        (date(2026, 12, 1), "on", "on the first of December"),
        (date(2026, 12, 1), "the_on", "on the first of December"),
        (date(2026, 12, 1), "the", "the first of December"),
        (
            date(2027, 12, 1),
            "from",
            "from the first of December, two thousand and twenty-seven",
        ),
        (
            date(2027, 1, 31),
            "until",
            "until the thirty-first of January, two thousand and twenty-seven",
        ),
        (date(1998, 5, 9), "", "the ninth of May, nineteen ninety-eight"),
        (date(1905, 5, 9), "", "the ninth of May, nineteen oh five"),
        (date(1900, 5, 9), "", "the ninth of May, nineteen hundred"),
    ],
)
def test_a_date_is_spoken_in_english_words(day: date, form: str, words: str) -> None:
    assert ENGLISH.speak(Date(day, TODAY), form) == words


@pytest.mark.parametrize(
    ("week", "words"),
    [
        (
            [OpenHours((0, 1, 2, 3, 4), time(8), time(20))],
            "Monday to Friday from eight in the morning until eight in the evening",
        ),
        (
            [OpenHours((0, 1, 3, 4), time(8), time(14)), OpenHours((2,), time(8), time(20))],
            (
                "on Monday, Tuesday, Thursday and Friday from eight in the morning until two in the"
                " afternoon, and on Wednesday from eight in the morning until eight in the evening"
            ),
        ),
        (
            [OpenHours((0,), time(8, 5), time(12)), OpenHours((0,), time(12, 30), time(0))],
            (
                "on Monday from eight oh five in the morning until noon and from twelve thirty in"
                " the afternoon until midnight"
            ),
        ),
        (
            [OpenHours((4, 5, 6), time(0, 30), time(22))],
            "Friday to Sunday from twelve thirty at night until ten at night",
        ),
        ([OpenHours((5, 6), time(0), time(0))], "on Saturday and Sunday around the clock"),
        ([OpenHours(tuple(range(7)), time(0), time(0))], "every day of the week, around the clock"),
    ],
)
def test_weekly_hours_are_spoken_in_english_words(week: list[OpenHours], words: str) -> None:
    assert ENGLISH.speak(Hours(tuple(week))) == words


def test_a_span_of_days_says_that_its_last_day_belongs_to_it() -> None:
    today = date(2026, 11, 16)
    same = DateSpan(date(2026, 12, 20), date(2026, 12, 26), today)
    assert ENGLISH.speak(same) == "from the twentieth to the twenty-sixth of December inclusive"
    turning = DateSpan(date(2026, 12, 28), date(2027, 1, 3), today)
    assert ENGLISH.speak(turning) == (
        "from the twenty-eighth of December to the third of January, two thousand and"
        " twenty-seven inclusive"
    )


def test_hours_of_the_day_are_told_by_the_part_of_the_day() -> None:
    assert ENGLISH.speak(Hour(14), "from") == "from two in the afternoon"
    assert ENGLISH.speak(Hour(0), "by") == "by midnight"

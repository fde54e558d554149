"""Hungarian numerals: checked by a parser that reads them back, and by the rules of spelling."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.slots import Count, Digits, Money, Number
from menus.speech import speaker
from tests.support.runs.tables import each_of

HUNGARIAN = speaker("hu")

UNITS = {
    "": 0,
    "egy": 1,
    "két": 2,
    "kettő": 2,
    "három": 3,
    "négy": 4,
    "öt": 5,
    "hat": 6,
    "hét": 7,
    "nyolc": 8,
    "kilenc": 9,
}
ROUND_TENS = {"tíz": 10, "húsz": 20}
TENS_WITH_UNITS = {"tizen": 10, "huszon": 20}
OTHER_TENS = {
    "harminc": 30,
    "negyven": 40,
    "ötven": 50,
    "hatvan": 60,
    "hetven": 70,
    "nyolcvan": 80,
    "kilencven": 90,
}


def read_below_hundred(words: str) -> int:
    if words in ROUND_TENS:
        return ROUND_TENS[words]
    for stem, tens in TENS_WITH_UNITS.items():
        if words.startswith(stem):
            assert words != stem, "a linking stem needs a unit"
            return tens + UNITS[words.removeprefix(stem)]
    for stem, tens in OTHER_TENS.items():
        if words.startswith(stem):
            return tens + UNITS[words.removeprefix(stem)]
    return UNITS[words]


def read_below_thousand(words: str) -> int:
    hundreds, found, rest = words.rpartition("száz")
    assert hundreds != "kettő", "two is két before száz"
    return (UNITS[hundreds] or 1) * 100 * bool(found) + read_below_hundred(rest)


def read(words: str) -> int:
    """Hungarian number words back to the integer; KeyError for anything that is no numeral."""
    if words == "nulla":
        return 0
    total = 0
    for scale, size in (("milliárd", 10**9), ("millió", 10**6), ("ezer", 10**3)):
        many, found, rest = words.partition(scale)
        if not found:
            continue
        assert not many.endswith("kettő"), f"two is két before {scale}"
        assert many or scale == "ezer", "only ezer may stand without a multiplier"
        total += (read_below_thousand(many) or 1) * size
        words = rest.removeprefix("-")
    return total + read_below_thousand(words)


def cardinal(value: int) -> str:
    return HUNGARIAN.speak(Number(value))


@given(st.integers(0, 10**9) | st.integers(0, 3000) | st.integers(0, 10**6))
def test_every_cardinal_reads_back_as_its_number(value: int) -> None:
    assert read(cardinal(value)) == value


def test_every_cardinal_to_ten_thousand_reads_back_as_its_number() -> None:
    assert [read(cardinal(value)) for value in range(10_001)] == list(range(10_001))


@given(st.integers(0, 10**9) | st.integers(1900, 2100))
def test_hyphens_part_the_groups_of_three_figures_only_above_two_thousand(value: int) -> None:
    groups = [group for group in f"{value:,}".split(",") if int(group)]
    assert cardinal(value).count("-") == (len(groups) - 1 if value > 2000 else 0)


@given(st.integers(1, 10**12))
def test_a_negative_number_is_the_positive_one_with_minus_before_it(value: int) -> None:
    assert cardinal(-value) == f"mínusz {cardinal(value)}"


@given(st.integers(0, 10**12))
def test_a_count_differs_from_the_number_only_in_a_final_two(value: int) -> None:
    assert HUNGARIAN.speak(Count(value)) == re.sub("kettő$", "két", cardinal(value))


@each_of(
    ("value", "words"),
    [
        (0, "nulla"),
        (2, "kettő"),
        (10, "tíz"),
        (11, "tizenegy"),
        (12, "tizenkettő"),
        (20, "húsz"),
        (22, "huszonkettő"),
        (30, "harminc"),
        (37, "harminchét"),
        (100, "száz"),
        (102, "százkettő"),
        (200, "kétszáz"),
        (1000, "ezer"),
        (1100, "ezeregyszáz"),
        (1300, "ezerháromszáz"),
        (1999, "ezerkilencszázkilencvenkilenc"),
        (2000, "kétezer"),
        (2001, "kétezer-egy"),
        (2026, "kétezer-huszonhat"),
        (2100, "kétezer-egyszáz"),
        (3000, "háromezer"),
        (4500, "négyezer-ötszáz"),
        (12_000, "tizenkétezer"),
        (12_345, "tizenkétezer-háromszáznegyvenöt"),
        (17_635, "tizenhétezer-hatszázharmincöt"),
        (22_002, "huszonkétezer-kettő"),
        (100_000, "százezer"),
        (102_000, "százkétezer"),
        (202_938, "kétszázkétezer-kilencszázharmincnyolc"),
        (1_000_000, "egymillió"),
        (1_000_001, "egymillió-egy"),
        (1_001_000, "egymillió-egyezer"),
        (1_500_000, "egymillió-ötszázezer"),
        (2_000_000, "kétmillió"),
        (5_837_952, "ötmillió-nyolcszázharminchétezer-kilencszázötvenkettő"),
        (10**9, "egymilliárd"),
        (10**12, "egybillió"),
        (2 * 10**15 + 12, "kétbilliárd-tizenkettő"),
        (-5, "mínusz öt"),
    ],
)
def test_a_number_standing_alone_is_spoken_as_a_word(value: int, words: str) -> None:
    assert cardinal(value) == words


@each_of(
    ("value", "words"),
    [
        (0, "nulla"),
        (1, "egy"),
        (2, "két"),
        (3, "három"),
        (12, "tizenkét"),
        (22, "huszonkét"),
        (32, "harminckét"),
        (102, "százkét"),
        (2000, "kétezer"),
        (2002, "kétezer-két"),
    ],
)
def test_a_count_before_a_noun(value: int, words: str) -> None:
    assert HUNGARIAN.speak(Count(value)) == words


@pytest.mark.parametrize(
    ("forints", "words"),
    [
        (4500, "négyezer-ötszáz forint"),
        (3000, "háromezer forint"),
        (2, "kettő forint"),
        (-1300, "mínusz ezerháromszáz forint"),
    ],
)
def test_an_amount_of_money_ends_in_a_singular_forint(forints: int, words: str) -> None:
    assert HUNGARIAN.speak(Money(forints)) == words


AZ = [
    *(1, 5, *range(50, 60), *range(500, 600), *range(1000, 2000), *range(5000, 6000)),
    *(50_000, 59_999, 500_000, 599_999, 1_000_000, 1_999_999, 5_000_000, 10**9),
]


def test_az_stands_before_every_numeral_that_begins_with_a_vowel_and_a_before_the_rest() -> None:
    with_az = set(AZ)
    for value in {*range(10_000), *AZ, 49_999, 60_000, 100_000, 2_000_000, -5}:
        article = "az" if value in with_az else "a"
        assert HUNGARIAN.speak(Number(value), "the") == f"{article} {cardinal(value)}"


def test_an_article_goes_before_counts_and_digits_too() -> None:
    assert HUNGARIAN.speak(Count(2), "the") == "a két"
    assert HUNGARIAN.speak(Count(1), "the") == "az egy"
    assert HUNGARIAN.speak(Digits("05"), "the") == "a nulla öt"
    assert HUNGARIAN.speak(Digits("50"), "the") == "az öt nulla"


def test_a_user_id_is_spoken_in_two_groups_of_four_with_a_rest_between() -> None:
    words = HUNGARIAN.speak(Digits("20293811"))
    assert words == "kettő nulla kettő kilenc,| három nyolc egy egy"


@given(st.text("2", min_size=1, max_size=20))
def test_the_digit_two_is_always_ketto_which_is_not_misheard_as_het(digits: str) -> None:
    assert set(re.findall(r"\w+", HUNGARIAN.speak(Digits(digits)))) == {"kettő"}

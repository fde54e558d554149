"""What holds in every language: all kinds spoken, the same forms, no figures, clear refusals."""

import re
from datetime import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.slots import (
    PAUSE,
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
    Verbatim,
    Words,
)
from menus.speech import SPEAKERS, Speaker, SpeechError, speaker
from tests.support.runs.tables import each_of

EVERY_LANGUAGE = pytest.mark.parametrize("voice", SPEAKERS.values(), ids=SPEAKERS)

numbers = st.integers(-(10**18) + 1, 10**18 - 1)
minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
open_hours = st.builds(
    lambda weekdays, ends, until_midnight: OpenHours(
        tuple(weekdays), min(ends), time(0) if until_midnight else max(ends)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(minutes, min_size=2, max_size=2),
    st.booleans(),
)
VALUES: dict[type, st.SearchStrategy[SlotValue]] = {
    Digits: st.builds(Digits, st.text("0123456789", min_size=1, max_size=20)),
    Number: st.builds(Number, numbers),
    Count: st.builds(Count, st.integers(0, 10**18 - 1)),
    Money: st.builds(Money, numbers),
    Date: st.builds(Date, st.dates(), st.dates()),
    DateSpan: st.builds(
        lambda days, today: DateSpan(min(days), max(days), today),
        st.tuples(st.dates(), st.dates()),
        st.dates(),
    ),
    Hour: st.builds(Hour, st.integers(0, 23)),
    DayOfMonth: st.builds(DayOfMonth, st.integers(1, 31)),
    Key: st.builds(Key, st.sampled_from("0123456789*#")),
    Path: st.builds(
        lambda menus: Path(".".join(map(str, menus))),
        st.lists(st.integers(0, 99), min_size=1, max_size=5),
    ),
    PhoneNumber: st.builds(
        lambda prefix, rest: PhoneNumber(prefix + rest),
        st.sampled_from(["+361", "+3620", "+3646", "+3680", "+36", "+1", "+44"]),
        st.text("0123456789", min_size=1, max_size=11),
    ),
    Hours: st.builds(lambda week: Hours(tuple(week)), st.lists(open_hours, min_size=1)),
    Verbatim: st.builds(Verbatim, st.text("aáŐ |.,\n")),
}


@given(st.data())
@pytest.mark.parametrize("kind", VALUES)
@EVERY_LANGUAGE
def test_every_valid_value_is_spoken_in_every_form_without_figures(
    voice: Speaker, kind: type, data: st.DataObject
) -> None:
    value = data.draw(VALUES[kind])
    for form in voice.forms()[kind]:
        spoken = voice.speak(value, form)
        assert not re.search(r"[0-9]|\s\s|^\s|\s$|[^,]\||\|[^ ]|\|$", spoken), spoken
        assert spoken or kind is Verbatim


@given(st.integers(1, 20).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)))
@EVERY_LANGUAGE
def test_digits_rest_after_groups_of_two_to_four(voice: Speaker, digits: str) -> None:
    groups = [group.split() for group in voice.speak(Digits(digits)).split(PAUSE)]
    assert sum(map(len, groups)) == len(digits)
    if len(digits) > 1:
        assert {len(group) for group in groups} <= {2, 3, 4}


@each_of(
    ("length", "sizes"),
    [(1, [1]), (4, [4]), (5, [2, 3]), (6, [3, 3]), (7, [3, 4]), (8, [4, 4]), (9, [3, 3, 3])],
)
@EVERY_LANGUAGE
def test_common_lengths_are_cut_evenly(voice: Speaker, length: int, sizes: list[int]) -> None:
    spoken = voice.speak(Digits("7" * length))
    assert [len(group.split()) for group in spoken.split(PAUSE)] == sizes


@EVERY_LANGUAGE
def test_every_kind_but_words_is_spoken(voice: Speaker) -> None:
    assert set(voice.forms()) == set(get_args(SlotValue)) - {Words} == set(VALUES)


def test_every_language_knows_the_same_forms() -> None:
    assert speaker("hu").forms() == speaker("en").forms()
    assert speaker("hu").forms()[DayOfMonth] == {
        *("", "on", "from", "until"),
        *("the", "the_on", "the_from", "the_until"),
    }
    assert speaker("hu").forms()[Key] == {"", "press", "short"}


def test_each_language_names_its_locale() -> None:
    assert {known: voice.locale for known, voice in SPEAKERS.items()} == {
        "hu": "hu-HU",
        "en": "en-GB",
    }
    assert all(voice.language == known for known, voice in SPEAKERS.items())


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SpeechError, match=r"'de'; known: en, hu"):
        speaker("de")


@EVERY_LANGUAGE
def test_an_unknown_form_is_refused_with_the_known_ones(voice: Speaker) -> None:
    with pytest.raises(SpeechError, match=r"Key has no form 'the'; known: '', 'press', 'short'"):
        voice.speak(Key("1"), "the")
    with pytest.raises(SpeechError, match="DayOfMonth has no form 'the_'"):
        voice.speak(DayOfMonth(1), "the_")


@EVERY_LANGUAGE
def test_words_are_left_to_the_phrasebook(voice: Speaker) -> None:
    with pytest.raises(SpeechError, match=r"Words .* phrasebook"):
        voice.speak(Words("welcome"))


@each_of(
    ("value", "bound"),
    [
        (Digits(""), "digits 0-9"),
        (Digits("12a"), "digits 0-9"),
        (Digits("١٢"), "digits 0-9"),
        (Number(10**18), "nearer to zero"),
        (Count(-1), "from 0"),
        (Money(-(10**18)), "nearer to zero"),
        (DayOfMonth(0), "1 to 31"),
        (DayOfMonth(32), "1 to 31"),
        (Key("A"), "keys 0-9"),
        (Key("12"), "keys 0-9"),
        (Path("2..1"), "dots between"),
        (Path("2.100"), "dots between"),
        (PhoneNumber("0680202938"), "E.164"),
        (PhoneNumber("+0680202938"), "E.164"),
        (Hours(()), "at least one weekday"),
        (Hours((OpenHours((), time(8), time(9)),)), "at least one weekday"),
        (Hours((OpenHours((7,), time(8), time(9)),)), "0-6"),
        (Hours((OpenHours((0,), time(9), time(8)),)), "closing after they open"),
        (Hours((OpenHours((0,), time(8, 0, 1), time(9)),)), "whole minutes"),
    ],
)
@EVERY_LANGUAGE
def test_a_value_out_of_bounds_is_refused_with_its_kind_and_its_bounds(
    voice: Speaker, value: SlotValue, bound: str
) -> None:
    with pytest.raises(SpeechError, match=f"^{type(value).__name__} .*{re.escape(bound)}"):
        voice.speak(value)


@EVERY_LANGUAGE
def test_a_refusal_never_repeats_a_customers_number(voice: Speaker) -> None:
    for value in (Digits("4827193x"), PhoneNumber("06301234567"), Key("4827")):
        with pytest.raises(SpeechError) as refusal:
            voice.speak(value)
        assert not re.search(r"4827|0630", str(refusal.value))

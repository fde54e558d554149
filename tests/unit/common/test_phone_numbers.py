"""Telephone numbers as Hungarians write them, all to one E.164 number."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.phone_numbers import (
    NotAPhoneNumberError,
    all_to_e164,
    carriers_number,
    is_callable,
    is_mobile,
    is_valid,
    to_e164,
)
from tests.support.runs.tables import each_of


@each_of(
    "text",
    [
        "+36301234567",
        "06301234567",
        "06 30 123 4567",
        "06-30/123-4567",
        "(06-30) 123-4567",
        "0036301234567",
        "30/123-4567",
        "301234567",
        "36301234567",
        "+36 (0)30 123 4567",
        "06.30.123.4567",
        "+36\u00a030\u00a0123\u00a04567",
        "＋３６３０１２３４５６７",
    ],
)
def test_every_usual_spelling_of_a_mobile_number_is_the_same_number(text: str) -> None:
    assert to_e164(text) == "+36301234567"
    assert is_valid("+36301234567")


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("06 1 234 5678", "+3612345678"),
        ("(1) 234-5678", "+3612345678"),
        ("06 76 123 456", "+3676123456"),
        ("06 80 123 456", "+3680123456"),
        ("06 21 123 4567", "+36211234567"),
        ("+44 7911 123456", "+447911123456"),
    ],
)
def test_landlines_service_numbers_and_foreign_numbers_are_understood(text: str, e164: str) -> None:
    assert to_e164(text) == e164
    assert is_valid(e164)


@pytest.mark.parametrize("text", ["+36301234567 (anya)", "06 30 HIVJ FEL", "sip:anna@pbx.hu"])
def test_letters_are_refused_and_never_dialled(text: str) -> None:
    with pytest.raises(NotAPhoneNumberError, match="has letters in it"):
        to_e164(text)


@pytest.mark.parametrize("text", ["112", "12345", "+36 20/30/70 938-3838", "---", "+", "0630 1"])
def test_what_is_not_one_number_is_refused(text: str) -> None:
    with pytest.raises(NotAPhoneNumberError, match="is not one telephone number"):
        to_e164(text)


@pytest.mark.parametrize(
    "text",
    [
        "06301234567;06201234567",
        "06301234567#12",
        "06301234567,,5",
        "06301234567~5",
        "0612345678#12",
        "tel:+36301234567;ext=12",
        "sip:06301234567%2306201234567@pbx.example.hu",
    ],
)
def test_an_extension_may_be_a_second_number_and_is_refused(text: str) -> None:
    with pytest.raises(NotAPhoneNumberError, match="is not one telephone number"):
        to_e164(text)


@each_of(
    "text",
    [
        "+3680000010",
        "3680000010",
        "0680000010",
        "003680000010",
        "tel:+36-80-000-010",
        "tel:0680000010",
        "sip:+3680000010@trunk.example.hu",
        "sip:%2B3680000010@trunk.example.hu:5060;user=phone",
        "<sips:0680000010;npdi@trunk.example.hu>",
        "SIP:3680000010@192.0.2.1",
    ],
)
def test_every_way_in_which_a_carrier_writes_a_number_is_the_same_number(text: str) -> None:
    assert to_e164(text) == carriers_number(text) == "+3680000010"


@pytest.mark.parametrize(
    "text", ["", "anonymous", "client:phone", "sip:anna@pbx.hu", "sip:1234567@pbx.hu", "266696687"]
)
def test_words_and_extensions_are_no_number_of_a_party(text: str) -> None:
    assert carriers_number(text) is None


@pytest.mark.parametrize("e164", ["+36551234567", "+3630123456", "nonsense"])
def test_a_number_outside_the_numbering_plan_is_not_valid(e164: str) -> None:
    assert not is_valid(e164)


@given(
    start=st.sampled_from(["+36", "0036", "06", "36", ""]),
    prefix=st.sampled_from(["20", "30", "31", "50", "70"]),
    rest=st.from_regex(r"[0-9]{7}", fullmatch=True),
    separators=st.lists(st.sampled_from(["", " ", "-", "/", "."]), min_size=2, max_size=2),
)
def test_the_short_cut_for_mobiles_agrees_with_the_library(
    start: str, prefix: str, rest: str, separators: list[str]
) -> None:
    text = f"{start}{separators[0]}{prefix}{separators[1]}{rest}"
    number = phonenumbers.parse(text, "HU")
    expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert to_e164(text) == expected == f"+36{prefix}{rest}"
    assert is_valid(expected) == phonenumbers.is_valid_number(number)


@each_of(
    ("e164", "mobile", "callable_"),
    [
        ("+36301234567", True, True),
        ("+36501234567", True, True),
        ("+3612345678", False, True),
        ("+3646535535", False, True),
        ("+36211234567", False, True),
        ("+3680202938", False, False),
        ("+3690123456", False, False),
        ("+3691123456", False, False),
        ("+36511234567", False, False),
        ("+436641234567", False, False),
        ("+447911123456", False, False),
        ("06301234567", False, False),
        ("", False, False),
    ],
)
def test_only_hungarian_numbers_of_ordinary_price_are_called_back(
    e164: str, mobile: bool, callable_: bool
) -> None:
    assert (is_mobile(e164), is_callable(e164)) == (mobile, callable_)


def _number_or_fault(text: str) -> str:
    try:
        return to_e164(text)
    except NotAPhoneNumberError as error:
        return str(error)


_SEPARATED = st.sampled_from(["", "", "", " ", "-", "/", ".", "(", ")", "(0)", "\u00a0", "\t", "x"])


@given(
    numbers=st.lists(
        st.tuples(
            st.sampled_from(["", "06", "+36", "0036", "36", "0", "+", "sip:+36", "+44"]),
            st.lists(st.tuples(_SEPARATED, st.sampled_from("0123456789")), max_size=10),
            _SEPARATED,
        ),
        max_size=5,
    ),
    odd=st.sampled_from(["", "06 1 234 5678", "06\n1 2345678", "nincs", "12345678"]),
)
def test_many_numbers_at_once_are_the_numbers_that_each_is_alone(
    numbers: list[tuple[str, list[tuple[str, str]], str]], odd: str
) -> None:
    texts = [prefix + "".join(map("".join, digits)) + suffix for prefix, digits, suffix in numbers]
    texts.append(odd)
    assert all_to_e164(texts, _number_or_fault) == [_number_or_fault(text) for text in texts]

"""Which numbers a text message can reach: the short cut for mobiles and everything else."""

import json
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from common.phone_numbers import NotAPhoneNumberError, to_e164
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.recipients.number_checks import UNREADABLE, read_number, why_not
from tests.support.runs.tables import each_of

NUMBERS = json.loads((Path(__file__).parents[2] / "data" / "hu_numbers.json").read_text("utf-8"))
BY_TYPE = {
    "MOBILE": None,
    "FIXED_LINE": Reason.LANDLINE,
    "TOLL_FREE": Reason.TOLL_FREE,
    "VOIP": Reason.VOIP,
    "PREMIUM_RATE": Reason.NOT_MOBILE,
    "UAN": Reason.NOT_MOBILE,
    "UNKNOWN": Reason.INVALID,
}


@each_of("vector", NUMBERS["_vectors"])
def test_every_known_spelling_gets_the_reason_of_its_type(vector: dict[str, Any]) -> None:
    number = read_number(vector["in"])
    # An address with a scheme is a number; letters are none.
    if any(character.isalpha() for character in vector["in"].removeprefix("tel:")):
        assert why_not(number, voip_allowed=False) is Reason.INVALID
    elif vector["in"] == "+36(0)301234567":
        # The nought in brackets is for callers at home: we read what the library does not.
        assert number == "+36301234567"
    else:
        assert why_not(number, voip_allowed=False) is BY_TYPE[vector["type"]]


@pytest.mark.parametrize("kind", [name for name in NUMBERS if not name.startswith("_")])
def test_the_plans_own_examples_get_the_reason_of_their_type(kind: str) -> None:
    example_of_it = read_number(NUMBERS[kind]["intl"])
    assert example_of_it == NUMBERS[kind]["e164"]
    assert why_not(example_of_it, voip_allowed=False) is BY_TYPE[kind.upper()]


@each_of(
    ("text", "reason"),
    [
        ("+44 7911 123456", Reason.FOREIGN),
        ("+43 1 534530", Reason.FOREIGN),
        ("+1 202 456 1111", Reason.FOREIGN),
        ("+800 1234 5678", Reason.FOREIGN),
        ("+44 1632 960961", Reason.INVALID),
        ("+36 55 123 4567", Reason.INVALID),
        ("06 30 123 4567 (anya)", Reason.INVALID),
        ("nincs", Reason.INVALID),
        ("-", Reason.INVALID),
        ("112", Reason.INVALID),
        ("+999 1234567", Reason.INVALID),
        ("1234567890123456789", Reason.INVALID),
    ],
)
def test_what_is_no_number_or_not_of_this_country_is_told_apart(text: str, reason: Reason) -> None:
    assert why_not(read_number(text), voip_allowed=True) is reason


def test_voice_over_ip_is_a_mobiles_equal_only_where_the_policy_says_so() -> None:
    assert why_not("+36211234567", voip_allowed=False) is Reason.VOIP
    assert why_not("+36211234567", voip_allowed=True) is None


def test_what_cannot_be_read_is_invalid_whoever_looks_at_it_later() -> None:
    assert read_number("anya") == UNREADABLE
    assert why_not(UNREADABLE, voip_allowed=True) is Reason.INVALID


E164 = st.one_of(
    st.from_regex(r"\+36[0-9]{6,10}", fullmatch=True),
    st.from_regex(r"\+36[1-9][0-9]{7,8}", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True),
)


KINDS = {
    PhoneNumberType.UNKNOWN: Reason.INVALID,
    PhoneNumberType.MOBILE: None,
    PhoneNumberType.FIXED_LINE: Reason.LANDLINE,
    PhoneNumberType.TOLL_FREE: Reason.TOLL_FREE,
    PhoneNumberType.VOIP: Reason.VOIP,
    PhoneNumberType.UAN: Reason.NOT_MOBILE,
    PhoneNumberType.PREMIUM_RATE: Reason.NOT_MOBILE,
}


@given(E164)
@example("+36201234567")
@example("+3606301234567")
def test_the_short_cuts_agree_with_the_numbering_plan(e164: str) -> None:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        number = None
    expected: Reason | None = Reason.INVALID
    if number and number.country_code != 36 and phonenumbers.is_valid_number(number):
        expected = Reason.FOREIGN
    elif number and phonenumbers.format_number(number, PhoneNumberFormat.E164) == e164:
        expected = KINDS[phonenumbers.number_type(number)]
    assert why_not(e164, voip_allowed=False) is expected


@pytest.mark.parametrize(
    "text", ["36301234567", "x+36301234567", "+36301234567\n", "+36 301234567"]
)
def test_what_is_not_written_in_e164_is_not_sent_to(text: str) -> None:
    assert why_not(text, voip_allowed=True) is Reason.INVALID


@given(st.text(alphabet="+0123456789 -/().Ax٣", max_size=18))
def test_reading_a_text_never_fails_and_is_what_the_records_would_hold(text: str) -> None:
    number = read_number(text)
    try:
        assert number == to_e164(text)
    except NotAPhoneNumberError:
        assert number == UNREADABLE
    why_not(number, voip_allowed=False)

"""Telephone numbers in the ways in which Hungarians write them, turned to E.164."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

_REGION = "HU"
_SEPARATORS = str.maketrans("", "", " \t\u00a0-/().")
_MOBILE = re.compile(r"(?:\+36|0036|06|36)?((?:20|30|31|50|70)[0-9]{7})")
"""A mobile number without its separators, however it begins: nearly every number there is."""

_HUNGARY = 36
_PEOPLES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.UAN,
    }
)
"""Kinds of numbers at which people answer, at the price of an ordinary call."""


class NotAPhoneNumberError(ValueError):
    """No number can be made out; the text says what is wrong and how to write it."""


def to_e164(text: str) -> str:
    """The number in E.164, foreign ones by their country code.

    Letters are refused first: the library would dial them ("anya" as digits). What has too few or
    too many digits for any number, such as three numbers in one, is refused as well. Whether a
    number is in use is another question: ask ``is_valid``.
    """
    bare = text.translate(_SEPARATORS)
    mobile = _MOBILE.fullmatch(bare)
    if mobile and bare.isascii():
        return f"+36{mobile[1]}"
    if any(character.isalpha() for character in text):
        raise NotAPhoneNumberError("has letters in it. Write the number alone.")
    try:
        # "+36 (0)30 …": the nought in brackets is for callers at home.
        number = phonenumbers.parse(text.replace("(0)", ""), _REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise NotAPhoneNumberError(
            "is not one telephone number. Write it like +36301234567 or 06 30 123 4567."
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_valid(e164: str) -> bool:
    """Whether the numbering plan has such a number."""
    if is_mobile(e164):
        return True
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


def is_mobile(e164: str) -> bool:
    """Whether it is a plain Hungarian mobile, which is what gets text messages."""
    return e164.startswith("+36") and _MOBILE.fullmatch(e164) is not None


def is_callable(e164: str) -> bool:
    """Whether a colleague may dial it: a Hungarian number of ordinary price.

    Premium rates and foreign numbers are not: whoever calls could send us the bill.
    """
    if is_mobile(e164):
        return True
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return False
    return number.country_code == _HUNGARY and phonenumbers.number_type(number) in _PEOPLES

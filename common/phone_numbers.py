"""Telephone numbers as Hungarians and carriers write them, turned to E.164.

Every front end reads numbers by ``to_e164``: what is a number for one is the same number for all.

The library of the world's numbering plans is imported by the functions that ask it: mobile numbers
and most commands do without.
"""

import re
from collections.abc import Callable, Iterable

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_REGION = "HU"
_SEPARATORS = str.maketrans("", "", " \t\u00a0-/().")
MOBILE_AREAS = ("20", "30", "31", "50", "70")
_AREA = "|".join(MOBILE_AREAS)
_MOBILE = re.compile(rf"(?:\+36|0036|06|36)?((?:{_AREA})[0-9]{{7}})")
"""A mobile number without its separators, however it begins: nearly every number there is."""
_MOBILE_E164 = re.compile(rf"\+36(?:{_AREA})[0-9]{{7}}")
_EIGHT_DIGITS = re.compile(r"(?:\+36|0036|06)[ /-]?[1-9](?:[ /-]?[0-9]){7}")
"""As a landline's number is mostly written."""

_ADDRESS = re.compile(r"\s*<?\s*(?:sips?|tel):(?://)?([^@;?>]*)([^>]*)>?\s*", re.IGNORECASE)
"""A ``sip:`` or ``tel:`` address: the user part or number, and what follows it."""
_ESCAPED = re.compile(r"%([2-7][0-9A-Fa-f])")
_EXTENSION = re.compile(r";ext=", re.IGNORECASE)
_BARE_MOBILE = re.compile(
    r"(?<!\d)\(?(?:20|30|31|50|70)\)?[ \u00a0/.-]*\d{3}[ \u00a0.-]?\d{4}(?!\d)"
)
"""As people write it without "06", which the library does not look for."""

_HUNGARY = 36
_PEOPLES = frozenset({"FIXED_LINE", "MOBILE", "FIXED_LINE_OR_MOBILE", "VOIP", "UAN"})
"""Kinds of numbers at which people answer, at the price of an ordinary call."""

_NOT_ONE = "is not one telephone number. Write it like +36301234567 or 06 30 123 4567."


class NotAPhoneNumberError(ValueError):
    """No number can be made out; the text says what is wrong and how to write it."""


def is_e164(number: str) -> bool:
    """Whether it is written as a carrier wants it: plus, country code, 7 to 15 digits, no more."""
    return _E164.fullmatch(number) is not None


def to_e164(text: str) -> str:
    """The number in E.164, foreign ones by their country code.

    The number of a ``sip:`` or ``tel:`` address counts (RFC 3261 and 3966). Letters are refused:
    the library would dial them ("anya" as digits). What has too few or too many digits for any
    number, such as three numbers in one, is refused as well, and so is an extension: it may be a
    second number. Whether a number is in use is another question: ask ``is_valid``.

    Raises ``NotAPhoneNumberError``.
    """
    address = _ADDRESS.fullmatch(text)
    if address is not None:
        if _EXTENSION.search(address[2]):
            raise NotAPhoneNumberError(_NOT_ONE)
        text = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), address[1])
    bare = text.translate(_SEPARATORS)
    mobile = _MOBILE.fullmatch(bare)
    if mobile and bare.isascii():
        return f"+36{mobile[1]}"
    if any(character.isalpha() for character in text):
        raise NotAPhoneNumberError("has letters in it. Write the number alone.")
    import phonenumbers

    try:
        # "+36 (0)30 …": the nought in brackets is for callers at home.
        number = phonenumbers.parse(text.replace("(0)", ""), _REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise NotAPhoneNumberError(_NOT_ONE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def all_to_e164(texts: Iterable[str], read: Callable[[str], str] = to_e164) -> list[str]:
    """``read`` of each, which is ``to_e164`` or falls back on something where that raises.

    Hungarian numbers in usual spellings are told by their shape, all others by ``read``: a property
    test holds the two together.
    """
    written = list(texts)
    bare = "\n".join(written).translate(_SEPARATORS).split("\n")
    if len(bare) != len(written):
        return [read(text) for text in written]
    return [
        f"+36{mobile[1]}"
        if (mobile := _MOBILE.fullmatch(number))
        else f"+36{number[-8:]}"
        if _EIGHT_DIGITS.fullmatch(text)
        else read(text)
        for number, text in zip(bare, written, strict=True)
    ]


def carriers_number(text: str) -> str | None:
    """The number, in E.164, that a carrier reports as a party of a call or message.

    ``None`` for a word or an address without a number, and for what is no number of the numbering
    plan once it is written out, such as an extension behind a switchboard.
    """
    if is_e164(text):
        return text
    try:
        number = to_e164(text)
    except NotAPhoneNumberError:
        return None
    return number if is_valid(number) else None


def is_valid(e164: str) -> bool:
    """Whether the numbering plan has such a number."""
    if is_mobile(e164):
        return True
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


def not_valid(numbers: Iterable[str | None]) -> list[int]:
    """The places of those that are numbers and not ``is_valid``."""
    mobile = _MOBILE_E164.fullmatch
    return [
        place
        for place, number in enumerate(numbers)
        if number is not None and not mobile(number) and not is_valid(number)
    ]


def require_in_plan(e164: str) -> str:
    """The number, unless it is a Hungarian one that the numbering plan does not have.

    Where a person means somebody's number: one digit too few still makes a possible number.
    Foreign plans change without our knowing, so of those only the length is known.

    Raises ``NotAPhoneNumberError``.
    """
    if e164.startswith(f"+{_HUNGARY}") and not is_valid(e164):
        raise NotAPhoneNumberError(
            "is in no numbering plan: a digit may be missing or too many. Check it."
        )
    return e164


def is_mobile(e164: str) -> bool:
    """Whether it is a plain Hungarian mobile, which is what gets text messages."""
    return _MOBILE_E164.fullmatch(e164) is not None


def is_callable(e164: str) -> bool:
    """Whether a colleague may dial it: a Hungarian number of ordinary price.

    Premium rates and foreign numbers are not: whoever calls could send us the bill.
    """
    if is_mobile(e164):
        return True
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return False
    kind = phonenumbers.number_type(number)
    return (
        number.country_code == _HUNGARY and phonenumbers.PhoneNumberType.to_string(kind) in _PEOPLES
    )


def holds_telephone_number(text: str) -> bool:
    """Whether a number of some numbering plan stands anywhere in a text, in whatever spelling."""
    import phonenumbers

    bare_mobile = _BARE_MOBILE.search(text) is not None
    return bare_mobile or phonenumbers.PhoneNumberMatcher(text, _REGION).has_next()


def printed_phone(e164: str) -> str:
    """A telephone number with its area code in groups: ``+36 1 238 2919`` (CO-13).

    Raises ``NotAPhoneNumberError`` for what is not a valid number in E.164.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise NotAPhoneNumberError("is no telephone number; write it as +3612382919")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked_phone(e164: str) -> str:
    """``+36 30 *** **67``: country, in Hungary the area too, and the last two figures."""
    try:
        country, _, number = printed_phone(e164).partition(" ")
    except NotAPhoneNumberError:
        return _hidden(e164)
    area, blank, rest = number.partition(" ")
    if country == f"+{_HUNGARY}" and blank:
        return f"{country} {area} {_hidden(rest)}"
    return f"{country} {_hidden(number)}"


def without_numbers(text: str) -> str:
    """The text with every telephone number in it masked, in whatever spelling."""
    import phonenumbers

    masked, at = [], 0
    for match in phonenumbers.PhoneNumberMatcher(text, _REGION):
        e164 = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        masked += [text[at : match.start], masked_phone(e164)]
        at = match.end
    return _BARE_MOBILE.sub(lambda bare: _hidden(bare[0]), "".join([*masked, text[at:]]))


def _hidden(number: str) -> str:
    return re.sub(r"[0-9](?=(?:[^0-9]*[0-9]){2})", "*", number)

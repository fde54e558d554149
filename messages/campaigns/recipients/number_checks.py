"""Which numbers a text message can reach: Hungarian mobiles, and what all the others are.

The numbering plan is that of ``phonenumbers`` (Hungary: 14/2020. (XII. 15.) NMHH). The usual case,
a Hungarian mobile, is told by its shape alone, in SQL by ``mobile_shape``.

The process that reads a file loads this, and does not wait for SQLAlchemy.
"""

import re

from common.phone_numbers import NotAPhoneNumberError, all_to_e164, is_e164, is_mobile, to_e164
from messages.campaigns.exclusion_reasons import Reason

UNREADABLE = ""
"""Stands for a text in which no number can be made out; the numbering plan has no such number."""

_HUNGARY = 36
_HUNGARIAN = re.compile(r"\+36([1-9][0-9]*)")


def read_number(text: str) -> str:
    """The number in E.164, or ``UNREADABLE``: a row with a bad number is left out, not refused."""
    try:
        return to_e164(text)
    except NotAPhoneNumberError:
        return UNREADABLE


def read_numbers(texts: list[str]) -> list[str]:
    """``read_number`` of each."""
    return all_to_e164(texts, read_number)


def why_not(e164: str, *, voip_allowed: bool) -> Reason | None:
    """Why this number gets no text message, or ``None``.

    A number of another country is ``foreign`` whatever its type; "+36 21" is a mobile's equal
    where the policy says so.
    """
    if is_mobile(e164):
        return None
    if not is_e164(e164):
        return Reason.INVALID
    hungarian = _HUNGARIAN.fullmatch(e164)
    if hungarian is None:
        return _why_not_abroad(e164)
    return _why_not_at_home(int(hungarian[1]), voip_allowed=voip_allowed)


def _why_not_at_home(national_number: int, *, voip_allowed: bool) -> Reason | None:
    # Loaded where a plan is asked, here and below: a list of campaigns need not wait for it.
    from phonenumbers import PhoneNumber, PhoneNumberType, number_type

    # Nothing is left to be parsed, which would take twice as long as all the rest.
    number = PhoneNumber(country_code=_HUNGARY, national_number=national_number)
    match number_type(number):
        case PhoneNumberType.MOBILE:
            return None
        case PhoneNumberType.VOIP:
            return None if voip_allowed else Reason.VOIP
        case PhoneNumberType.UNKNOWN:
            return Reason.INVALID
        case PhoneNumberType.FIXED_LINE:
            return Reason.LANDLINE
        case PhoneNumberType.TOLL_FREE:
            return Reason.TOLL_FREE
        case _:
            return Reason.NOT_MOBILE


def _why_not_abroad(e164: str) -> Reason:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Reason.INVALID
    elsewhere = number.country_code != _HUNGARY and phonenumbers.is_valid_number(number)
    return Reason.FOREIGN if elsewhere else Reason.INVALID

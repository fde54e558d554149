"""Which numbers a text message can reach: Hungarian mobiles, and what all the others are.

The numbering plan is that of ``phonenumbers`` (Hungary: 14/2020. (XII. 15.) NMHH). The usual case,
a Hungarian mobile, is told by its shape alone, in SQL too; a test proves that both agree.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumberType
from sqlalchemy import ColumnElement, or_

from backend.phone_numbers import NotAPhoneNumberError, to_e164
from sms.reasons import Reason

UNREADABLE = ""
"""Stands for a text in which no number can be made out; the numbering plan has no such number."""

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_MOBILE = re.compile(r"\+36(?:20|30|31|50|70)[0-9]{7}")
_HUNGARY = "+36"


def _hungarian(kind: str) -> re.Pattern[str]:
    plan = phonenumbers.PhoneMetadata.metadata_for_region("HU")
    assert plan is not None
    pattern = getattr(plan, kind).national_number_pattern
    # The plan leaves out a kind that the country does not have.
    return re.compile(rf"\{_HUNGARY}(?:{pattern})" if pattern else r"(?!)")


_KINDS = (
    (_hungarian("toll_free"), Reason.TOLL_FREE),
    (_hungarian("fixed_line"), Reason.LANDLINE),
    (_hungarian("voip"), Reason.VOIP),
    (_hungarian("general_desc"), Reason.NOT_MOBILE),
)


def read_number(text: str) -> str:
    """The number in E.164, or ``UNREADABLE``: a row with a bad number is left out, not refused."""
    try:
        return to_e164(text)
    except NotAPhoneNumberError:
        return UNREADABLE


def why_not(e164: str, *, voip_allowed: bool) -> Reason | None:
    """Why this number gets no text message, or ``None``.

    A number of another country is ``foreign`` whatever its type; "+36 21" is a mobile's equal
    where the policy says so.
    """
    if _MOBILE.fullmatch(e164):
        return None
    if not _E164.fullmatch(e164):
        return Reason.INVALID
    if e164.startswith(_HUNGARY):
        return _why_not_in_hungary(e164, voip_allowed)
    ...


def is_hungarian_mobile(phone: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """In SQL, whether a number in E.164 has the shape of a Hungarian mobile."""
    if dialect == "postgresql":
        return phone.collate("C").regexp_match(f"^{_MOBILE.pattern}$")
    digits = "[0-9]" * 7
    return or_(
        phone.op("GLOB", is_comparison=True)(f"+36[257]0{digits}"),
        phone.op("GLOB", is_comparison=True)(f"+363[01]{digits}"),
    )

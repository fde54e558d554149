"""What the carrier makes of a number that a message is to go to, or to come from."""

import re

E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
# The national numbering plan: mobile numbers have nine digits, all others but 21 have eight.
_MOBILE = re.compile(r"\+36(?:[257]0|3[01])\d{7}")
_FIXED = re.compile(r"\+36(?:21\d{7}|(?!(?:[257]0|3[01]))[1-9]\d{7})")


def is_recipient(number: str) -> bool:
    """Whether ``number`` is E.164, and of a possible length when it is Hungarian."""
    if number.startswith("+36"):
        return bool(_MOBILE.fullmatch(number) or _FIXED.fullmatch(number))
    return bool(E164.fullmatch(number))


def is_landline(number: str) -> bool:
    """Whether ``number`` is a Hungarian one that takes no messages: fixed, or toll-free."""
    return bool(_FIXED.fullmatch(number))


def is_sender(sender: str) -> bool:
    """Whether ``sender`` has the form of a number, a short code or an alphanumeric name."""
    return any(kind.fullmatch(sender) for kind in (E164, _SHORT_CODE, _ALPHANUMERIC))

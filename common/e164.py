"""The one way in which telephone numbers are kept and told to the carrier."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def is_e164(number: str) -> bool:
    """Whether it is written as a carrier wants it: plus, country code, 7 to 15 digits, no more."""
    return _E164.fullmatch(number) is not None

"""Whole units as people write them: 38400, 38 400, 38.400,5, 1.234.567.

A point or comma with exactly three figures behind it can be thousands or decimals. Nobody is billed
by a guess: it is sent back.
"""

import re

SPACES = " \\t\u00a0\u2009\u202f'’"
"""Written between thousands, and nowhere else in a number; for use within a set of a pattern."""

_SPACE = re.compile(f"[{SPACES}]")
_WHOLE = re.compile(r"([0-9]{1,9})(?:[.,][0-9]{1,3})?")
_AMBIGUOUS = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
_THOUSANDS = re.compile(
    r"([0-9]{1,3}(?: [0-9]{3}){1,2})(?:[.,][0-9]{1,3})?"
    r"|([0-9]{1,3}(?:\.[0-9]{3}){2})(?:,[0-9]{1,3})?|([0-9]{1,3}\.[0-9]{3}),[0-9]{1,3}"
    r"|([0-9]{1,3}(?:,[0-9]{3}){2})(?:\.[0-9]{1,3})?|([0-9]{1,3},[0-9]{3})\.[0-9]{1,3}"
)


class AmbiguousNumberError(ValueError):
    """What was written can be thousands or decimals; the text does not repeat it."""


def whole_units(written: str) -> int | None:
    """The whole units of a written number, decimals dropped; ``None`` when it is no number.

    Raises ``AmbiguousNumberError``.
    """
    text = _SPACE.sub(" ", written)
    if _AMBIGUOUS.fullmatch(text):
        raise AmbiguousNumberError("It can be thousands or decimals. Write it without a point.")
    plain = _WHOLE.fullmatch(text)
    if plain is not None:
        return int(plain[1])
    grouped = _THOUSANDS.fullmatch(text)
    if grouped is None:
        return None
    return int(re.sub(r"[^0-9]", "", next(filter(None, grouped.groups()))))

"""A meter reading in a message: ``ALLAS 20293811 48213377 41530``, with N and E for two tariffs.

Any case, with or without accents, whatever stands between the parts; what follows a decimal point
is dropped, as on the meter's red figures.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from messages.content.folding import folded
from sms.written_numbers import SPACES, whole_units

_KEYWORD = r"\W*(?:allas|allasa|meroallas|oraallas|reading)\b"
_UNIT = r"(?:\W{0,3}(?:kwh|kw|kilowattora\w*))?"
_VALUE = rf"([0-9](?:[0-9.,{SPACES}]{{0,20}}[0-9])?){_UNIT}"
_SITE_AND_SERIAL = rf"{_KEYWORD}\W+(\d{{8}})\W+((?=[\w-]*\d)[\w-]{{3,20}})\W+"
_ONE = re.compile(rf"{_SITE_AND_SERIAL}{_VALUE}\W*")
_TWO = re.compile(rf"{_SITE_AND_SERIAL}n(?:appali)?\W*{_VALUE}\W+e(?:jszakai)?\W*{_VALUE}\W*")
_BEGINS = re.compile(_KEYWORD)

SINGLE = "single"
DAY = "1.8.1"
NIGHT = "1.8.2"


@dataclass(frozen=True, slots=True)
class ReadingMessage:
    """What was given: the site, the serial as written, and a value for each register.

    The key of a value is ``SINGLE`` for a meter with one register, else the register's number.
    """

    site_id: str
    serial: str
    values: Mapping[str, int]


def is_reading(body: str) -> bool:
    """Whether somebody means to give a reading, well written or not."""
    return _BEGINS.match(folded(body)) is not None


def parse_reading(body: str) -> ReadingMessage | None:
    """The reading, or ``None`` when parts are missing or cannot be told apart.

    Raises ``AmbiguousNumberError`` when a value can be read in two ways.
    """
    text = folded(body)
    one = _ONE.fullmatch(text)
    if one is not None:
        return _reading(one, {SINGLE: one[3]})
    two = _TWO.fullmatch(text)
    return None if two is None else _reading(two, {DAY: two[3], NIGHT: two[4]})


def _reading(parts: re.Match[str], written: Mapping[str, str]) -> ReadingMessage | None:
    values: dict[str, int] = {}
    for register, number in written.items():
        value = whole_units(number)
        if value is None:
            return None
        values[register] = value
    return ReadingMessage(parts[1], parts[2], values)

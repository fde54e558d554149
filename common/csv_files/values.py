"""What the columns of the back office's files may hold: each parser gives a value or a complaint.

A parser gets a text that ``read_batches`` has cleaned, and raises ``ValueError`` with the complaint
that follows the quoted text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

Parse = Callable[[str], Any]
ParseAll = Callable[[list[str]], list[Any]]
"""A parser of many values at once, which gives and raises what the parser of one does."""

YEARS = range(1900, 2200)
"""Years that can be meant; with 9999 for "never" nobody can reckon a day further."""

FEWEST_INVOICE_DIGITS = 5

_SITE_IDS = re.compile("[0-9]{8}(?:\n[0-9]{8})*")

_THOUSANDS = re.compile("[1-9][0-9]{0,2}(?:[ .,][0-9]{3})+", re.ASCII)
"""``38 400``, and ``1.050``, which may as well have a fraction."""
_ONE_MARK = re.compile("[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)


def text(value: str) -> str:
    """Any text that can be shown, on one line: control characters break what is spoken."""
    value = " ".join(value.split())
    if not value.isprintable():
        raise ValueError("has a character in it that cannot be shown. Take it out.")
    return value


def texts(values: list[str]) -> list[str]:
    """``text`` of each: mostly all of them stay as they are, as one look at them together tells."""
    together = "".join(values)
    if together.isprintable() and "  " not in together:
        return values
    return [text(value) for value in values]


def invoice_numbers(value: str) -> str:
    """Numbers of invoices with blanks between them; a keypad gives the digits of one of them.

    One of fewer than five digits is refused: it would be guessed in a few attempts.
    """
    numbers = text(value).split()
    for number in numbers:
        if len("".join(c for c in number if c in "0123456789").lstrip("0")) < FEWEST_INVOICE_DIGITS:
            raise ValueError(
                f"has an invoice number of fewer than {FEWEST_INVOICE_DIGITS} digits in it. Write "
                "each number whole, without blanks inside, and a blank between two."
            )
    return " ".join(numbers)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, written exactly so."""

    allowed: tuple[str, ...]

    def __call__(self, value: str) -> str:
        if value not in self.allowed:
            raise ValueError(f"is not one of {', '.join(self.allowed)}. Write one of them.")
        return next(word for word in self.allowed if word == value)


def yes_no(value: str) -> bool:
    """``yes`` or ``no``, nothing else."""
    if value not in {"yes", "no"}:
        raise ValueError("is neither yes nor no. Write one of them.")
    return value == "yes"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds, without separators."""

    least: int
    most: int
    meaning: str = "a whole number"

    def __call__(self, value: str) -> int:
        if _THOUSANDS.fullmatch(value):
            digits = re.sub("[ .,]", "", value)
            raise ValueError(
                f"is not {self.meaning} in digits alone. If it means {digits}, write {digits}."
            )
        bounds = f"{self.meaning} from {self.least} to {self.most}"
        # More digits than the bound has need no conversion to be out of it.
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(self.most)) + 3):
            raise ValueError(f"is not {bounds}. Write it in digits.")
        number = int(value)
        if not self.least <= number <= self.most:
            raise ValueError(f"is not {bounds}. Correct it.")
        return number


def decimal(value: str) -> float:
    """A number that is not negative, with a point or a comma before its fraction."""
    whole_part, _, fraction = value.replace(",", ".").partition(".")
    digits = whole_part + fraction
    if not (whole_part and digits.isascii() and digits.isdigit() and len(digits) <= 15):
        if _THOUSANDS.fullmatch(value):
            raise ValueError("has marks between its thousands. Write it like 38400 or 9,5.")
        raise ValueError("is not a number that is not negative. Write it like 9.5 or 9,5.")
    return float(f"{whole_part}.{fraction or '0'}")


def thousands_or_fraction(value: str) -> str | None:
    """The doubt about a number such as ``1.050``, which ``decimal`` reads as 1.05."""
    if _ONE_MARK.fullmatch(value) is None:
        return None
    digits = re.sub("[.,]", "", value)
    return f"is read as {decimal(value):g}. If it means {digits}, write {digits}."


@lru_cache(maxsize=4096)
def iso_date(value: str) -> date:
    """A date written as ``2026-11-21``, of a year with which days can be counted on and back."""
    try:
        if len(value) == len("2026-11-21") and value[4] == value[7] == "-":
            day = date.fromisoformat(value)
        else:
            day = None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("is not a date. Write it like 2026-11-21.")
    if day.year not in YEARS:
        raise ValueError(f"is not between {YEARS[0]} and {YEARS[-1]}. Correct the year.")
    return day


def site_id(value: str) -> str:
    """Eight digits, as printed on the bill."""
    if not (len(value) == 8 and value.isascii() and value.isdigit()):
        raise ValueError(
            "is not a site id of 8 digits. Spreadsheets drop leading noughts: format the column "
            "as text."
        )
    return value


def site_ids(values: list[str]) -> list[str]:
    if _SITE_IDS.fullmatch("\n".join(values)):
        return values
    return [site_id(value) for value in values]

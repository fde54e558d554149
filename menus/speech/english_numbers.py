"""British English numerals in words."""

from functools import lru_cache
from typing import Any


def digit_by_digit(digits: str) -> str:
    """Each digit as a word; nought is "zero", never "oh"."""
    return " ".join(cardinal(int(digit)) for digit in digits)


@lru_cache(maxsize=1024)
def cardinal(value: int) -> str:
    """The numeral with the British "and", without commas, at which the voice would rest."""
    return _words(value).replace(",", "")


def ordinal(value: int) -> str:
    """The ordinal: "first", "twentieth", "thirty-first"."""
    return _words(value, to="ordinal")


def year(value: int) -> str:
    """A year as it is said: "two thousand and twenty-seven", "nineteen ninety-eight"."""
    century, rest = divmod(value, 100)
    if not 11 <= century <= 19:
        return cardinal(value)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _words(value: int, **options: Any) -> str:
    # Loaded where a number is spoken: the library reads all of its sixty languages.
    from num2words import num2words

    return str(num2words(value, lang="en", **options))

"""Finds the numbers that a sentence writes out in words, so that they can be held against rules."""

import re
from collections.abc import Mapping

from menus.speech.english_numbers import cardinal as english
from menus.speech.english_numbers import ordinal as english_ordinal
from menus.speech.hungarian_dates import day_of_month
from menus.speech.hungarian_numbers import attributive, named
from menus.speech.hungarian_numbers import cardinal as hungarian

_AFTERNOON = re.compile(r"([\w-]+) in the afternoon")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _hungarian() -> dict[str, int]:
    """Numerals to 9999, before a noun, too; figures' names to 99; days and ordinals to 31."""
    words = {spoken: value for value in range(10_000) for spoken in _spellings(value)}
    words |= {named(value): value for value in range(100)}
    for day in range(1, 32):
        words |= {day_of_month(day, form): day for form in ("", "on", "from", "until")}
        words[day_of_month(day, "")[:-1]] = day
    # "egy" is the indefinite article, "egyes" and "elsej" are no ordinals.
    for other in ("egy", "egyes", "elsej"):
        words.pop(other, None)
    return words | {"első": 1}


def _spellings(value: int) -> tuple[str, ...]:
    return hungarian(value), attributive(value)


def _english() -> dict[str, int]:
    """Numerals and ordinals to 99, and the words of greater ones."""
    words = {english(value): value for value in range(100)} | {"hundred": 100, "thousand": 1000}
    words |= {english_ordinal(value): value for value in range(1, 100)}
    words.pop("one")  # "if even one of them"
    return words


_WORDS: Mapping[str, Mapping[str, int]] = {"hu": _hungarian(), "en": _english()}


def numbers_in(sentence: str, language: str) -> set[str]:
    """The numbers in words, as figures; an hour "in the afternoon" is that of the whole day."""
    known = _WORDS[language]
    sentence = sentence.lower()
    found: set[int] = set()
    if language == "en":
        found = {known[word] + 12 for word in _AFTERNOON.findall(sentence) if word in known}
        sentence = _AFTERNOON.sub("", sentence)
    found |= {known[word] for word in _WORD.findall(sentence) if word in known}
    return {str(number) for number in found}

"""Characters that nobody sees: taken out of what people enter, and named where they matter."""

import re
import unicodedata

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's default ignorable code points: soft hyphen, zero-width signs, marks of direction."""

_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""The blanks (Zs) that are not U+0020; a spreadsheet writes U+202F or U+00A0 between thousands."""


def cleaned(text: str) -> str:
    """The text in NFC, without ignorable characters, and with every kind of blank as U+0020.

    So an id, a name or a number is the same however it was pasted or saved. Control characters
    stay: they are for the reader of the value to refuse.
    """
    if text.isascii():
        return text
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", _IGNORABLE.sub("", text)))


def is_hidden(character: str) -> bool:
    """Whether it leaves no mark of its own on paper: controls, ignorables, odd blanks, accents."""
    return (
        not character.isprintable()
        or _IGNORABLE.match(character) is not None
        or unicodedata.category(character).startswith("M")
    )


def named(character: str) -> str:
    """The character itself, or its number (``U+200C``) if nobody would see it."""
    return f"U+{ord(character):04X}" if is_hidden(character) else character

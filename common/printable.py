"""Text of others, made safe to show: on a terminal, in a log, in the text of an error."""

import unicodedata

_HARMLESS = frozenset("\u200d")
"""Joins emoji; hides nothing."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""The text on one line, with every sign that is not drawn written out: ``\x1b``, ``\u202e``.

    Control characters can move a terminal's cursor, recolour and retype what stands there, forge
    lines of a log and turn the direction of reading; blanks and letters stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape", "surrogatepass").decode("ascii") if _is_hidden(sign) else sign
        for sign in text
    )


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in _HARMLESS

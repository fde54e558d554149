"""Text as a reader sees it: accents, case, look-alikes and invisible signs folded away.

Every folded character knows which characters of the original it stands for, so what is found in
the folded text can be marked in the original.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_PAIRS = """
Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx αa βb εe ηn ιi κk νv οo ρp τt υu χx γy σo ςs ωw μu
Вb Нh Зz аa вb еe кk мm нh оo рp сc тt уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl зz гr пn иu лl дd
ıi łl øo đd ðd ħh ŧt ɑa ɡg ƒf ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp
ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz
"""
_LOOK_ALIKES = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_LOOK_ALIKES |= dict.fromkeys(map(ord, "\u3002\uff61\u06d4"), ".")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
CUT = "\0"
"""Stands where something allowed was cut out; no rule looks into or across it."""

GAP = rf"(?:[^\w{CUT}]|_)"
_IN_A_WORD = rf"(?:[^\w\s{CUT}]|_)?"
_SIGNS = {
    "a": "a4@", "b": "b8", "e": "e3", "g": "g9", "i": "i1l!|j", "l": "l1i|", "o": "o0",
    "s": "s5$", "t": "t7+", "u": "uv", "v": "vu", "z": "z2",
}  # fmt: skip
_REPEATED = "{1,4}"
_LONG = 6


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; ``starts`` and ``ends`` are each character's place in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]``, which must not be empty, stands in the original."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Small Latin letters and ASCII figures for all that looks like them; the rest stays."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(text):
        shown = _shown(character)
        if not shown and ends and unicodedata.category(character) in {"Mn", "Me"}:
            ends[-1] = position + 1  # the accent belongs to the letter before it
        letters += shown
        starts += [position] * len(shown)
        ends += [position + 1] * len(shown)
    return Folded("".join(letters), tuple(starts), tuple(ends))


def folded(text: str) -> str:
    """The text of ``fold`` alone."""
    return fold(text).text


def disguised(stem: str) -> str:
    """A pattern that finds a stem of small letters in folded text through its disguises.

    Figures for letters, repeated letters, signs inside a word ("tar-tozás") and spaced-out
    letters ("p e r") are seen through; a stem of six letters and more also when blanks split it.
    """
    letters = [
        f"[{re.escape(_SIGNS[sign])}]{_REPEATED}" if sign in _SIGNS else _plain(sign)
        for sign in stem
    ]
    if len(stem) >= _LONG:
        return f"{GAP}{{0,3}}".join(letters)
    together = _IN_A_WORD.join(letters)
    apart = f"{GAP}{{1,3}}".join(letters)
    return f"(?:{together}|(?<![a-z0-9]){apart}(?![a-z0-9]))"


def _plain(sign: str) -> str:
    return f"{GAP}{{1,3}}" if sign == " " else f"{re.escape(sign)}{_REPEATED}"


@lru_cache(maxsize=4096)
def _shown(character: str) -> tuple[str, ...]:
    """What one character looks like; few characters make all texts."""
    shown: list[str] = []
    for part in unicodedata.normalize("NFKD", character):
        if unicodedata.category(part) in {"Mn", "Me", "Cf"} or part in _INVISIBLE:
            continue
        figure = unicodedata.decimal(part, None)
        if figure is not None:
            shown.append(str(figure))
        else:
            shown += part.translate(_LOOK_ALIKES).casefold().translate(_LOOK_ALIKES)
    return tuple(shown)

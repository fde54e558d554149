"""SMS segments of a text, as written and in GSM-7 spelling.

A part carries 140 octets: 160 septets of the GSM alphabet (3GPP TS 23.038) or 70 UTF-16 units.
Where one part is not enough, each gives six octets to the header that joins them: 153 or 67 are
left. One character outside the GSM alphabet makes the whole text UCS-2, and of the Hungarian
letters only é, ö and ü are inside.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The characters of one septet in the order of their codes; 0x1B, the escape, is none."""

GSM_EXTENSION = "\f^{}\\[~]|€"
"""The characters that are an escape and a septet, in the order of their codes."""

_SEPTETS = dict.fromkeys(GSM_BASIC, 1) | dict.fromkeys(GSM_EXTENSION, 2)
_SOFT = str.maketrans("áíóúőűÁÍÓÚŐŰ", "aiouöüAIOUÖÜ")
_PLAIN = str.maketrans("ÁÉÍÓÖŐÚÜŰ", "AEIOOOUUU")
_IN_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÖŐÚÜŰ]{2,}\b")
_LACKED = frozenset("ÁÍÓÚŐŰ")


@dataclass(frozen=True, slots=True)
class Cost:
    """``units`` are septets in GSM-7 and UTF-16 units in UCS-2, without the headers.

    ``room`` is how many of them the last part still takes. An empty text is one part.
    """

    encoding: Encoding
    segments: int
    units: int
    room: int


@dataclass(frozen=True, slots=True)
class Saving:
    """A text's cost as written and in GSM-7 spelling.

    ``left`` are the characters that keep that spelling out of GSM-7, each once, in the order of
    the text. They are for its author to correct: nothing else is ever replaced.
    """

    accented: Cost
    soft: Cost
    soft_text: str
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Measure:
    encoding: Encoding
    alone: int
    joined: int
    units: Callable[[str], int]


_GSM_7 = _Measure("GSM-7", 160, 153, lambda character: _SEPTETS[character])
_UCS_2 = _Measure("UCS-2", 70, 67, lambda character: 2 if character > "\uffff" else 1)


def cost(text: str) -> Cost:
    """What ``text`` costs exactly as it is, with no replacement by the carrier."""
    measure = _measure(text)
    used = [sum(map(measure.units, part)) for part in parts(text)]
    limit = measure.alone if len(used) == 1 else measure.joined
    return Cost(measure.encoding, len(used), sum(used), limit - used[-1])


def parts(text: str) -> tuple[str, ...]:
    """``text`` as it is cut on the air; joined, the parts are the text.

    No cut goes through an extension character or a surrogate pair, so a part may end one unit
    early and there may be more parts than a division gives.
    """
    measure = _measure(text)
    if sum(map(measure.units, text)) <= measure.alone:
        return (text,)
    cuts, used = [0], 0
    for place, character in enumerate(text):
        units = measure.units(character)
        if used + units > measure.joined:
            cuts.append(place)
            used = 0
        used += units
    return tuple(text[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True))


def soften(text: str) -> str:
    """``text`` with the twelve Hungarian letters that GSM-7 lacks as the nearest that it has.

    ``á`` becomes ``a`` and ``ő`` becomes ``ö``, capitals likewise; é, ö, ü and everything that is
    not one of the twelve stay. Letter and accent as two characters (NFD) are not recognised.

    A word in capitals that holds one of the twelve loses all its accents: it is a name or an
    abbreviation, and "ELMU-EMASZ" is known from the company's domains where "ELMÜ-ÉMASZ" is
    nobody's (decision 0064). The length never changes.
    """
    return _IN_CAPITALS.sub(_without_accents, text).translate(_SOFT)


def soft_saving(text: str) -> Saving:
    """What softening ``text`` saves; with any ``left`` GSM-7 spelling is still UCS-2."""
    soft = soften(text)
    left = tuple(dict.fromkeys(character for character in soft if character not in _SEPTETS))
    return Saving(cost(text), cost(soft), soft, left)


def _without_accents(word: re.Match[str]) -> str:
    return word[0].translate(_PLAIN) if _LACKED.intersection(word[0]) else word[0]


def _measure(text: str) -> _Measure:
    return _GSM_7 if all(character in _SEPTETS for character in text) else _UCS_2

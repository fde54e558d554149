"""How many parts a text is sent in: the carrier's own count, which is what it charges."""

from typing import Literal, NamedTuple

Encoding = Literal["GSM-7", "UCS-2"]

_ONE_SEPTET = frozenset(
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ"
)
_TWO_SEPTETS = frozenset("\f[\\]^{|}~€")


class Size(NamedTuple):
    """What a text takes on the air."""

    encoding: Encoding
    segments: int


def size_of(text: str) -> Size:
    """Count as 3GPP TS 23.040 does: 160 or 153 septets a part, 70 or 67 UTF-16 units.

    One character outside of the GSM alphabet makes the whole text UCS-2. Neither an extension
    character nor a surrogate pair is cut in two. An empty text is one part.
    """
    if all(character in _ONE_SEPTET or character in _TWO_SEPTETS for character in text):
        septets = [2 if character in _TWO_SEPTETS else 1 for character in text]
        return Size("GSM-7", _parts(septets, 160, 153))
    units = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Size("UCS-2", _parts(units, 70, 67))


def _parts(units: list[int], alone: int, joined: int) -> int:
    if sum(units) <= alone:
        return 1
    parts, left = 1, joined
    for unit in units:
        if unit > left:
            parts, left = parts + 1, joined
        left -= unit
    return parts

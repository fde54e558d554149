"""A Say verb as captions and seconds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

CHARACTERS_PER_SECOND = 14.0
BREAK = " … "
ENDLESS_LOOPS = 1000
"""How often ``loop="0"`` really repeats."""

_BREAK_SECONDS = {
    "none": 0.0,
    "x-weak": 0.1,
    "weak": 0.25,
    "medium": 0.5,
    "strong": 0.75,
    "x-strong": 1.0,
}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.5, "x-fast": 2.0}
"""How many times as fast as usual; SSML leaves the words to the voice, so these are estimates."""
_PER_CENT = re.compile(r"(\d+(?:\.\d+)?)%")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
_VOICE_LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one Say says: its caption, how long it lasts with its loops, and in which language.

    ``rate`` is how many times as fast as usual its words are spoken, on average over them.
    """

    caption: str
    seconds: float
    language: str
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    rate: float


def utterance(say: Element) -> Utterance:
    """Read a Say element; a break is an ellipsis inside the caption, and time anywhere.

    Words in a prosody with a rate take so much longer or shorter; breaks last as long as they say.
    """
    pieces = list(_pieces(say, 1.0))
    words = [piece for piece in pieces if isinstance(piece, _Words)]
    rest = sum(piece for piece in pieces if isinstance(piece, float))
    text = "".join(piece.text if isinstance(piece, _Words) else BREAK for piece in pieces)
    caption = " ".join(text.split()).strip(BREAK)
    rate = _average_rate(words)
    spoken = len(caption.replace(BREAK.strip(), "")) / CHARACTERS_PER_SECOND / rate
    return Utterance(caption, (spoken + rest) * loops(say), _language(say), rate)


def speaking_rate(text: str) -> float | None:
    """How many times as fast as usual a prosody of that ``rate`` is; ``None`` for what is no rate.

    A rate is one of the five words, or a per cent number above nought.
    """
    per_cent = _PER_CENT.fullmatch(text)
    return float(per_cent[1]) / 100 or None if per_cent else _RATES.get(text)


def loops(verb: Element) -> int:
    """How often a Say or Play is repeated: its ``loop``, where 0 stands for a thousand."""
    text = verb.get("loop", "1")
    times = int(text) if text.isdecimal() else 1
    return min(times, ENDLESS_LOOPS) or ENDLESS_LOOPS


def character_limit(say: Element) -> int:
    """The bytes of UTF-8 that the voice takes in one Say (error 13521)."""
    maker = say.get("voice", "").partition(".")[0]
    return {"Polly": 3000, "Google": 5000}.get(maker, 4096)


def _pieces(element: Element, rate: float) -> Iterator[_Words | float]:
    if element.tag == "break":
        yield _break_seconds(element)
        return
    if element.tag == "sub" and element.get("alias"):
        yield _Words(element.get("alias", ""), rate)
        return
    if element.tag == "prosody":
        # A rate counts from the voice's own, not from that of a prosody around it (SSML 1.1).
        rate = speaking_rate(element.get("rate", "")) or rate
    yield _Words(element.text or "", rate)
    for part in element:
        yield from _pieces(part, rate)
        yield _Words(part.tail or "", rate)


def _average_rate(words: Iterable[_Words]) -> float:
    letters = [(len("".join(each.text.split())), each.rate) for each in words]
    total = sum(number for number, _ in letters)
    return total / sum(number / rate for number, rate in letters) if total else 1.0


def _break_seconds(element: Element) -> float:
    time = _TIME.fullmatch(element.get("time", ""))
    if time:
        return float(time[1]) / (1000 if time[2] == "ms" else 1)
    return _BREAK_SECONDS.get(element.get("strength", "medium"), _BREAK_SECONDS["medium"])


def _language(say: Element) -> str:
    by_voice = _VOICE_LANGUAGE.search(say.get("voice", ""))
    return say.get("language") or (by_voice[0] if by_voice else "en-US")

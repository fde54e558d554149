"""A Say verb as captions and seconds."""

import re
from collections.abc import Iterator
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
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
_VOICE_LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one Say says: its caption, how long it lasts with its loops, and in which language."""

    caption: str
    seconds: float
    language: str


def utterance(say: Element) -> Utterance:
    """Read a Say element; a break is an ellipsis inside the caption, and time anywhere."""
    words: list[str] = []
    rest = 0.0
    for piece in _pieces(say):
        if isinstance(piece, float):
            rest += piece
            words.append(BREAK)
        else:
            words.append(piece)
    caption = " ".join("".join(words).split()).strip(BREAK)
    spoken = len(caption.replace(BREAK.strip(), "")) / CHARACTERS_PER_SECOND
    return Utterance(caption, (spoken + rest) * loops(say), _language(say))


def loops(verb: Element) -> int:
    """How often a Say or Play is repeated: its ``loop``, where 0 stands for a thousand."""
    text = verb.get("loop", "1")
    times = int(text) if text.isdecimal() else 1
    return min(times, ENDLESS_LOOPS) or ENDLESS_LOOPS


def character_limit(say: Element) -> int:
    """The bytes of UTF-8 that the voice takes in one Say (error 13521)."""
    maker = say.get("voice", "").partition(".")[0]
    return {"Polly": 3000, "Google": 5000}.get(maker, 4096)


def _pieces(element: Element) -> Iterator[str | float]:
    if element.tag == "break":
        yield _break_seconds(element)
    elif element.tag == "sub" and element.get("alias"):
        yield element.get("alias", "")
    else:
        yield element.text or ""
        for part in element:
            yield from _pieces(part)
            yield part.tail or ""


def _break_seconds(element: Element) -> float:
    time = _TIME.fullmatch(element.get("time", ""))
    if time:
        return float(time[1]) / (1000 if time[2] == "ms" else 1)
    return _BREAK_SECONDS.get(element.get("strength", "medium"), _BREAK_SECONDS["medium"])


def _language(say: Element) -> str:
    by_voice = _VOICE_LANGUAGE.search(say.get("voice", ""))
    return say.get("language") or (by_voice[0] if by_voice else "en-US")

"""The parts of a reply: what its sender wrote, and the statements with which it begins.

No world outside: texts in, texts out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NOT_THE_SENDERS = re.compile(
    r"\s*(?:>|--\s*$|_{5,}\s*$|-{2,}\s*(?:eredeti|original|tov.bb.tott|forwarded)\b|"
    r"(?:felad.|from|von|k.ld.|sent|elk.ldve|k.ldve|date|d.tum)\s*:|"
    r"(?:elk.ldve|k.ldve|sent|get outlook)\s+(?:az?|from|via|for)\b|"
    r".*(?:iphone|ipad|android|samsung|galaxy|telefon(?:om)?r.l|outlook|gmail|yahoo).*\bk.ldve\W*$|"
    r"on\b.{8,}\bwrote\s*:\s*$|.*\b.rta\s*:\s*$)",
    re.IGNORECASE,
)
"""Lines with which quoted text and the signature of a mail program begin."""
_END = re.compile(
    r"(?P<over>[!?;…\n]+|\.+(?![^\W_])|\.(?=[A-ZÁÉÍÓÖŐÚÜŰ]))|[:,(/–—]|(?<=\s)-+|-+(?=\s)"
)
_SAYS = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or what stands before a dash, colon or comma, and then the sentence ``goes_on``.

    ``rest`` is all that stands behind it.
    """

    text: str
    is_question: bool
    goes_on: bool
    rest: str


def own_words(body: str) -> str:
    """A reply without the text that a mail program quotes or adds below it."""
    own = []
    for line in body.splitlines():
        if _NOT_THE_SENDERS.match(line):
            break
        own.append(line)
    return "\n".join(own).strip()


def statements(text: str) -> Iterator[Statement]:
    """The statements of a text in their order; none is without a letter or figure."""
    start = 0
    for end in _END.finditer(text):
        said = text[start : end.start()]
        if _SAYS.search(said):
            yield Statement(said, "?" in end[0], end["over"] is None, text[end.end() :])
        start = end.end()
    if _SAYS.search(text[start:]):
        yield Statement(text[start:], is_question=False, goes_on=False, rest="")

"""Finds links, addresses and bare domains: a message names the desk's phone and e-mail only."""

import re
from collections.abc import Iterator

from messages.content.allowed_contacts import Cleared
from messages.content.findings import Finding, Rule
from messages.content.folding import CUT

_TOP_LEVEL = "hu|com|eu|net|org|info|app|ly|link|online|xyz|biz|page|shop"
_LINK = re.compile(
    rf"[a-z]{{3,6}}\s?:\s?//\S*|(?<![a-z])www\s?\.\s?\S+|\S*@\S+|"
    rf"[a-z0-9-]+\.(?:{_TOP_LEVEL})(?![a-z])(?:/\S*)?|[a-z0-9-]+\.[a-z]{{2,}}/\S*|"
    rf"[a-z0-9-]+\s?[\[(]?\s?(?:\.|pont|dot|kukac)\s?[\])]?\s?(?:hu|com|net|org)(?![a-z])(?:/\S*)?"
)
LINK_AS_PRINTED = re.compile(
    rf"[a-z]{{3,6}}://\S*|\bwww\.\S*|\S*@\S*|[\w-]+\.(?:{_TOP_LEVEL})\b\S*", re.IGNORECASE
)
"""A link or an address that its writer does not disguise; "dot hu", as it is spoken, is none."""
_BARE_DOMAIN = re.compile(
    r"(?<![\w.-])((?:[\w-]+\.)*[\w-]*[^\W\d_][\w-]*)\.([^\W\d_]{2,})(?![\w.]\w)"
)
"""A name with a letter in it, a dot, and two letters and more: whatever the domain is called."""
_SHORT_WORDS = """
db dr em evf fsz hsz ht id ifj ill jan febr marc apr maj jun jul aug szept okt nov dec kb ker
kft krt lh lph m max min mrd mt ny nyrt old ond ozv pl pld s st stb sz szt tel tsz u ua ui un ut
vmint vo vsz zrt
"""
_ABBREVIATIONS = frozenset(_SHORT_WORDS.split())
"""Short words that end in a dot, behind which a blank is easily forgotten."""


def links(cleared: Cleared) -> Iterator[Finding]:
    """Links, foreign addresses and domains, also without anything before or behind them (C.8)."""
    text = cleared.folded.text.replace(CUT, " ")
    spans = [match.span() for match in _LINK.finditer(text)]
    spans += [
        match.span()
        for match in _BARE_DOMAIN.finditer(text)
        if not _is_missing_blank(cleared, match)
    ]
    for start, end in _joined(spans):
        place = cleared.folded.place(start, end)
        hint = "Name only the desk's phone and e-mail address."
        yield cleared.finding(Rule.LINK, *place, "is a link or a foreign address", hint)


def _is_missing_blank(cleared: Cleared, match: re.Match[str]) -> bool:
    """Whether a sentence or an abbreviation ends here and only the blank behind it is missing."""
    if match[1] in _ABBREVIATIONS:
        return True
    start, end = cleared.folded.place(*match.span(2))
    behind = cleared.original[start:end]
    before = cleared.original[cleared.folded.place(*match.span(1))[0] : start - 1]
    # "rendezte.Nincs": a small letter, a full stop, and the capital of the next sentence.
    return behind[0].isupper() and not behind[1:].isupper() and before[-1:].islower()


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Each place once: of those that overlap, the whole."""
    whole: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if whole is None or start >= whole[1]:
            if whole is not None:
                yield whole
            whole = (start, end)
        else:
            whole = (whole[0], max(whole[1], end))
    if whole is not None:
        yield whole

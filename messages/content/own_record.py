"""Finds anything of the recipient's own record in a message (CO-12)."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from messages.content.allowed_contacts import Cleared
from messages.content.findings import Finding, Rule
from messages.content.folding import GAP, folded

SHORTEST = 3
"""Tokens below this length are part of too many words to tell anything."""
_INSIDE_WORDS = 5
_ENDING = "(?:[aeo]?[tkns]|n[ae]k|[a-z]?[a-z][ae]l|h[oe]z|t[ou]l|r[ou]l|b[ae]n|ne|ek[a-z]*)?"
"""Case endings, -né and the family's -ék; -val and -vel take the name's last letter."""


def own_tokens(record: Collection[str]) -> frozenset[str]:
    """The folded words and numbers of a record's values, three characters and longer.

    A number that is printed in groups counts as a whole too.
    """
    tokens: set[str] = set()
    for value in record:
        text = folded(value)
        tokens.update(re.findall(r"[^\W_]+", text))
        tokens.update(re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[ ./-]?\d)+", text))
    return frozenset(token for token in tokens if len(token) >= SHORTEST)


def recipients_own(
    cleared: Cleared, record: Collection[str], neutral: Collection[str]
) -> Iterator[Finding]:
    """Every place where a token of the record stands; the message does not repeat the token.

    A token of five characters and more is found inside words too, a shorter one as a word with or
    without an ending, a number through any grouping. ``neutral`` are folded words that say
    nothing of anybody, even if somebody is called so.
    """
    letters = _letters(cleared.folded.text)
    # Gaps hold neither letters nor figures, so a token that is not in the text without any is
    # nowhere: this spares nearly all of the searching.
    for token in sorted(token for token in own_tokens(record) if token in letters):
        for match in re.finditer(_pattern(token), cleared.folded.text):
            if _word_around(cleared.folded.text, *match.span()) in neutral:
                continue
            start, end = cleared.folded.place(*match.span())
            excerpt = cleared.original[start:end]
            message = "the marked text stands in the recipient's own record"
            hint = "Leave it out: a message says the same to everybody."
            yield Finding(Rule.RECIPIENT, start, end, excerpt, message, hint)


@lru_cache(maxsize=64)
def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def _pattern(token: str) -> str:
    if token.isdigit():
        return f"{GAP}{{0,2}}".join(token)
    letters = [re.escape(letter) for letter in token]
    if len(token) >= _INSIDE_WORDS:
        return f"{GAP}{{0,3}}".join(letters)
    together, apart = "".join(letters), f"{GAP}{{1,3}}".join(letters)
    return rf"(?<!\w)(?:{together}{_ENDING}|{apart})(?!\w)"


def _word_around(text: str, start: int, end: int) -> str:
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]

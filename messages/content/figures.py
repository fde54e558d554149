"""Finds amounts, dates and other figures, written in digits or in words."""

import re
from collections.abc import Iterator

from messages.content.allowed_contacts import Cleared
from messages.content.findings import Finding, Rule
from messages.content.folding import CUT, disguised

_SMALL = "nulla|egy|ketto|ket|harom|negy|ot|hat|het|nyolc|kilenc"
_BIG = (
    "tizen|tiz|huszon|husz|harminc|negyven|otven|hatvan|hetven|nyolcvan|kilencven|szaz|ezer|"
    "millio|milliard"
)
_ENDING = "(?:[aeo]?s|[aeo]?t|ert|r[ae]|b[ae]n|n[ae]k|nyi|on|en)?"
_NUMBER_WORD = (
    rf"(?<![a-z])(?!ezert(?![a-z]))(?:(?:{_SMALL})-?)*(?:{_BIG})(?:-?(?:{_SMALL}|{_BIG}))*"
    rf"{_ENDING}(?![a-z])"
)
_COUNTED = rf"(?<![a-z])(?:{_SMALL})\s+(?:db |darab )?(?:szaml[aá]|csekk|honap|havi)[a-z]*"
_CURRENCY = (
    rf"(?<![a-z])(?:e?ft|huf|eur)(?![a-z])|{disguised('forint')}[a-z]*|"
    rf"(?<![a-z])euro(?!p)[a-z]*|(?<![a-z])fill?er(?![a-z])|[€$£¥]|\d[\d .]{{0,20}},-"
)
_AMOUNT = re.compile(
    rf"(?:\d[\d .,]{{0,20}}(?<=\d)\s?)?(?:{_CURRENCY})|"
    rf"{_NUMBER_WORD}(?:\s+forint[a-z]*)?|{_COUNTED}"
)

_MONTHS = (
    "januar", "februar", "marcius", "aprilis", "majus", "junius", "julius", "augusztus",
    "szeptember", "oktober", "november", "december",
)  # fmt: skip
_DATE = re.compile(
    "|".join(
        (
            *(rf"(?<![a-z]){disguised(month)}[a-z]*(?:\s*\d+(?:-?[a-z]+)?)?" for month in _MONTHS),
            r"(?<![a-z])(?:jan|febr|marc|apr|maj|jun|jul|aug|szept|okt|nov|dec)\.\s*\d+",
            r"(?<!\d)(?:19|20)\d\d\s?[./-]\s?\d{1,2}(?:\s?[./-]\s?\d{1,2})?(?!\d)",
            r"(?<!\d)\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-](?:\s?(?:19|20)?\d\d)?(?!\d)",
            r"(?<!\d)\d{1,2}-?(?:j?[ae]ig|j?[aei]n|[ae]ig|ai|ei)(?![a-z])",
            r"(?<![a-z])(?:elsej|[a-z]+(?:odik|edik|adik)[ae])(?:[ae](?:ig|n)?|ig|n)?(?![a-z])",
        )
    )
)
_JOINT = rf"[^\w{CUT}]{{0,2}}"
_RUN = re.compile(rf"\d(?:{_JOINT}\d)*")
_SPELLED = re.compile(rf"(?<![a-z])(?:(?:{_SMALL})[\s,.-]+){{2,}}(?:{_SMALL})(?![a-z])")


def amounts(cleared: Cleared) -> Iterator[Finding]:
    """Money and counts of bills, in figures or in words."""
    for place in cleared.places(_AMOUNT):
        yield cleared.finding(Rule.AMOUNT, *place, "is an amount", "The call tells it.")


def dates(cleared: Cleared) -> Iterator[Finding]:
    for place in cleared.places(_DATE):
        yield cleared.finding(Rule.DATE, *place, "is a date", "Name no day.")


def figures(cleared: Cleared, shortest: int) -> Iterator[Finding]:
    """Runs of at least ``shortest`` digits, also split by signs or spelled digit by digit."""
    hint = "Leave the desk's phone, with its area code, as the only figures."
    if shortest > 1:
        hint = "Declare a further line of the desk, or leave the figures out."
    for match in _RUN.finditer(cleared.folded.text):
        if sum(sign.isdigit() for sign in match[0]) >= shortest:
            place = cleared.folded.place(*match.span())
            yield cleared.finding(Rule.DIGITS, *place, "is not a phone of the desk", hint)
    for place in cleared.places(_SPELLED):
        yield cleared.finding(Rule.DIGITS, *place, "spells figures", hint)

"""What is wrong with a text, for a person: each broken rule, its place marked, and the hint."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from messages.content.findings import Finding, Rule

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UNDRAWN = "\ufffd"
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def explain(text: str, findings: Sequence[Finding]) -> str:
    """The findings as paragraphs of four lines, two of a length, and a line of the rules' names."""
    rules = dict.fromkeys(finding.rule.value for finding in findings)
    lines = [line for finding in findings for line in _explained(text, finding)]
    return "\n".join([*lines, f"Not to be sent. Broken: {', '.join(rules)}."])


def _explained(text: str, finding: Finding) -> Iterator[str]:
    if finding.rule is Rule.LENGTH:
        yield from (str(finding), f"    {finding.hint}")
        return
    start = text.rfind("\n", 0, finding.start) + 1
    end = text.find("\n", finding.start)
    line = text[start : end if end >= 0 else len(text)]
    before = _width(line[: finding.start - start])
    marks = max(1, _width(line[finding.start - start : finding.end - start]))
    yield str(finding)
    # Nothing in a text may speak to the terminal; the marks below stay in place.
    yield f"    {_CONTROL.sub(_UNDRAWN, _DIRECTION.sub('', line))}"
    yield f"    {' ' * before}{'^' * marks}"
    yield f"    {finding.hint}"


def _width(signs: Iterable[str]) -> int:
    """Columns on a terminal: signs that are not drawn take none, wide ones take two."""
    hidden = {"Mn", "Me", "Cf"}
    return sum(
        0
        if unicodedata.category(sign) in hidden
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in signs
    )

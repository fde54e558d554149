"""What code and documents cite is explained in this repository."""

import re
from pathlib import Path

import pytest

from settings import HERE

RULE = re.compile(r"\b(?:(?:MR|PB|PC|DD|TE|MG|CO|IN|DR|PM|LE|DP|ES)-\d\d|C\.[1-9])\b")
DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
PAGE = HERE / "docs" / "rules.md"
TOLD = frozenset(re.findall(r"^\| (\S+) \|", PAGE.read_text("utf-8"), re.M)) - {"id"}


def files(*kinds: str) -> list[Path]:
    """The project's own files of these kinds, without what was set up or left beside them."""
    return [
        path
        for kind in kinds
        for path in HERE.rglob(kind)
        if not any(part[0] == "." or part == "var" for part in path.relative_to(HERE).parts)
    ]


def test_every_cited_rule_is_explained() -> None:
    cited = {
        (rule, str(path.relative_to(HERE)))
        for path in files("*.py", "*.yaml", "*.md", "*.csv")
        if path != PAGE
        for rule in RULE.findall(path.read_text("utf-8"))
    }
    assert {rule for rule, _ in cited} >= {"MR-01", "C.8"}
    assert {(rule, place) for rule, place in cited if rule not in TOLD} == set()


def test_every_rule_of_the_list_has_its_line() -> None:
    rows = (HERE / "tests" / "data" / "rules.csv").read_text("utf-8")
    listed = set(re.findall(r"^([A-Z]{2}-\d\d)\b", rows, re.M))
    assert listed == {rule for rule in TOLD if "-" in rule}


@pytest.mark.parametrize("kind", ["*.py", "*.yaml"])
def test_a_document_that_code_names_is_in_the_repository(kind: str) -> None:
    names = {path.name for path in files("*.md")}
    missing = {
        (name, str(path.relative_to(HERE)))
        for path in files(kind)
        for name in DOCUMENT.findall(path.read_text("utf-8"))
        if Path(name).name not in names
    }
    assert missing == set()

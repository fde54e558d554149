"""What code and documents cite is explained in this repository."""

import re
from pathlib import Path

from settings import HERE
from tests.support.project.project_files import project_files, text_of

RULE = re.compile(r"\b(?:(?:MR|PB|PC|DD|TE|MG|CO|IN|DR|PM|LE|DP|ES)-\d\d|C\.[1-9])\b")
DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
PAGE = HERE / "docs" / "rules.md"
TOLD = frozenset(re.findall(r"^\| (\S+) \|", PAGE.read_text("utf-8"), re.M)) - {"id"}


def files(*kinds: str) -> list[Path]:
    return [path for path in project_files() if path.suffix in kinds]


def test_every_cited_rule_is_explained() -> None:
    cited = {
        (rule, str(path.relative_to(HERE)))
        for path in files(".py", ".yaml", ".md", ".csv")
        if path != PAGE
        for rule in RULE.findall(text_of(path))
    }
    assert {rule for rule, _ in cited} >= {"MR-01", "C.8"}
    assert {(rule, place) for rule, place in cited if rule not in TOLD} == set()


def test_every_rule_of_the_list_has_its_line() -> None:
    rows = (HERE / "tests" / "data" / "rules.csv").read_text("utf-8")
    listed = set(re.findall(r"^([A-Z]{2}-\d\d)\b", rows, re.M))
    assert listed == {rule for rule in TOLD if "-" in rule}


def test_a_document_that_code_names_is_in_the_repository() -> None:
    names = {path.name for path in files(".md")}
    missing = {
        (name, str(path.relative_to(HERE)))
        for path in files(".py", ".yaml")
        if ".md" in text_of(path)
        for name in DOCUMENT.findall(text_of(path))
        if Path(name).name not in names
    }
    assert missing == set()

"""The page on security: whole against the standard's list, and each test that it names is there."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
LIST = ROOT / "tests" / "data" / "asvs.csv"
REASONS = ("none", "deployment", "design", "accepted")

_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_FILE = re.compile(r"`((?:docs|common|console)/[\w/.]+)`")
_ITEMS = re.compile(r"(V\d+\.\d+)\.(\d+)(?:–(V\d+\.\d+)\.(\d+))?")


def rows() -> Iterator[tuple[list[str], str]]:
    """The items of each row of the standard's tables, with what proves them."""
    for line in PAGE.read_text().splitlines():
        if re.match(r"\| V\d", line):
            items, _doors, _what, evidence = (each.strip() for each in line[1:-1].split("|"))
            yield [item for part in items.split(", ") for item in expanded(part)], evidence


def expanded(part: str) -> list[str]:
    found = _ITEMS.fullmatch(part)
    assert found is not None, part
    section, first, last_section, last = found.groups()
    assert last_section in {None, section}, part
    return [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]


def test_every_item_of_the_standard_has_one_row() -> None:
    lines = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    wanted = {line.split(",")[0] for line in lines[1:]}
    found = Counter(item for items, _ in rows() for item in items)
    assert sorted(wanted - set(found)) == []
    assert sorted(set(found) - wanted) == []
    assert [item for item, times in found.items() if times > 1] == []


def test_every_row_names_a_test_or_a_reason() -> None:
    for items, evidence in rows():
        assert _TEST.search(evidence) or evidence.startswith(REASONS), items


def test_every_test_and_file_that_the_page_names_is_there() -> None:
    page = PAGE.read_text()
    missing = [
        f"{path}::{name}"
        for path, name in sorted(set(_TEST.findall(page)))
        if not _has(ROOT / "tests" / path, name)
    ]
    missing += [path for path in set(_FILE.findall(page)) if not (ROOT / path).exists()]
    assert missing == []


def _has(file: Path, name: str) -> bool:
    return file.exists() and re.search(rf"def {name}\(", file.read_text()) is not None

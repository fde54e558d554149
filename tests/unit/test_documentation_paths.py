"""The files that the documentation names are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BASES = (ROOT, ROOT / "docs", ROOT / "tests", ROOT / "menus" / "prompts")
_NAMED = re.compile(r"`([\w./-]+(?:\.(?:py|yaml|md|csv|html|js|css)|/))`")


@pytest.mark.parametrize("page", ["where.md", "architecture.md"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    named = set(_NAMED.findall(text))
    assert named, "the page names files"
    missing = [path for path in named if not any((base / path).exists() for base in _BASES)]
    assert sorted(missing) == []

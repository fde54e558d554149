"""Every page of every screen in Chromium: empty, full and refused, light and dark, both widths."""

import re
from collections.abc import Iterator

import pytest

from tests.browser.console.live_console import NARROW, WIDE, LiveConsole, Looker, looker
from tests.console.walk import Answer, Walk
from tests.support.runs.examples import all_asked_for

LARGE = ("campaign", "inbox", "replies")
"""Screens whose buttons are at least 44 pixels high."""

VIEWS = (
    "/inbox?tab=mine",
    f"/tree?{'' if all_asked_for() else 'line=heat&'}layer=drop-off",
    "/tree?line=heat&node=hot_water_reading&layer=words",
)
"""Pages that are others by their query; of the short run the smaller ones."""

_WORDS = re.compile(r">[^<]*<|\b(?!class|role|lang)[a-z-]+=\"[^\"]*\"")
"""What may differ between two pages that look alike."""

_LOW_BUTTONS = """() => [...document.querySelectorAll("main :is(button, [role=button])")]
  .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
  .map(each => each.textContent.trim())"""


@pytest.fixture
def windows(live: LiveConsole) -> Iterator[tuple[Looker, Looker]]:
    """A wide and a narrow window into which pages are put."""
    with looker(live, WIDE) as wide, looker(live, NARROW) as narrow:
        yield wide, narrow


@pytest.mark.parametrize(
    "empty",
    [False, pytest.param(True, marks=pytest.mark.whole_run)],
    ids=["full", "empty"],
)
def test_every_page_is_accessible_and_fits_the_window(
    live: LiveConsole, windows: tuple[Looker, Looker], empty: bool
) -> None:
    wide, narrow = windows
    found: list[str] = []
    for answer in _pages(Walk(live.console, empty=empty), lists=empty):
        found += [f"{answer.name}: {each}" for each in _found(answer.text, wide, narrow)]
        if answer.endpoint.startswith(LARGE):
            low = wide.page.evaluate(_LOW_BUTTONS)
            found += [f"{answer.name}: the button {each} is low" for each in low]
    for path in VIEWS:
        text = live.console.visit("admin", path).text
        found += [f"{path}: {each}" for each in _found(text, wide, narrow)]
    assert "\n".join(found) == ""


def _found(page: str, wide: Looker, narrow: Looker) -> list[str]:
    wide.show(page)
    narrow.show(page)
    return wide.findings() + narrow.narrow_findings()


def _pages(walk: Walk, *, lists: bool) -> Iterator[Answer]:
    """Each kind of page that an administrator or nobody is answered with; forms are sent empty.

    With ``lists``, the pages alone that name no single thing. The short run has each page as it is
    opened, and of what is refused one page of each status.
    """
    seen: set[str] = set()
    refused: set[int] = set()
    for rule, method in walk.routes():
        need = walk.console.app.view_functions[rule.endpoint].need  # type: ignore[attr-defined]
        # Where one has to log in, nobody gets a page of its own: test_walk.py.
        for role in ("admin", None) if need.permission is None else ("admin",):
            if lists and (rule.arguments or method != "GET"):
                continue
            answer = walk.ask(rule, method, role)
            looks = _WORDS.sub("", answer.text)
            if answer.is_page and answer.status != 401 and looks not in seen:
                seen.add(looks)
                if answer.status == 200 or answer.status not in refused or all_asked_for():
                    yield answer
                refused.add(answer.status)

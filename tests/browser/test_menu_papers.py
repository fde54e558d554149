"""The drawing and the guide in a real browser: nothing overflows, on a screen or on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.desks import load_desks
from ivr.lines.publishing import spoken_hours
from menus.exports.guide import guide
from menus.exports.svg import svg
from menus.loader import Line, load_line
from settings import HERE
from tests.browser.pages import OpenPage

pytestmark = pytest.mark.browser

TREES = {"menu_tree.yaml": "desks.yaml", "menus/trees/heat.yaml": "heat_desks.yaml"}
ANOTHER = pytest.mark.whole_run
EACH = ["menu_tree.yaml", pytest.param("menus/trees/heat.yaml", marks=ANOTHER)]
A4 = (672, 1009)
"""What the guide's margins leave of the page, in the pixels of print."""

OVERFLOWING = """() => {
  const inside = (one, other, by) => one.left >= other.left - by && one.right <= other.right + by
    && one.top >= other.top - by && one.bottom <= other.bottom + by;
  const found = [];
  for (const group of document.querySelectorAll('g[class]')) {
    const frame = group.querySelector('.frame').getBoundingClientRect();
    for (const text of group.querySelectorAll('.label, .words'))
      if (!inside(text.getBoundingClientRect(), frame, 0.5)) found.push(text.textContent);
  }
  const page = document.querySelector('svg > rect').getBoundingClientRect();
  for (const text of document.querySelectorAll('text'))
    if (!inside(text.getBoundingClientRect(), page, 0)) found.push(text.textContent);
  return found;
}"""


NARROW_CELLS = """() => [...document.querySelectorAll('td')]
  .filter(cell => cell.scrollWidth > cell.clientWidth).length"""


def load(tree: str) -> Line:
    return load_line(HERE / tree, HERE / "menus" / "prompts")


def shown(
    open_page: OpenPage, tmp_path: Path, name: str, content: str, size: tuple[int, int]
) -> Page:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    return open_page(f"file://{file}", size)


@pytest.mark.parametrize("tree", EACH)
@pytest.mark.parametrize(
    ("language", "depth"),
    [("hu", None), pytest.param("hu", 2, marks=ANOTHER), pytest.param("en", None, marks=ANOTHER)],
)
def test_no_word_of_a_drawing_leaves_its_frame_or_the_page(
    open_page: OpenPage, tmp_path: Path, tree: str, language: str, depth: int | None
) -> None:
    drawing = svg(load(tree), language, depth)
    page = shown(open_page, tmp_path, "tree.svg", drawing, (1280, 905))
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("tree", EACH)
def test_a_guide_fits_a_desk_a_telephone_and_a_sheet_of_paper(
    open_page: OpenPage, tmp_path: Path, tree: str
) -> None:
    line = load(tree)
    hours = spoken_hours(load_desks(HERE / TREES[tree]))
    html = guide(line, line.tree.languages, hours, ["+3680202938", "+36209383838"])
    page = shown(open_page, tmp_path, "guide.html", html, A4)
    for size, medium in (((1280, 900), "screen"), ((390, 844), "screen"), (A4, "print")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(media="print" if medium == "print" else "screen")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate(NARROW_CELLS) == 0
        large = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert large >= 17
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000

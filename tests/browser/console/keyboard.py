"""A page by keyboard alone: Tab to a control by its name, then the key that presses it."""

from playwright.sync_api import Page

from tests.support.runs.examples import all_asked_for

MOST_TABS = 150

_FOCUSED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return "";
  const labels = focused.labels && focused.labels.length ? focused.labels[0].innerText : "";
  return (focused.getAttribute("aria-label") || labels || focused.innerText || "").trim();
}"""
_APPROACH = """name => {
  const called = (each) => (each.getAttribute("aria-label") || each.labels?.[0]?.innerText
    || each.innerText || "").trim().split("\\n")[0].trim().replace(/…$/, "");
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility());
  const from = all.indexOf(document.activeElement) + 1;
  const order = [...all.slice(from), ...all.slice(0, from)];
  const wanted = order.find((each) => called(each) === name || called(each).startsWith(`${name}:`));
  const before = all[all.indexOf(wanted) - 1];
  if (wanted && before) before.focus();
}"""
_VISIBLE = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}"""


def _is(page: Page, name: str) -> bool:
    """Whether what has the focus is called so, but for an ellipsis, a figure after it, and help."""
    called: str = page.evaluate(_FOCUSED)
    first = called.split("\n")[0].strip().rstrip("…")
    return first == name or first.startswith(f"{name}:")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus, where it can be seen (WCAG 2.4.11).

    An unlisted radio button of a group is reached by its arrows: ``choose``. The short run begins
    at the control before it, the whole one where the focus is.
    """
    if not all_asked_for():
        page.evaluate(_APPROACH, name)
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if _is(page, name):
            assert page.evaluate(_VISIBLE), f"{name} has the focus out of sight"
            return
    raise AssertionError(f"no Tab leads to {name} on {page.url}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Press the button or link of that name."""
    tab_to(page, name)
    page.keyboard.press(key)


def write(page: Page, name: str, text: str) -> None:
    """Type into the field of that name, in place of what it holds; in the short run at once."""
    tab_to(page, name)
    page.keyboard.press("ControlOrMeta+a")
    (page.keyboard.type if all_asked_for() else page.keyboard.insert_text)(text)


def choose(page: Page, first: str, wanted: str) -> None:
    """Choose a radio button: Tab leads to the group, the arrows to the one that is wanted."""
    tab_to(page, first)
    for _press in range(20):
        if _is(page, wanted):
            page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no arrow leads to {wanted}")

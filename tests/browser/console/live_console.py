"""The console in a real browser: served on a port of its own, with a user logged in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.console.support import ConsoleUnderTest
from tests.support.colleagues.chromium import PLAIN, Kind, Pages, listening
from tests.support.runs.examples import all_asked_for

WIDE, NARROW = (1280, 900), (390, 844)
PLAYED = {"wide": WIDE, **({"narrow": NARROW} if all_asked_for() else {})}
"""The windows of a journey; in the short run test_accessibility.py alone looks at narrow pages."""
EXPECTED = ("401", "404", "409", "422")
"""Statuses that Chromium calls errors and that are answers of ours."""

REMARKS = ("Clear-Site-Data header", "Autofocus processing was blocked")
"""What Chromium says of pages that are right; whoever is quicker than a page keeps the focus."""


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each request."""


@dataclass
class LiveConsole:
    """A console that is served, and the pages that look at it."""

    console: ConsoleUnderTest
    address: str
    pages: Pages
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self,
        role: str | None,
        path: str = "/",
        *,
        size: tuple[int, int] = WIDE,
        kind: Kind = PLAIN,
    ) -> Iterator[Page]:
        """A page as the user of that role, who is logged in."""
        with self.pages.page(size, kind) as page:
            if role is not None:
                sent = self.console.client(role).get_cookie("__Host-desk", domain="localhost")
                assert sent is not None
                cookie = {"name": sent.key, "value": sent.value, "url": "https://127.0.0.1"}
                page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict
            ears: dict[str, Callable[..., None]] = {
                "console": self._hear,
                "pageerror": lambda error: self.complaints.append(str(error)),
            }
            with listening(page, ears):
                page.goto(self.address + path)
                yield page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith(REMARKS):
            return
        refused = "Failed to load resource" in message.text
        if not refused or not any(f"status of {code}" in message.text for code in EXPECTED):
            self.complaints.append(message.text)


def served(console: ConsoleUnderTest, pages: Pages) -> Iterator[LiveConsole]:
    """Serve it while the test runs; the browser must have had nothing to complain of."""
    server = make_server("127.0.0.1", 0, console.app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    live = LiveConsole(console, f"http://127.0.0.1:{server.port}", pages)
    try:
        yield live
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert live.complaints == [], live.complaints


@dataclass
class Looker:
    """A page into which one body after the other is put, to be looked at without loading it."""

    page: Page
    _scheme: str = ""

    def show(self, html: str) -> None:
        """Put the body of this page into the window; its scripts do not run."""
        self.page.evaluate(_SHOW, html)

    def findings(self) -> list[str]:
        """What is wrong by WCAG 2.0-2.2 A and AA in a window that is not narrow, light and dark.

        Of the rules, those that depend on colours are asked in each; the rest once, light. The
        short run asks once, and once for all pages whether a text stands out from its background:
        not again where it looks alike within what looks alike.
        """
        if all_asked_for():
            return self._axe("light", {"runOnly": _WCAG}) + self._axe("dark", {"runOnly": _COLOURS})
        self.page.evaluate(_MARK_NEW)
        return self._axe("light", {"runOnly": _WCAG})

    def narrow_findings(self) -> list[str]:
        """What is wrong in a narrow window alone; the short run looks at the width only."""
        found = self._axe("light", {"runOnly": _SIZES}) if all_asked_for() else []
        wide: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            found.append(f"{wide} pixels wider than a narrow window")
        return found

    def _axe(self, scheme: Literal["light", "dark"], options: dict[str, object]) -> list[str]:
        if scheme != self._scheme:
            self.page.emulate_media(color_scheme=scheme)
            self._scheme = scheme
        asked = {**options, "resultTypes": ["violations"], "preload": False}
        violations = self.page.evaluate(_RUN, asked)
        return [
            f"{scheme} {each['id']} {node['target']}: "
            f"{node['any'][0]['message'] if node['any'] else each['help']}"
            for each in violations
            for node in each["nodes"][:3]
        ]


_SHOW = """html => {
  const shown = new DOMParser().parseFromString(html, "text/html");
  document.documentElement.lang = shown.documentElement.lang;
  document.title = shown.title;
  document.body.replaceWith(document.adoptNode(shown.body));
}"""
_MARK_NEW = """() => {
  window.seen ??= new Map();
  const look = (element, within) => {
    const style = getComputedStyle(element);
    const has_text = [...element.childNodes].some(each => each.nodeType === 3 && each.data.trim());
    const looks = [within, element.localName, element.getAttribute("class"),
      element.checkVisibility(), has_text || !!element.value,
      element.matches(":disabled, [aria-disabled=true]"),
      style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.position,
      style.fontSize, style.fontWeight].join(" ");
    if (!window.seen.has(looks)) {
      window.seen.set(looks, window.seen.size);
      element.setAttribute("data-new", "");
    }
    for (const each of element.children) look(each, window.seen.get(looks));
  };
  look(document.body, "");
}"""
_ASK_NEW = "axe.configure({rules: [{id: 'color-contrast', selector: '[data-new]'}]})"
_RUN = "options => axe.run(document, options).then(result => result.violations)"
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_COLOURS = {"type": "rule", "values": ["color-contrast"]}
_SIZES = {
    "type": "rule",
    "values": ["color-contrast", "target-size", "scrollable-region-focusable"],
}


def page_findings(page: Page) -> list[str]:
    """The findings of a page amid a journey; the short run leaves them to test_accessibility.py."""
    if not all_asked_for():
        return []
    page.evaluate(AXE_SCRIPT)
    window = Looker(page)
    found = window.findings()
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    found += window.narrow_findings()
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return [f"{page.url} {each}" for each in found]


@contextmanager
def looker(live: LiveConsole, size: tuple[int, int]) -> Iterator[Looker]:
    """A window on the login page, which has the stylesheets of all pages, with axe in it."""
    with live.page(None, "/login", size=size) as page:
        page.evaluate(AXE_SCRIPT)
        if not all_asked_for():
            page.evaluate(_ASK_NEW)
        yield Looker(page)

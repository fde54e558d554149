"""The console in a real browser: served on a port of its own, with a user logged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.console.support import ConsoleUnderTest

WIDE, NARROW = (1280, 900), (390, 844)
EXPECTED = ("401", "404", "409", "422")
"""Statuses that Chromium calls errors and that are answers of ours."""

_AXE = Axe()
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RULES: dict[str, object] = {"runOnly": _WCAG, "resultTypes": ["violations"]}
_COLOURS: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
_SIZES: dict[str, object] = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "target-size", "scrollable-region-focusable"],
    }
}


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each request."""


@dataclass
class LiveConsole:
    """A console that is served, and the browser that looks at it."""

    console: ConsoleUnderTest
    address: str
    chromium: Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self,
        role: str | None,
        path: str = "/",
        *,
        size: tuple[int, int] = WIDE,
        script: bool = True,
    ) -> Iterator[Page]:
        """A page in a browser of its own, as the user of that role, who is logged in."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            locale="hu-HU",
            reduced_motion="reduce",
        )
        if role is not None:
            sent = self.console.client(role).get_cookie("__Host-desk", domain="localhost")
            assert sent is not None
            cookie = {"name": sent.key, "value": sent.value, "url": "https://127.0.0.1"}
            context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.address + path)
        yield page
        context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource" in message.text
        if not refused or not any(f"status of {code}" in message.text for code in EXPECTED):
            self.complaints.append(message.text)


def served(console: ConsoleUnderTest, chromium: Browser) -> Iterator[LiveConsole]:
    """Serve it while the test runs; the browser must have had nothing to complain of."""
    server = make_server("127.0.0.1", 0, console.app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    live = LiveConsole(console, f"http://127.0.0.1:{server.port}", chromium)
    try:
        yield live
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert live.complaints == []


def page_findings(page: Page) -> list[str]:
    """What is wrong with a page by WCAG 2.0-2.2 A and AA, wide and narrow, light and dark.

    Of the rules, those that depend on colours or on the window are asked in each; the rest once.
    """
    found = _axe(page, "light", _RULES)
    found += _axe(page, "dark", _COLOURS)
    size = page.viewport_size
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    found += _axe(page, "light", _SIZES)
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        found.append(f"{page.url} is {wide} pixels wider than the window")
    if size is not None:
        page.set_viewport_size(size)
    return found


def _axe(page: Page, scheme: Literal["light", "dark"], options: dict[str, object]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    findings = []
    for violation in _AXE.run(page, options=options).response["violations"]:
        for node in violation["nodes"][:3]:
            why = node["any"][0]["message"] if node["any"] else violation["help"]
            findings.append(f"{page.url} {scheme} {violation['id']} {node['target']}: {why}")
    page.emulate_media(color_scheme=None)
    return findings

"""A real browser for tests; without one they are skipped, except where all must run."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_WITHOUT = [
    # Two pages of Chromium's own for its address bar, which took each context 2 s of a processor.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # A process for the next page, of which most have one already.
    "SpareRendererForSitePerProcess",
    # What Playwright does without: of two such lists Chromium takes the second alone.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
]
CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_WITHOUT)}",
]


@dataclass(frozen=True)
class Kind:
    """What of a page cannot be taken back: pages of one kind serve one test after the other.

    ``script`` is whether it runs any; ``first`` is run before those of each document; ``has`` is
    what the tests themselves give it.
    """

    script: bool = True
    first: str = ""
    has: str = ""


PLAIN = Kind()
WITHOUT_SCRIPT = Kind(script=False)
OWN_CLOCK = Kind(has="clock")


@dataclass
class Pages:
    """Pages of a browser, each in a context of its own, that are used again.

    A new page costs Chromium about two processes, and half a second of a processor. One of a
    certain kind is made of a plain one that nobody uses.
    """

    browser: Browser
    idle: dict[Kind, list[Page]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def page(self, size: tuple[int, int], kind: Kind = PLAIN) -> Iterator[Page]:
        """A page of that size without earlier cookies; what we serve stores nothing else."""
        width, height = size
        idle = self.idle[kind]
        page = idle.pop() if idle else self._new(kind)
        page.set_viewport_size({"width": width, "height": height})
        try:
            yield page
        except BaseException:
            page.context.close()
            raise
        page.unroute_all()
        page.emulate_media(media="null", color_scheme="null", reduced_motion="reduce")
        page.goto("about:blank")
        page.context.clear_cookies()
        idle.append(page)

    def _new(self, kind: Kind) -> Page:
        if kind.script and self.idle[PLAIN]:
            page = self.idle[PLAIN].pop()
        else:
            page = self.browser.new_context(
                locale="hu-HU", reduced_motion="reduce", java_script_enabled=kind.script
            ).new_page()
        if kind.first:
            page.add_init_script(kind.first)
        return page


@contextmanager
def listening(page: Page, ears: Mapping[str, Callable[..., None]]) -> Iterator[None]:
    """Call these for the events of the page during the block."""
    for event, ear in ears.items():
        page.on(event, ear)  # type: ignore[call-overload]  # names as literals
    try:
        yield
    finally:
        for event, ear in ears.items():
            page.remove_listener(event, ear)


@contextmanager
def launched_chromium() -> Iterator[Browser]:
    """A browser without windows.

    Playwright keeps an event loop running, beside which the thread can have no other.
    """
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing = "no Chromium is installed; the browser tests need one (apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()

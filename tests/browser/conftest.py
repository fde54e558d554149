"""A real browser, and pages in it that must not complain."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser.pages import WIDE, OpenPage

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
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # No longer than a module: Playwright keeps an event loop running, beside which no other can.
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


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens pages, which must not complain nor load anything from elsewhere."""
    opened: list[Page] = []
    complaints: list[str] = []

    def open_(address: str, size: tuple[int, int] = WIDE) -> Page:
        page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
        opened.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", _elsewhere("/".join(address.split("/")[:3]), complaints))
        page.goto(address)
        return page

    yield open_
    for page in opened:
        page.close()
    assert complaints == []


def _elsewhere(origin: str, complaints: list[str]) -> Callable[[Request], None]:
    def check(sent: Request) -> None:
        if not sent.url.startswith(f"{origin}/"):
            complaints.append(f"loads {sent.url}")

    return check

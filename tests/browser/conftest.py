"""A real browser, and pages in it that must not complain."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.pages import WIDE, OpenPage
from tests.support.chromium import launched_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module."""
    with launched_chromium() as browser:
        yield browser


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

"""A real browser, and pages in it that must not complain."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, Request

from tests.browser.pages import WIDE, OpenPage
from tests.support.colleagues.chromium import PLAIN, Kind, Pages, launched_chromium, listening


@pytest.fixture(scope="package")
def pages() -> Iterator[Pages]:
    """The pages of one browser for all tests of this folder."""
    with launched_chromium() as browser:
        yield Pages(browser)


@pytest.fixture
def open_page(pages: Pages) -> Iterator[OpenPage]:
    """Opens pages, which must not complain nor load anything from elsewhere."""
    complaints: list[str] = []
    with ExitStack() as opened:

        def open_(address: str, size: tuple[int, int] = WIDE, kind: Kind = PLAIN) -> Page:
            page = opened.enter_context(pages.page(size, kind))
            ears: dict[str, Callable[..., None]] = {
                "console": lambda message: complaints.append(message.text),
                "pageerror": lambda error: complaints.append(str(error)),
                "request": _elsewhere("/".join(address.split("/")[:3]), complaints),
            }
            opened.enter_context(listening(page, ears))
            page.goto(address)
            return page

        yield open_
    assert complaints == []


def _elsewhere(origin: str, complaints: list[str]) -> Callable[[Request], None]:
    def check(sent: Request) -> None:
        if not sent.url.startswith(f"{origin}/"):
            complaints.append(f"loads {sent.url}")

    return check

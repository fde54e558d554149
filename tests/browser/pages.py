"""What the tests of pages share: window sizes, and how a page is opened."""

from typing import Protocol

import pytest
from playwright.sync_api import Page

from tests.support.chromium import PLAIN, Kind

WIDE, NARROW = (1280, 800), (390, 844)
both_widths = pytest.mark.parametrize("page", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)


class OpenPage(Protocol):
    """Opens an address in a window of that size; each call of a test has a page of its own."""

    def __call__(self, address: str, size: tuple[int, int] = WIDE, kind: Kind = PLAIN) -> Page: ...

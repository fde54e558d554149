"""What the tests of pages share: window sizes, and how a page is opened."""

from typing import Protocol

import pytest
from playwright.sync_api import Page

from tests.support.chromium import PLAIN, Kind
from tests.support.examples import all_asked_for

WIDE, NARROW = (1280, 800), (390, 844)
_BOTH = {"wide": WIDE, "narrow": NARROW}
_PLAYED = _BOTH if all_asked_for() else {"wide": WIDE}
both_widths = pytest.mark.parametrize("page", _BOTH.values(), ids=_BOTH, indirect=True)
played_narrow_too = pytest.mark.parametrize("page", _PLAYED.values(), ids=_PLAYED, indirect=True)
"""A journey, which the short run plays in a wide window alone: ``both_widths`` finds what a narrow
one cuts off."""


class OpenPage(Protocol):
    """Opens an address in a window of that size; each call of a test has a page of its own."""

    def __call__(self, address: str, size: tuple[int, int] = WIDE, kind: Kind = PLAIN) -> Page: ...

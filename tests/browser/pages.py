"""What the tests of pages share: window sizes, and how a page is opened."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from playwright.sync_api import Page

from tests.support.colleagues.chromium import PLAIN, Kind
from tests.support.runs.examples import all_asked_for

WIDE, NARROW = (1280, 800), (390, 844)
_PLAYED = {"wide": WIDE, **({"narrow": NARROW} if all_asked_for() else {})}
played_narrow_too = pytest.mark.parametrize("page", _PLAYED.values(), ids=_PLAYED, indirect=True)
"""A journey, which the short run plays in a wide window alone: ``in_both_widths`` finds what a
narrow one cuts off."""


def in_both_widths(page: Page) -> Iterator[Page]:
    """The page in a wide and in a narrow window."""
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        yield page


class OpenPage(Protocol):
    """Opens an address in a window of that size; each call of a test has a page of its own."""

    def __call__(self, address: str, size: tuple[int, int] = WIDE, kind: Kind = PLAIN) -> Page: ...

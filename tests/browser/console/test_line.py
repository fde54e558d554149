"""The menu and the line in Chromium: a place is found, a notice is looked at, begun and ended."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.live_console import PLAYED, LiveConsole

TYPED = {
    "Terület": "2000",
    "Hely magyarul": "Szentendrén",
    "Hely angolul": "in Szentendre",
}


def _tell_and_end(page: Page) -> None:
    notice = page.get_by_role("region", name="Új közlés")
    notice.get_by_label("üzemzavar").check()
    for label, words in TYPED.items():
        notice.get_by_label(label).fill(words)
    expect(notice.locator("#elonezet")).to_contain_text("Szentendrén üzemzavar miatt szünetel")
    expect(notice.locator("#elonezet")).to_contain_text("Érintett cím: 0")
    notice.get_by_role("button", name="Közlés indítása").click()
    expect(page.get_by_role("heading", name="üzemzavar: Szentendrén")).to_be_visible()
    page.get_by_role("button", name="Közlés lezárása").click()
    expect(page.get_by_text("Most nincs érvényben közlés.")).to_be_visible()


@pytest.mark.whole_run
def test_a_notice_is_looked_at_begun_and_ended(live: LiveConsole) -> None:
    for size in PLAYED.values():
        with live.page("sender", "/line", size=size) as page:
            _tell_and_end(page)


@pytest.mark.whole_run
def test_a_place_of_the_menu_is_chosen_in_the_picture(live: LiveConsole) -> None:
    for size in PLAYED.values():
        with live.page("viewer", "/tree", size=size) as page:
            page.get_by_role("button", name="+ Nagyítás").click()
            expect(page.get_by_text("150%")).to_be_visible()
            picture = page.get_by_role("region", name="A menü rajza")
            picture.get_by_role("link", name="2 Számlázás").focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name="2 Számlázás")).to_be_visible()
            assert "zoom=150" in page.url
            assert picture.locator('a[aria-current="true"]').count() == 1

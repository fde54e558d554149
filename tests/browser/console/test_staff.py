"""An administrator lets a colleague in, in Chromium: refused, proved anew, shown once."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.console.live_console import NARROW, WIDE, LiveConsole
from tests.console.support import PASSWORD
from tests.support.colleagues.chromium import PLAIN, WITHOUT_SCRIPT


@pytest.mark.parametrize(
    ("size", "script"), [(WIDE, True), (NARROW, False)], ids=["wide", "without script"]
)
@pytest.mark.whole_run
def test_a_colleague_is_let_in_although_the_proof_has_aged_on_the_form(
    live: LiveConsole, size: tuple[int, int], script: bool
) -> None:
    with live.page("admin", "/staff", size=size, kind=PLAIN if script else WITHOUT_SCRIPT) as page:
        page.get_by_role("button", name="Új munkatárs").click()
        page.get_by_label("Felhasználónév").fill("Réka")
        page.get_by_role("button", name="Munkatárs felvétele").click()
        assert page.evaluate("document.activeElement.id") == "hiba"
        page.get_by_label("Felhasználónév").fill("reka")
        page.get_by_label("Szerepkör").select_option(label="jóváhagyó")
        live.console.now += timedelta(minutes=16)
        page.get_by_role("button", name="Munkatárs felvétele").click()
        page.get_by_label("Jelszó").fill(PASSWORD)
        page.get_by_role("button", name="Tovább").click()
        expect(page.get_by_role("heading", name="Egyszer használható jelszó: reka")).to_be_visible()
        page.get_by_role("button", name="Tovább").click()
        assert page.url.removesuffix("#hiba") == f"{live.address}/staff/reka"
        assert not (script and page.url.endswith("#hiba"))
        expect(page.get_by_label("Szerepkör")).to_have_value("approver")
        page.get_by_role("link", name="A fiókot érintő események").click()
        expect(page.get_by_role("cell", name="új munkatárs")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.whole_run
def test_a_login_after_a_refused_one_leaves_nothing_of_it_in_the_address(
    live: LiveConsole,
) -> None:
    with live.page(None, "/login") as page:
        for password in ("wrong", PASSWORD):
            page.get_by_label("Felhasználónév").fill("sender")
            page.get_by_label("Jelszó").fill(password)
            page.get_by_role("button", name="Bejelentkezés").click()
        expect(page.get_by_role("heading", name="Teendők")).to_be_visible()
        assert page.url == f"{live.address}/"

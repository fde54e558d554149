"""Pages that stay open in Chromium: polled regions, and a session that is about to end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import APIResponse, Dialog, Locator, Page, Request, Response, Route, expect
from sqlalchemy import update

from backend.db.tables.messages import outbox
from backend.db.tables.staff import jobs
from backend.db.transactions import write
from tests.browser.console.live_console import LiveConsole, page_findings
from tests.console.campaigns.test_campaigns import add_campaign
from tests.console.support import PASSWORD
from tests.support.colleagues.chromium import OWN_CLOCK


def _clock(live: LiveConsole, page: Page) -> Callable[[int], None]:
    """Load the page anew under a clock of ours; moves it and the console's by so many seconds."""
    page.clock.install()
    page.reload()

    def move(seconds: int) -> None:
        live.console.now += timedelta(seconds=seconds)
        page.clock.fast_forward(seconds * 1000)

    return move


def test_a_session_that_is_about_to_end_asks_and_ends_with_the_way_back(live: LiveConsole) -> None:
    with live.page("sender", "/templates", kind=OWN_CLOCK) as page:
        move = _clock(live, page)
        asked = page.get_by_role("dialog", name="Itt van még?")
        move(27 * 60)
        expect(asked).not_to_be_visible()
        move(65)
        expect(asked).to_be_visible()
        expect(page.get_by_text("két perc múlva kijelentkeztetjük")).to_be_visible()
        assert page_findings(page) == []
        expect(page.get_by_role("button", name="Maradok")).to_be_focused()
        page.keyboard.press("Tab")
        expect(asked.get_by_role("button", name="Kijelentkezés")).to_be_focused()
        page.keyboard.press("Escape")
        expect(asked).not_to_be_visible()
        move(28 * 60 + 5)
        page.get_by_role("button", name="Maradok").click()
        expect(asked).not_to_be_visible()
        move(31 * 60)
        page.wait_for_url("**/login?**")
        expect(page.get_by_text("Biztonsági okból kijelentkeztettük")).to_be_visible()
        page.get_by_label("Felhasználónév").fill("sender")
        page.get_by_label("Jelszó").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/templates*")


@pytest.mark.whole_run
def test_what_is_typed_and_not_saved_is_named_before_the_session_ends(live: LiveConsole) -> None:
    with live.page("sender", "/suppression", kind=OWN_CLOCK) as page:
        move = _clock(live, page)
        page.get_by_label("Telefonszám").fill("0630")
        move(28 * 60 + 5)
        expect(page.get_by_text("még nem mentett el, elveszne")).to_be_visible()
        expect(page.get_by_text("A megkezdett munkáját elmentettük.")).not_to_be_visible()


@pytest.mark.whole_run
def test_another_window_keeps_the_session_for_all(live: LiveConsole) -> None:
    with live.page("sender", "/templates", kind=OWN_CLOCK) as page:
        move = _clock(live, page)
        move(27 * 60)
        live.console.visit("sender", "/")
        move(90)
        page.clock.run_for(6000)
        expect(page.get_by_role("dialog", name="Itt van még?")).not_to_be_visible()


@pytest.mark.whole_run
def test_a_refresh_that_fails_three_times_says_so_until_it_goes_on(live: LiveConsole) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="")

    def note(request: Request) -> None:
        if "/inbox/count" in request.url:
            asked.append(request.url)

    with live.page("sender", "/inbox", kind=OWN_CLOCK) as page:
        move = _clock(live, page)
        page.on("request", note)
        stopped = page.get_by_text("A frissítés megállt.")
        page.route("**/inbox/count?*", refuse)
        for _poll in range(4):
            move(30)
            page.wait_for_timeout(1)
        # Tried at once, then after twice the time.
        assert len(asked) == 2
        expect(stopped).not_to_be_visible()
        move(60)
        expect(stopped).to_be_visible()
        expect(page.get_by_role("link", name="Az oldal újratöltése")).to_be_visible()
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
        )
        move(120)
        assert len(asked) == 3
        page.evaluate("delete document.hidden")
        page.unroute("**/inbox/count?*")
        move(30)
        expect(stopped).not_to_be_visible()
    live.complaints.clear()


@pytest.mark.whole_run
def test_the_title_carries_the_share_and_quarters_are_spoken(live: LiveConsole) -> None:
    campaign_id = add_campaign(live.console, people=8, state="running")
    with live.page("sender", f"/campaigns/{campaign_id}", kind=OWN_CLOCK) as page:
        expect(page).to_have_title("0% – Novemberi értesítő <b> – Zöldszám")
        spoken = page.locator("[data-status]")
        expect(spoken).to_have_text("")
        move = _clock(live, page)
        state = "Novemberi értesítő <b>: küldés folyamatban"
        quarter, half = f"{state}, 25%", f"{state}, 50%"
        steps = ((1, "13%", ""), (2, "25%", quarter), (3, "38%", quarter), (4, "50%", half))
        for sent, title, said in steps:
            with write(live.console.engine) as connection:
                connection.execute(
                    update(outbox).where(outbox.c.line < sent + 2).values(state="delivered")
                )
            move(3)
            expect(page).to_have_title(f"{title} – Novemberi értesítő <b> – Zöldszám")
            expect(spoken).to_have_text(said)


@pytest.mark.whole_run
def test_a_report_is_printed_without_bar_and_buttons_on_one_sheet(live: LiveConsole) -> None:
    campaign_id = add_campaign(live.console, state="done")
    with live.page("sender", f"/campaigns/{campaign_id}") as page:
        page.emulate_media(media="print", color_scheme="dark")
        shown = page.locator("header, nav, form, button, dialog").filter(visible=True)
        expect(shown).to_have_count(0)
        expect(page.get_by_role("heading", name="Összesítő")).to_be_visible()
        ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
        assert ink == "rgb(0, 0, 0)"
        sheets = page.pdf(format="A4")
        assert sheets.count(b"/Type /Page\n") == 1


LIST = {"name": "lista.csv", "mimeType": "text/csv", "buffer": b"case_id\nD1\n"}


def _plan_with_a_chosen_file(page: Page) -> Locator:
    """The first step of a new campaign, typed into; the field of the file that was chosen."""
    page.get_by_role("button", name="Új kampány").click()
    page.get_by_label("A kampány neve").fill("Őszi értesítő")
    page.get_by_label("Feltöltött lista").check()
    file = page.get_by_label("A lista fájlja")
    file.set_input_files(LIST)  # type: ignore[arg-type]  # a TypedDict
    return file


@pytest.mark.whole_run
def test_a_chosen_file_is_asked_for_before_it_is_lost_and_what_was_typed_is_kept(
    live: LiveConsole,
) -> None:
    asked: list[str] = []
    stays = True

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss() if stays else dialog.accept()

    with live.page("sender", "/campaigns") as page:
        page.on("dialog", answer)
        file = _plan_with_a_chosen_file(page)
        on = page.get_by_role("link", name="2. Szöveg")
        on.click(no_wait_after=True)
        expect(page.get_by_role("heading", level=1)).to_have_text("Új kampány: Címzettek")
        assert file.input_value().endswith("lista.csv")
        stays = False
        on.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Új kampány: Szöveg")
        page.get_by_role("link", name="1. Címzettek").click()
        expect(page.get_by_label("A kampány neve")).to_have_value("Őszi értesítő")
        expect(page.get_by_label("Feltöltött lista")).to_be_checked()
        assert asked == ["beforeunload"] * 2
        file.set_input_files(LIST)  # type: ignore[arg-type]
        page.get_by_role("button", name="Tovább").click()
        expect(page.get_by_text("Feltöltött lista: lista.csv")).to_be_visible()
        assert len(asked) == 2, "what is loaded up is not lost"


@pytest.mark.whole_run
def test_a_file_that_is_chosen_while_the_one_before_is_read_stays_when_that_is_over(
    live: LiveConsole,
) -> None:
    def is_over(answer: Response) -> bool:
        return "/judging" in answer.url and "hx-refresh" in answer.headers

    with live.page("sender", "/campaigns") as page:
        file = _plan_with_a_chosen_file(page)
        page.get_by_role("button", name="Tovább").click()
        expect(page.get_by_text("Feltöltött lista: lista.csv")).to_be_visible()
        file.set_input_files({**LIST, "name": "jobb.csv"})  # type: ignore[arg-type]
        with page.expect_response(is_over), write(live.console.engine) as connection:
            connection.execute(update(jobs).values(state="failed"))
        page.wait_for_timeout(50)
        assert file.input_value().endswith("jobb.csv")


@pytest.mark.whole_run
def test_a_link_that_looks_like_a_button_is_pressed_by_the_space_bar(live: LiveConsole) -> None:
    with live.page("sender", "/templates") as page:
        page.get_by_role("button", name="Új sablon").focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("heading", level=1)).to_have_text("Új sablon")


@pytest.mark.whole_run
def test_a_form_that_is_sent_while_it_is_being_kept_is_no_change_in_another_window(
    live: LiveConsole,
) -> None:
    kept: list[tuple[Route, APIResponse]] = []
    with live.page("sender", "/campaigns") as page:
        page.get_by_role("button", name="Új kampány").click()
        page.get_by_role("link", name="3. Időzítés").click()
        page.route("**/keep", lambda route: kept.append((route, route.fetch())))
        page.get_by_label("Ekkor:").check()
        page.get_by_label("Nap", exact=True).fill("2026. 11. 25.")
        page.get_by_label("Időpont").fill("9:00")
        while not kept:
            page.wait_for_timeout(50)
        page.get_by_role("button", name="Tovább").click(no_wait_after=True)
        page.wait_for_timeout(50)
        for route, answer in kept:
            route.fulfill(response=answer)
        expect(page.get_by_role("heading", level=1)).to_have_text("Új kampány: Ellenőrzés")

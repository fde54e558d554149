"""The console in a browser that runs no script: everything works by forms and links."""

from playwright.sync_api import expect

from backend.db.transactions import write
from backend.interface.codes import TaskKind
from backend.records.work_list.tasks import open_task
from tests.browser.console.live_console import NARROW, LiveConsole
from tests.console.campaigns.test_campaigns import add_campaign
from tests.console.support import PASSWORD
from tests.support.colleagues.chromium import WITHOUT_SCRIPT


def test_a_task_is_finished_and_a_campaign_paused_without_script(live: LiveConsole) -> None:
    console = live.console
    with write(console.engine) as connection:
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
    add_campaign(console, state="running")
    with live.page(None, "/inbox", size=NARROW, kind=WITHOUT_SCRIPT) as page:
        page.get_by_label("Felhasználónév").fill("sender")
        page.get_by_label("Jelszó").fill(PASSWORD)
        page.get_by_role("button", name="Bejelentkezés").click()
        expect(page).to_have_title("Beérkezett – Zöldszám")
        page.get_by_role("button", name="Magamhoz veszem").click()
        expect(page.get_by_role("status").filter(has_text="A feladat az Öné.")).to_be_visible()
        page.get_by_role("button", name="Lezárás").click()
        expect(page.get_by_role("heading", name="Javítandó")).to_be_visible()
        page.get_by_label("Nincs további teendő").check()
        page.get_by_role("button", name="Lezárás").click()
        expect(page.get_by_text("Feladat lezárva: elintézve.")).to_be_visible()
        page.get_by_role("link", name="Kampányok").click()
        page.get_by_role("link", name="Novemberi értesítő").first.click()
        page.get_by_role("button", name="Szüneteltetés").click()
        expect(page.get_by_text("A kampány szünetel.")).to_be_visible()
        page.get_by_role("button", name="Kijelentkezés").click()
        expect(page).to_have_title("Bejelentkezés – Zöldszám")

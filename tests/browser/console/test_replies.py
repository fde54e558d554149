"""A clerk's work on a task in Chromium: note, reply and draft; nothing that was typed is lost."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from backend.db.tables.messages import inbound_messages
from backend.db.transactions import write
from backend.interface.codes import TaskKind
from backend.records.work_list.tasks import open_task
from tests.browser.console.live_console import PLAYED, WIDE, LiveConsole, page_findings
from tests.support.colleagues.chromium import OWN_CLOCK

PHONE = "+36301234567"


def _ask(live: LiveConsole, phone: str = PHONE) -> None:
    """Somebody asks who has written to them."""
    with write(live.console.engine) as connection:
        message = {
            "message_sid": "SM" + phone,
            "received_at": live.console.now - timedelta(hours=1),
            "phone": phone,
            "body": "Ki keres?",
            "meaning": "other",
            "acknowledged": False,
        }
        connection.execute(inbound_messages.insert().values(message))
        opened = live.console.now - timedelta(hours=1)
        open_task(connection, TaskKind.READ_MESSAGE, phone, opened, message_sid="SM" + phone)


@pytest.mark.parametrize("size", PLAYED.values(), ids=PLAYED)
@pytest.mark.whole_run
def test_a_task_is_taken_noted_on_and_answered(live: LiveConsole, size: tuple[int, int]) -> None:
    found: list[str] = []
    _ask(live)
    with live.page("sender", "/inbox", size=size) as page:
        page.get_by_role("button", name="Magamhoz veszem").click()
        page.get_by_label("Megjegyzés").fill("Visszahívom délután.")
        expect(page.get_by_text("Mentve: 10:00")).to_be_visible()
        if size == WIDE:
            found += page_findings(page)
        page.get_by_role("button", name="Válasz sablonnal").click()
        page.get_by_label("Sablon").select_option("reply_contact")
        page.get_by_role("button", name="Előnézet").click()
        expect(page).to_have_url(re.compile("template=reply_contact"))
        expect(page.get_by_role("button", name="Válasz küldése")).to_be_visible()
        if size == WIDE:
            found += page_findings(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="Válasz küldése").click()
        expect(page.get_by_text("sorban áll")).to_be_visible()
        expect(page.get_by_label("Megjegyzés")).to_have_value("Visszahívom délután.")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if size == WIDE:
            found += page_findings(page)
    assert "\n".join(found) == ""


@pytest.mark.whole_run
def test_what_was_typed_just_before_leaving_is_a_draft_on_the_first_page(
    live: LiveConsole,
) -> None:
    with live.page("sender", "/templates/debt_contact_1/edit") as page:
        page.get_by_label("Szöveg").fill("Kedves Ügyfelünk")
        page.get_by_role("link", name="Kampányok").click()
        page.wait_for_url("**/campaigns")
        page.get_by_role("link", name="Teendők").click()
        page.get_by_role("link", name="Sablon piszkozata: debt_contact_1").click()
        expect(page.get_by_label("Szöveg")).to_have_value("Kedves Ügyfelünk")
        assert page_findings(page) == []


@pytest.mark.whole_run
def test_a_new_task_is_told_of_and_moves_nothing_until_it_is_asked_for(live: LiveConsole) -> None:
    _ask(live)
    with live.page("sender", "/inbox", kind=OWN_CLOCK) as page:
        page.clock.install()
        page.reload()
        _ask(live, "+36301234568")
        live.console.now += timedelta(minutes=1)
        page.clock.run_for(31_000)
        link = page.get_by_role("link", name="1 új feladat – megjelenítés")
        expect(link).to_be_visible()
        expect(page.locator(".tasks > li")).to_have_count(1)
        link.click()
        expect(page.locator(".tasks > li")).to_have_count(2)

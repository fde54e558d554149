"""The first page: each role sees what it can act on, and the figures are asked for again."""

import re
from datetime import timedelta

from backend.db.transactions import write
from backend.interface.codes import TaskKind
from backend.records.work_list.tasks import open_task
from messages.campaigns.template_library import find_template
from tests.console.support import ConsoleUnderTest
from tests.support.databases.message_rows import add_campaign, add_row


def test_each_role_sees_what_waits_for_it_and_each_line_leads_there(
    console: ConsoleUnderTest,
) -> None:
    assert "Nincs teendője." in console.visit("approver", "/").text
    with write(console.engine) as connection:
        find_template(connection, "debt_contact_1", now=console.now)
        add_campaign(connection, "C1", "draft")
        add_campaign(connection, "C2", "paused")
        add_campaign(connection, "C3", "running")
        add_row(connection, "C3")
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
    approver = console.visit("approver", "/").text
    for expected in (
        'Jóváhagyás: <a href="/campaigns/C1">',
        '<a href="/inbox"><span id="tasks">1 nyitott feladat',
        '<a href="/campaigns/C2">November</a> – szünetel:',
        '<a href="/campaigns/C3">November</a> <span id="going-C3"><progress',
        '<a href="/calls"><span id="calls">0 hívás ma',
    ):
        assert expected in approver
    assert "Jóváhagyás:" not in console.visit("sender", "/").text
    viewer = console.visit("viewer", "/").text
    assert "nyitott feladat" not in viewer
    assert "szünetel:" not in viewer
    assert "(1)" in viewer
    console.submit("sender", "/inbox/1/take", {})
    assert "1 feladat Önnél van" in console.visit("sender", "/").text
    console.now += timedelta(minutes=31)
    console.clients.clear()
    assert "Önnél van" not in console.visit("sender", "/").text


def test_a_planned_campaign_waits_for_its_author_and_one_begins_where_nothing_does(
    console: ConsoleUnderTest,
) -> None:
    assert "Új kampány" not in console.visit("approver", "/").text
    assert "Új kampány" in console.visit("sender", "/").text
    begun = console.submit("sender", "/campaigns/new", {"form_key": "0" * 32})
    assert begun.location is not None
    assert f'<a href="{begun.location}">Kampány piszkozata: név nélkül' in (
        console.visit("sender", "/").text
    )
    assert "piszkozata" not in console.visit("admin", "/").text


def test_unchanged_figures_are_not_sent_again_and_new_lines_are_told_of(
    console: ConsoleUnderTest,
) -> None:
    shown = console.visit("sender", "/").text
    polls = [found.replace("&amp;", "&") for found in re.findall(r'hx-get="([^"]+)"', shown)]
    assert len(polls) == 2
    client = console.client("sender")
    for poll in polls:
        assert client.get(poll, base_url="https://localhost").status_code == 204
    with write(console.engine) as connection:
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
    console.now += timedelta(seconds=30)
    answers = [client.get(poll, base_url="https://localhost").text for poll in polls]
    assert any("(1)" in answer for answer in answers)
    assert any("1 nyitott feladat" in answer for answer in answers)
    assert any("Megváltozott a lista – megjelenítés" in answer for answer in answers)
    assert not any("<a " in answer for answer in answers)


def test_every_page_marks_its_item_of_the_bar(console: ConsoleUnderTest) -> None:
    with write(console.engine) as connection:
        find_template(connection, "debt_contact_1", now=console.now)
        add_campaign(connection, "C1", "draft")
    items = {
        "/": "Teendők",
        "/campaigns/C1/return": "Kampányok",
        "/campaigns/C1/cancel": "Kampányok",
        "/inbox": "Beérkezett",
        "/suppression": "Beérkezett",
        "/templates/debt_contact_1": "Sablonok",
        "/requests": "Hívások",
    }
    for path, item in items.items():
        bar = console.visit("approver", path).text.partition("</header>")[0]
        marked = re.findall(r'aria-current="page">([^<]*)', bar)
        assert [each.strip() for each in marked] == [item], path

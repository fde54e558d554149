"""The first page: each role sees what it can act on, and the figures are asked for again."""

import re

from backend.db.transactions import write
from backend.interface.codes import TaskKind
from backend.records.tasks import open_task
from messages.campaigns.template_library import find_template
from tests.console.support import ConsoleUnderTest
from tests.support.message_rows import add_campaign


def test_each_role_sees_what_waits_for_it(console: ConsoleUnderTest) -> None:
    assert "Nincs teendője." in console.visit("approver", "/").text
    with write(console.engine) as connection:
        find_template(connection, "debt_contact_1", now=console.now)
        add_campaign(connection, "C1", "draft")
        add_campaign(connection, "C2", "paused")
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
    approver = console.visit("approver", "/").text
    assert "jóváhagyás: 1" in approver
    assert "feladat: 1" in approver
    assert "szünetel:" in approver
    assert "jóváhagyás: 1" not in console.visit("sender", "/").text
    assert "feladat: 1" not in console.visit("viewer", "/").text
    assert "(1)" in console.visit("viewer", "/inbox").text


def test_unchanged_figures_are_not_sent_again(console: ConsoleUnderTest) -> None:
    shown = console.visit("sender", "/").text
    polls = [found.replace("&amp;", "&") for found in re.findall(r'hx-get="([^"]+)"', shown)]
    assert len(polls) == 2
    client = console.client("sender")
    for poll in polls:
        assert client.get(poll, base_url="https://localhost").status_code == 204
    with write(console.engine) as connection:
        open_task(connection, TaskKind.READ_MESSAGE, "+36301234567", console.now)
    answers = [client.get(poll, base_url="https://localhost").text for poll in polls]
    assert any("(1)" in answer for answer in answers)
    assert any("feladat: 1" in answer for answer in answers)


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

"""Replies: who wrote is answered with a text of the library, once, unless the number is stopped."""

import re
from datetime import timedelta

import pytest

from backend.db.deadline import answer_within
from backend.db.tables.messages import inbound_messages
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind, StopOrigin, StopReason, TaskKind
from backend.records.suppression.stops import stop_number
from backend.records.work_list.task_list import page_of_tasks
from backend.records.work_list.tasks import open_task
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.replies import replies_to
from messages.campaigns.template_saving import save_template
from tests.console.support import ConsoleUnderTest
from tests.support.colleagues.staff import acts_of
from tests.support.databases.message_rows import add_campaign, add_row
from tests.support.databases.records import DESKS

PHONE = "+36301234567"
MASKED = "+36 30 *** **67"


@pytest.fixture
def number(console: ConsoleUnderTest) -> int:
    """A task of the sender: somebody asks who wrote to them."""
    with write(console.engine) as connection:
        add_campaign(connection)
        row = add_row(connection, phone=PHONE, case_id="K-20481", state="delivered")
        message = {
            "message_sid": "SM1",
            "received_at": console.now - timedelta(hours=1),
            "phone": PHONE,
            "body": "Ki keres?",
            "meaning": "other",
            "acknowledged": False,
        }
        connection.execute(inbound_messages.insert().values(message))
        open_task(
            connection,
            TaskKind.READ_MESSAGE,
            PHONE,
            console.now - timedelta(hours=1),
            outbox_number=row,
            message_sid="SM1",
        )
        number = page_of_tasks(connection)[0].number
    console.submit("sender", f"/inbox/{number}/take", {})
    return number


def _pressed(console: ConsoleUnderTest, number: int, template: str) -> dict[str, str]:
    """What the preview of that text sends."""
    shown = console.visit("sender", f"/inbox/{number}/reply?template={template}").text
    fields = re.findall(r'name="(template|version|form_key)" value="([^"]*)"', shown)
    return dict(fields)


def test_a_text_is_chosen_seen_and_sent_once_however_often_one_presses(
    console: ConsoleUnderTest, number: int
) -> None:
    address = f"/inbox/{number}/reply"
    assert "Válasz sablonnal" in console.visit("sender", f"/inbox/{number}").text
    choice = console.visit("sender", address).text
    assert "Ki keres?" in choice
    assert "reply_contact" in choice
    assert "debt_contact_1" not in choice
    assert "change_recorded" not in choice, "it has a confirmation number, and there is none"
    seen = console.visit("sender", f"{address}?template=reply_contact").text
    assert "Az SMS feladoja: " in seen
    assert MASKED in seen
    assert "azonnal" in seen
    form = _pressed(console, number, "reply_contact")
    for _press in range(2):
        assert console.submit("sender", address, form).location == f"/inbox/{number}"
    other_tab = console.submit("sender", address, _pressed(console, number, "reply_contact"))
    assert other_tab.status == 409
    assert "sender már elküldte" in other_tab.text
    with read(console.engine) as connection:
        (sent,) = replies_to(connection, number)
    assert (sent.template, sent.state, sent.by) == ("reply_contact", "queued", "sender")
    assert [act[1] for act in acts_of(console.engine)].count("task reply") == 1
    task = console.visit("sender", f"/inbox/{number}").text
    assert "A válaszunk" in task
    assert "sorban áll" in task
    assert "megválaszolva" in console.visit("viewer", "/inbox").text
    assert "reply_contact" not in console.visit("viewer", "/campaigns").text
    assert "reply_contact" in console.visit("viewer", "/campaigns?single=1").text
    assert (
        f"válasz: {number}. feladat"
        in console.visit("viewer", f"/campaigns/{sent.campaign_id}").text
    )
    polled = console.client("viewer").get(f"/inbox/{number}/replies", base_url="https://localhost")
    assert "sorban áll" in polled.text


def test_only_who_holds_the_task_replies_and_only_to_a_number_that_may_be_written_to(
    console: ConsoleUnderTest, number: int
) -> None:
    address, form = f"/inbox/{number}/reply", _pressed(console, number, "reply_contact")
    assert console.visit("viewer", address).status == 403
    assert console.submit("viewer", address, form).status == 403
    assert "sender foglalkozik" in console.visit("approver", address).text
    assert console.submit("approver", address, form).status == 409
    assert console.submit("sender", address, {**form, "version": "7"}).status == 409
    for other in ("debt_contact_1", "change_recorded", "none", ""):
        assert console.submit("sender", address, {**form, "template": other}).status == 409
    assert console.visit("sender", "/inbox/999/reply").status == 404
    with write(console.engine) as connection:
        stop_number(connection, PHONE, StopReason.OPTED_OUT, StopOrigin.SMS, console.now)
    refused = console.submit("sender", address, form)
    assert refused.status == 409
    assert "a szám tiltva van (leiratkozott)" in refused.text
    task = console.visit("sender", f"/inbox/{number}").text
    assert "a szám tiltva van (leiratkozott)" in task
    assert "Válasz sablonnal" not in task
    with read(console.engine) as connection:
        assert not replies_to(connection, number)


def test_nobody_replies_with_a_text_of_their_own_but_a_colleague_may(
    console: ConsoleUnderTest, number: int
) -> None:
    facts = desk_facts(DESKS, MessageKind.SERVICE)
    text = "Kérdésével hívjon minket: {desk_phone}. {company}"
    with write(console.engine) as connection:
        for by in ("sender", "admin"):
            save_template(
                connection, f"of_{by}", MessageKind.SERVICE, text, (), by, console.now, facts
            )
    choice = console.visit("sender", f"/inbox/{number}/reply").text
    assert "of_admin" in choice
    assert "of_sender" not in choice
    assert console.visit("sender", f"/inbox/{number}/reply?template=of_sender").status == 409
    form = _pressed(console, number, "of_admin")
    assert console.submit("sender", f"/inbox/{number}/reply", form).status == 303


def test_a_reply_at_night_waits_for_the_morning(console: ConsoleUnderTest, number: int) -> None:
    console.now = console.now.replace(hour=20)
    console.clients.clear()
    console.submit("sender", f"/inbox/{number}/take", {})
    form = _pressed(console, number, "reply_contact")
    answer = console.submit("sender", f"/inbox/{number}/reply", form)
    assert answer.status == 303
    assert "2026. 11. 25. 8:00" in console.visit("sender", f"/inbox/{number}").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reply_that_the_database_has_no_room_for_says_so_and_is_not_sent(
    console: ConsoleUnderTest, number: int
) -> None:
    form = _pressed(console, number, "reply_contact")
    with write(console.engine), answer_within(0.2):
        answer = console.submit("sender", f"/inbox/{number}/reply", form)
    assert answer.status == 503
    assert "nem érhető el" in answer.text
    with read(console.engine) as connection:
        assert replies_to(connection, number) == []

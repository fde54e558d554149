"""What a caller asks to have in writing is sent, alike to everybody, and fit to be sent."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.db.tables.messages import campaigns, outbox
from backend.db.transactions import read
from backend.desks import load_desks
from backend.interface.codes import MessageKind
from ivr.published_texts import published_texts
from menus.tree import Info, Menu
from messages.campaigns.desk_contact import desk_facts
from messages.content.checks import check_message
from messages.content.gsm_encoding import cost
from settings import Settings
from tests.support.calls.shipped_lines import shipped_line
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

ACCOUNT = {"account_sid": "AC00000000000000000000000000000000", "sms_sender": "+36209999999"}
LINE = shipped_line()
TEXTS = published_texts(LINE)
FACTS = desk_facts(load_desks(Settings().desks), MessageKind.SERVICE)


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-20 22:30"), settings=ACCOUNT) as exchange:
        yield exchange


def waiting(utility: Database) -> list[tuple[str, str, str]]:
    with read(utility.engine) as connection:
        found = select(outbox.c.phone, campaigns.c.state, campaigns.c.message)
        return [tuple(row) for row in connection.execute(found.join_from(outbox, campaigns))]


def test_the_text_waits_in_the_outbox_for_the_calling_number_at_any_hour(
    exchange: Exchange, utility: Database
) -> None:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in "321":
        call.type(key)
    assert waiting(utility) == []
    call.type("2")
    text = TEXTS["debt_transfer", "hu"].text
    assert "13700016-07483011-00000000" in text
    assert waiting(utility) == [(CALLER, "running", text)]
    assert (call.errors, call.warnings) == ([], [])


def test_a_webhook_that_comes_twice_sends_one_text(exchange: Exchange, utility: Database) -> None:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in "2131":
        call.type(key)
    call.type("2")
    sent = waiting(utility)
    again = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for key in "21312":
        again.type(key)
    assert "Elküldjük SMS-ben" in again.last_heard
    assert waiting(utility) == sent


def test_every_account_and_contact_of_the_tree_can_be_had_in_writing() -> None:
    nodes = {node.id: node for node in LINE.tree.walk() if isinstance(node, Info)}
    for menu in ("accounts", "contacts"):
        node = LINE.tree.node(menu)
        assert isinstance(node, Menu)
        for option in node.options:
            assert (option.node.id, "hu") in TEXTS
            assert (option.node.id, "en") in TEXTS
    assert {name for name, _ in TEXTS} <= nodes.keys()


@each_of("place", TEXTS)
def test_a_text_breaks_no_rule_of_messages_and_fits_into_one_segment(
    place: tuple[str, str],
) -> None:
    text = TEXTS[place]
    findings = check_message(
        text.text, FACTS, kind=MessageKind.SERVICE, allowed_numbers=text.figures
    )
    assert findings == (), [str(finding) for finding in findings]
    assert cost(text.text).segments == 1
    assert "ELM" in text.text or "ÉM" in text.text

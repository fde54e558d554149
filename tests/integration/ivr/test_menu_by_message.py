"""The whole menu can be read by message, for who does not hear: in both languages, on all lines."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.tables.messages import tasks
from backend.db.transactions import read
from backend.desks import load_desks
from common.phone_numbers import to_e164
from ivr.lines.entries import configured_lines
from ivr.lines.publishing import spoken_hours
from ivr.menu_by_sms import MOST_CHARACTERS, Topics
from menus.tree import Menu, Node
from settings import HERE, Settings
from tests.support.calls.shipped_lines import shipped_line
from tests.support.calls.telephone import Clock, Exchange
from tests.support.carriers.writer import Writer
from tests.support.databases.database import Database

SPELLED = re.compile(r"kukac| per em|slash|[AT] betü|letter [AT],| at [a-z],")
"""What is spelled for the ear."""

TREES = {
    "electricity": (Settings().menu_tree, Settings().desks),
    "heat": (HERE / "menus" / "trees" / "heat.yaml", HERE / "heat_desks.yaml"),
}


@pytest.fixture
def writer(utility: Database) -> Iterator[Writer]:
    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        writer = Writer(utility, exchange)
        yield writer
        writer.close()


@pytest.fixture(params=TREES)
def topics(request: pytest.FixtureRequest) -> tuple[Topics, list[Node]]:
    tree, desks_file = TREES[request.param]
    line, desks = shipped_line(Path(tree)), load_desks(desks_file)
    return Topics(line, desks, spoken_hours(desks)), list(line.tree.walk())


def open_tasks(database: Database) -> int:
    with read(database.engine) as connection:
        return len(connection.execute(select(tasks.c.number)).all())


@pytest.mark.parametrize("body", ["MENU", "Menü", " menü. ", "téma", "Kérem a menüt!", "témák"])
def test_the_menu_is_answered_with_the_numbers_to_send_back(writer: Writer, body: str) -> None:
    told = writer.writes(body)
    assert "\n2 Szamlazas, fizetés\n" in told
    assert "5 Méröallas bejelentése" in told
    assert open_tasks(writer.database) == 0


@pytest.mark.parametrize(
    "body", ["2.1", "2 1", "21", "2.1.", "2.1 téma", "Kérem a 2.1 menüpontot", "2.1 hu"]
)
def test_a_menu_below_tells_its_own_numbers(writer: Writer, body: str) -> None:
    assert "2.1.1 Csoportos beszedés\n" in writer.writes(body)


def test_information_is_told_as_the_telephone_tells_it(writer: Writer) -> None:
    told = writer.writes("2.3")
    assert "3000 forintnal" in told
    assert "8 napon belül" in told
    assert "|" not in told


def test_days_hours_and_addresses_are_written_as_on_paper(writer: Writer) -> None:
    assert "1-jétöl 27-éig" in writer.writes("2.1.1.4")
    assert "8 és 15 ora között" in writer.writes("3.4.3")
    assert "1300 Budapest 3., Pf. 151 vagy 3501 Miskolc 1., Pf. 99" in writer.writes("4.1.2")
    assert "November 15-e és marcius 15-e között" in writer.writes("4.1.5")
    assert "20 helyett 30 vagy 70" in writer.writes("6.1.1")
    assert "4500 forintot" in writer.writes("2.2.2")


def test_a_contact_is_told_in_figures(writer: Writer) -> None:
    assert "06 1 238 2919" in writer.writes("6.1.2")
    assert "13700016-07483011-00000000" in writer.writes("3.2.1")


def test_english_is_asked_for_behind_the_number(writer: Writer) -> None:
    assert "\n2 Billing and payment\n" in writer.writes("Topics")
    assert "\n2 Billing and payment\n" in writer.writes("menu EN")
    for body in ("5 en", "5en", "5. EN.", "topic 5"):
        assert "5.1 Reporting a meter reading" in writer.writes(body)


def test_where_a_person_or_a_proof_is_needed_the_way_in_writing_is_told(writer: Writer) -> None:
    assert "ALLAS" in writer.writes("5.1")
    assert "irja meg itt, mit kér" in writer.writes("2.1.1.2")
    assert "06 1 238 2919 (hétfö-péntek 8.00-16.00)" in writer.writes("3.1")
    assert "06 1 238 3838 (hétfö-péntek 8.00-20.00)" in writer.writes("0")


def test_the_number_to_call_for_a_transaction_is_one_of_the_line(writer: Writer) -> None:
    numbers = re.findall(r"06 [\d ]+\d", writer.writes("5.2"))
    (default, *_) = configured_lines(HERE / "lines.yaml", Settings().menu_tree)
    assert {to_e164(number) for number in numbers} <= {*default.numbers}
    assert len(numbers) == 2


def test_another_line_is_asked_for_by_its_word(utility: Database) -> None:
    settings = {"lines": HERE / "lines.yaml"}
    with Exchange(utility.url, Clock.at("2026-11-21 10:00"), settings=settings) as exchange:
        writer = Writer(utility, exchange)
        assert "2 A melegvizmérö allasa" in writer.writes("Távhő")
        assert "TAVHO 2" in writer.writes("TAVHO MENU")
        assert "2.1 A melegvizmérö allasanak" in writer.writes("távhő 2")
        assert "HEATING 2.1 Reporting a hot-water" in writer.writes("heating 2")
        assert "HEATING 2.1 Reporting a hot-water" in writer.writes("TAVHO 2 EN")
        assert "TAVHO 2.1 A melegvizmérö" in writer.writes("HEATING 2 HU")
        assert "2.1 Fizetési modok" in writer.writes("2")
        writer.close()


@pytest.mark.parametrize(
    "body", ["7", "20293811", "41530", "2.1 és 3.1", "Mikor jönnek?", "5 perc múlva", "2026.11.20."]
)
def test_anything_else_is_left_to_a_colleague(writer: Writer, body: str) -> None:
    assert writer.writes(body) == ""
    assert open_tasks(writer.database) == 1


def test_every_item_has_an_answer_that_fits_into_one_message(
    topics: tuple[Topics, list[Node]],
) -> None:
    line, nodes = topics
    for node in nodes:
        for body in (node.path, f"{node.path} EN") if node.path else ("MENU", "TOPICS"):
            told = line.answer(body)
            assert told, body
            assert len(told) < MOST_CHARACTERS
            assert "{" not in told
            assert not isinstance(node, Menu) or told.count("\n") >= len(node.options)
            assert not SPELLED.search(told), told

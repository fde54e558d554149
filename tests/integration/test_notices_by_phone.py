"""Scenario 34 and what else is switched from the command line: heard at the next call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner

from backend import notices
from backend.database import write
from cli import commands
from simulator.call import SimulatedCall
from tests.database import Database
from tests.records import budapest
from tests.staff import add_staff
from tests.telephone import CALLER, LINE_NUMBER, Clock, Exchange

NOW = "2026-11-20 10:00"


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        yield exchange


def outage(utility: Database, area: str) -> None:
    with write(utility.engine) as connection:
        begins = budapest("2026-11-20T09:00")
        places = ("Budapesten, a tizenegyedik kerületben", "in the eleventh district of Budapest")
        ends = begins + timedelta(hours=3, minutes=20)
        notices.add_notice(connection, "outage", area, places, begins, ends, "anna")


def heard(call: SimulatedCall) -> str:
    return " ".join(call.heard)


def test_an_outage_is_told_before_the_menu_to_its_area_and_the_menu_still_works(
    exchange: Exchange, utility: Database
) -> None:
    outage(utility, "1111")
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    told = heard(call)
    assert "Figyelem! Budapesten, a tizenegyedik kerületben üzemzavar miatt szünetel" in told
    assert "várható ideje november huszadika, tizenhárom óra" in told
    assert told.index("üzemzavar") < told.index("Panaszához")
    call.type("5")
    assert "Mérőállás bejelentéséhez" in heard(call)


@pytest.mark.parametrize("caller", ["+36309999999", "anonymous"])
def test_other_callers_do_not_hear_of_it(
    exchange: Exchange, utility: Database, caller: str
) -> None:
    outage(utility, "1111")
    call = exchange.carrier.dial(from_=caller, to=LINE_NUMBER)
    assert "üzemzavar" not in heard(call)


def test_another_area_does_not_hear_of_it(exchange: Exchange, utility: Database) -> None:
    outage(utility, "2000")
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    assert "üzemzavar" not in heard(call)


def test_a_closed_desk_tells_its_hours_without_a_restart(
    exchange: Exchange, utility: Database
) -> None:
    add_staff(utility.engine, anna="sender")
    close = ["desk", "close", "general", "--from", "2026-11-20T09:00", "--until"]
    close += ["2026-11-20T12:00", "--by", "anna", "--database", utility.url]
    told = CliRunner().invoke(commands, close)
    assert told.exit_code == 0, told.output
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    call.type("0")
    assert "hétfőtől péntekig" in heard(call)
    exchange.clock.set("2026-11-20 12:00")
    later = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    later.type("0")
    assert "hétfőtől péntekig" not in heard(later)


def test_an_extra_window_takes_readings(exchange: Exchange, utility: Database) -> None:
    add_staff(utility.engine, anna="sender")
    add = ["window", "add", "--area", "11", "--opens", "2026-12-28", "--closes", "2027-01-03"]
    told = CliRunner().invoke(commands, [*add, "--by", "anna", "--database", utility.url])
    assert told.exit_code == 0, told.output
    exchange.clock.set("2026-12-29 10:00")
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for group in ["5", "1", "20293811", "48213377#", "41900#", "1"]:
        call.type(group)
    assert "rögzít" in heard(call)


def test_each_desk_is_listed_with_its_number_and_when_it_answers(utility: Database) -> None:
    listed = CliRunner().invoke(commands, ["desk", "list", "--database", utility.url]).output
    assert "network_claims  +3612381857     Monday–Friday 08:00–15:00\n" in listed
    assert "general         +3612383838     Monday–Friday 08:00–20:00\n" in listed

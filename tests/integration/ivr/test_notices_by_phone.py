"""Scenario 34 and what else is switched from the command line: heard at the next call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner, Result

from backend.db.transactions import write
from backend.records.notices import service_notices
from cli import commands
from settings import HERE
from simulator.voice.call import SimulatedCall
from tests.support.calls.telephone import CALLER, HEAT_NUMBER, LINE_NUMBER, Clock, Exchange
from tests.support.colleagues.staff import acts_of, add_staff, colleague
from tests.support.databases.database import Database
from tests.support.databases.records import budapest

NOW = "2026-11-20 10:00"
OUTAGE = ["notice", "add", "outage", "--place-hu", "Vácon", "--place-en", "in Vác"]


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        yield exchange


def outage(utility: Database, area: str) -> None:
    with write(utility.engine) as connection:
        begins = budapest("2026-11-20T09:00")
        places = ("Budapesten, a tizenegyedik kerületben", "in the eleventh district of Budapest")
        ends = begins + timedelta(hours=3, minutes=20)
        service_notices.add_notice(
            connection, "outage", area, places, begins, ends, colleague(connection), now=begins
        )


def at_ten(arguments: list[str]) -> Result:
    """Run a command at the moment of these tests."""
    with time_machine.travel(budapest(NOW.replace(" ", "T")), tick=False):
        return CliRunner().invoke(commands, arguments)


def heard(call: SimulatedCall) -> str:
    return " ".join(call.heard)


def test_an_outage_is_told_before_the_menu_to_its_area_and_the_menu_still_works(
    exchange: Exchange, utility: Database
) -> None:
    outage(utility, "1111")
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    told = heard(call)
    assert "Figyelem! Budapesten, a tizenegyedik kerületben üzemzavar miatt szünetel" in told
    assert "várhatóan november huszadikán tizenhárom órára visszatér" in told
    assert told.index("üzemzavar") < told.index("Panaszához")
    call.type("5")
    assert "Mérőállás bejelentéséhez" in heard(call)


def test_the_heat_line_tells_nothing_of_the_electricity(utility: Database) -> None:
    outage(utility, "1111")
    lines = {"lines": HERE / "lines.yaml"}
    with Exchange(utility.url, Clock.at(NOW), settings=lines) as exchange:
        told = heard(exchange.carrier.dial(from_=CALLER, to=HEAT_NUMBER))
    assert "távhő" in told
    assert "üzemzavar" not in told


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
    told = at_ten(close)
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
    told = at_ten([*add, "--by", "anna", "--database", utility.url])
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["window", "add", "--opens", "2020-01-01", "--closes", "2020-01-07"],
            "it closes on 2020-01-07, and today is 2026-11-20",
        ),
        (
            ["desk", "close", "general", "--until", "2026-11-20T10:00"],
            "it ends at 2026-11-20 10:00, and now it is 2026-11-20 10:00",
        ),
        (
            [*OUTAGE, "--until", "2025-11-20T12:00"],
            "it ends at 2025-11-20 12:00, and now it is 2026-11-20 10:00",
        ),
        (
            [*OUTAGE, "--from", "2026-11-20T13:00", "--until", "2026-11-20T12:00"],
            "would end at 2026-11-20 12:00, before it begins at 2026-11-20 13:00",
        ),
        (
            ["desk", "close", "general", "--until", "2027-03-28T02:30"],
            '"2027-03-28T02:30" does not exist in Budapest',
        ),
    ],
)
def test_what_would_be_over_already_is_refused_with_both_times_and_stores_nothing(
    utility: Database, arguments: list[str], told: str
) -> None:
    add_staff(utility.engine, anna="sender")
    before = acts_of(utility.engine)
    refused = at_ten([*arguments, "--by", "anna", "--database", utility.url])
    assert refused.exit_code in (1, 2)
    assert told in " ".join(refused.output.split())
    assert acts_of(utility.engine) == before


def test_on_the_night_of_two_half_past_twos_supply_is_promised_for_an_hour_to_come(
    exchange: Exchange, utility: Database
) -> None:
    begins = budapest("2026-10-25T00:30")
    with write(utility.engine) as connection:
        places = ("Budapesten", "in Budapest")
        ends = begins + timedelta(hours=2)
        service_notices.add_notice(
            connection, "outage", "1111", places, begins, ends, colleague(connection), now=begins
        )
    exchange.clock.now = ends - timedelta(minutes=5)
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    assert "várhatóan október huszonötödikén három órára visszatér" in heard(call)

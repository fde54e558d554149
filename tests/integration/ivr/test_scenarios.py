"""Every scenario of ``tests/scenarios``, through the real webhooks.

On PostgreSQL, too: the first of each file, and the first that stores each kind of request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.tables.records import calls, turns
from backend.db.transactions import read
from backend.interface.place import Place
from backend.records.requests.ledger import list_requests
from settings import HERE
from tests.integration.ivr.conftest import SharedExchanges
from tests.support.calls.scenario import Player, Scenario, scenarios
from tests.support.calls.shipped_lines import HEAT, shipped_line
from tests.support.calls.telephone import Clock, Exchange
from tests.support.databases.database import Database
from tests.support.runs.examples import all_asked_for

CALENDARS = Path(__file__).parents[2] / "data" / "calendars"
LINES: dict[str, dict[str, Path]] = {
    "electricity": {},
    "heat": {
        "menu_tree": HERE / "menus" / "trees" / "heat.yaml",
        "desks": HERE / "heat_desks.yaml",
    },
}
"""The settings with which a line is the only one, which saves loading both."""


def of_line(line: str) -> list[Scenario]:
    return [scenario for scenario in scenarios() if scenario.line == line]


def settings_of(scenario: Scenario) -> dict[str, Any]:
    settings = {**LINES[scenario.line], **scenario.settings}
    if "calendar" in settings:
        settings["calendar"] = CALENDARS / settings["calendar"]
    return settings


def passes(scenario: Scenario) -> bool:
    assert scenario.time in {"passes", "stands"}
    return scenario.time == "passes"


def shared(exchanges: SharedExchanges, scenario: Scenario) -> Exchange:
    return exchanges.at(scenario.at, time_passes=passes(scenario), settings=settings_of(scenario))


@contextmanager
def own(database: Database, scenario: Scenario) -> Iterator[Exchange]:
    settings, clock = settings_of(scenario), Clock.at(scenario.at)
    with Exchange(database.url, clock, settings=settings, time_passes=passes(scenario)) as exchange:
        yield exchange


def play(scenario: Scenario, exchange: Exchange) -> None:
    """Play it; what is stored then is what it says.

    In the whole run every turn is what a replay tells, in the short one every turn of one scenario
    of each file and kind of request.
    """
    here = scenario in FIRST and not exchange.database_url.startswith("postgresql")
    exchange.compares_replays = here or all_asked_for()
    exchange.far_end = scenario.far_end
    Player(exchange, scenario).play()
    with read(exchange.app.extensions["engine"]) as connection:
        stored = [request.as_json() for request in list_requests(connection)]
        outcomes = list(connection.scalars(select(calls.c.outcome).order_by(calls.c.began_at)))
    assert len(stored) == len(scenario.stored), stored
    for request, expected in zip(stored, scenario.stored, strict=True):
        assert expected.items() <= request.items()
    assert None not in outcomes
    if scenario.outcome is not None:
        assert outcomes[-1] == scenario.outcome


def first() -> Iterator[Scenario]:
    """The first of each file and kind of request, which are played on PostgreSQL, too."""
    met: set[str] = set()
    for scenario in scenarios():
        new = {scenario.file, *(request["kind"] for request in scenario.stored)} - met
        met |= new
        if new or all_asked_for():
            yield scenario


FIRST = list(first())


@pytest.mark.parametrize("scenario", of_line("electricity"), ids=str)
def test_a_scenario_is_heard_and_stored_as_written(
    scenario: Scenario, shared_exchanges: SharedExchanges
) -> None:
    play(scenario, shared(shared_exchanges, scenario))


def test_the_scenarios_of_heat_are_heard_and_stored_as_written_and_visit_every_node(
    shared_exchanges: SharedExchanges,
) -> None:
    visited: set[str] = set()
    for scenario in of_line("heat"):
        exchange = shared(shared_exchanges, scenario)
        play(scenario, exchange)
        with read(exchange.app.extensions["engine"]) as connection:
            places = connection.scalars(select(turns.c.place)).all()
        visited |= {Place.parse(place).path for place in places}
    line = shipped_line(HEAT)
    assert {node.path for node in line.tree.walk() if node.path not in visited} == set()


@pytest.mark.parametrize("scenario", FIRST, ids=str)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_scenario_is_stored_on_postgresql_as_written(
    scenario: Scenario, utility: Database
) -> None:
    with own(utility, scenario) as exchange:
        play(scenario, exchange)

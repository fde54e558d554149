"""Every scenario of ``tests/scenarios``, through the real webhooks.

On PostgreSQL, too: the first of each file, and the first that stores each kind of request.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.tables import calls
from backend.db.transactions import read
from backend.records.ledger import list_requests
from settings import HERE
from tests.support.database import Database
from tests.support.scenario import Player, Scenario, scenarios
from tests.support.telephone import Clock, Exchange

CALENDARS = Path(__file__).parents[2] / "data" / "calendars"
LINES: dict[str, dict[str, Path]] = {
    "electricity": {},
    "heat": {
        "menu_tree": HERE / "menus" / "trees" / "heat.yaml",
        "desks": HERE / "heat_desks.yaml",
    },
}
"""The settings with which a line is the only one, which saves loading both for each scenario."""


def play(scenario: Scenario, database: Database) -> None:
    settings = {**LINES[scenario.line], **scenario.settings}
    if "calendar" in settings:
        settings["calendar"] = CALENDARS / settings["calendar"]
    assert scenario.time in {"passes", "stands"}
    clock = Clock.at(scenario.at)
    passes = scenario.time == "passes"
    with Exchange(database.url, clock, settings=settings, time_passes=passes) as exchange:
        exchange.far_end = scenario.far_end
        Player(exchange, scenario).play()


def marked() -> Iterator[Any]:
    """Each scenario, some with the mark of those that run on both databases."""
    met: set[str] = set()
    for scenario in scenarios():
        new = {scenario.file, *(request["kind"] for request in scenario.stored)} - met
        met |= new
        marks = [pytest.mark.both_databases] if new else []
        yield pytest.param(scenario, marks=marks, id=str(scenario))


@pytest.mark.parametrize("scenario", list(marked()))
def test_a_scenario_is_heard_and_stored_as_written(scenario: Scenario, utility: Database) -> None:
    play(scenario, utility)
    with read(utility.engine) as connection:
        stored = [request.as_json() for request in list_requests(connection)]
        outcomes = list(connection.scalars(select(calls.c.outcome).order_by(calls.c.began_at)))
    assert len(stored) == len(scenario.stored), stored
    for request, expected in zip(stored, scenario.stored, strict=True):
        assert expected.items() <= request.items()
    assert None not in outcomes
    if scenario.outcome is not None:
        assert outcomes[-1] == scenario.outcome

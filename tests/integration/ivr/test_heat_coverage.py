"""No corner of the district-heating line goes without a scenario, and no rule without its place."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.tables import turns
from backend.db.transactions import open_database, read
from backend.interface.place import Place
from menus.loader import Line, load_line
from settings import HERE
from tests.integration.ivr.test_scenarios import play
from tests.support.database import Database, load_fixture
from tests.support.scenario import scenarios


@pytest.fixture(scope="module")
def line() -> Line:
    return load_line(HERE / "menus" / "trees" / "heat.yaml", HERE / "menus" / "prompts")


def test_every_node_is_visited_by_a_scenario(
    line: Line, tmp_path: Path, sqlite_template: Path
) -> None:
    visited: set[str] = set()
    for number, scenario in enumerate(each for each in scenarios() if each.line == "heat"):
        url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{number}.db')}"
        engine = open_database(url)
        load_fixture(engine)
        play(scenario, Database(url, engine))
        with read(engine) as connection:
            visited |= {
                Place.parse(each).path for each in connection.scalars(select(turns.c.place))
            }
        engine.dispose()
    assert {node.path for node in line.tree.walk() if node.path not in visited} == set()


def test_every_published_rule_has_its_place(line: Line) -> None:
    told = {rule for rules in line.tree.rules.values() for rule in rules}
    assert {f"ES-{number:02}" for number in range(1, 15)} <= told


def test_a_wrong_addressee_and_the_customer_code_have_their_scenarios() -> None:
    assert {39, 49} <= {scenario.case for scenario in scenarios()}

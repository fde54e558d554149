"""No corner of the tree that callers reach goes without a scenario."""

import shutil
from pathlib import Path

from menus.loader import load_line
from settings import HERE, Settings
from tests.database import load_fixture, migrated
from tests.integration.test_scenarios import play
from tests.scenario import scenarios
from tests.telephone import places


def test_every_node_of_the_tree_is_visited_by_a_scenario(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    with migrated(f"sqlite:///{template}") as database:
        load_fixture(database.engine)
    visited: set[str] = set()
    for number, scenario in enumerate(scenarios()):
        path = tmp_path / f"{number}.db"
        shutil.copy(template, path)
        with migrated(f"sqlite:///{path}") as database:
            play(scenario, database)
            visited |= {place.split(" ")[0] for place in places(database.engine)}
    tree = load_line(Settings().menu_tree, HERE / "menus" / "prompts").tree
    unvisited = {node.path for node in tree.walk() if (node.path or "-") not in visited}
    assert unvisited == set()


def test_the_caller_scenarios_of_the_domain_are_all_written_down() -> None:
    cases = {scenario.case for scenario in scenarios()}
    elsewhere = {29, 30}  # the same webhook twice, and a wrong signature: test_webhooks.py
    not_in_this_tree = {34}  # outages by area
    assert set(range(1, 35)) - elsewhere - not_in_this_tree <= cases

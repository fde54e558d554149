"""No rule of the district-heating line goes without its place.

That its scenarios visit every node is seen where they are played.
"""

import pytest

from menus.loader import Line
from tests.support.calls.scenario import scenarios
from tests.support.calls.shipped_lines import HEAT, shipped_line


@pytest.fixture(scope="module")
def line() -> Line:
    return shipped_line(HEAT)


def test_every_published_rule_has_its_place(line: Line) -> None:
    told = {rule for rules in line.tree.rules.values() for rule in rules}
    assert {f"ES-{number:02}" for number in range(1, 15)} <= told


def test_a_wrong_addressee_and_the_customer_code_have_their_scenarios() -> None:
    assert {39, 49} <= {scenario.case for scenario in scenarios()}

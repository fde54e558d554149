"""A deployment on several hosts, each of which is cut off, killed or restarted under load."""

from random import Random

import pytest

from benchmarks.soak.budget import Budget
from benchmarks.soak.network import is_possible
from benchmarks.soak.several_hosts import STRIKES, run

FAULTS = 6
"""One for each host."""


@pytest.mark.whole_run
@pytest.mark.skipif(not is_possible(), reason="network namespaces need Linux and root")
def test_hosts_that_come_and_go_lose_and_double_nothing_and_leave_no_caller_without_a_word() -> (
    None
):
    row = run(Budget(seconds=0, faults=FAULTS), Random(1))  # noqa: S311 - the same in every run
    assert row.breaches == []
    assert sum(row.figures[fault] for fault in STRIKES) == FAULTS
    assert row.figures["confirmed"] > 0
    assert row.figures["messages"] > 0

"""Erlang's formulas against published tables, and the worst day that is made of them."""

from itertools import pairwise

import pytest

from benchmarks.capacity.peak import HOURS, Assumptions, Kind, measured_turn, plot, worst_day
from benchmarks.capacity.queueing import agents_for, blocking, lines_for, service_level, waiting


@pytest.mark.parametrize(
    ("traffic", "lines", "blocked"),
    [(3.092, 10, 0.001), (4.461, 10, 0.01), (37.90, 50, 0.01), (84.06, 100, 0.01)],
)
def test_lines_are_those_of_erlangs_table(traffic: float, lines: int, blocked: float) -> None:
    assert blocking(traffic, lines) == pytest.approx(blocked, rel=0.01)
    assert lines_for(traffic * 0.999, blocked) == lines


def test_agents_are_those_of_the_usual_example() -> None:
    """A hundred calls in half an hour, three minutes each: fourteen agents reach 80 % in 20 s."""
    assert waiting(10, 14) == pytest.approx(0.1741, abs=0.0005)
    assert service_level(10, 14, 180, 20) == pytest.approx(0.888, abs=0.001)
    assert agents_for(10, 180, 0.8, 20) == 14
    assert service_level(10, 10, 180, 20) == 0


def test_more_traffic_never_needs_fewer_lines_or_agents() -> None:
    traffics = [0.1 * step**2 for step in range(1, 60)]
    for less, more in pairwise(traffics):
        assert lines_for(less, 0.001) <= lines_for(more, 0.001)
        assert agents_for(less, 240, 0.8, 20) <= agents_for(more, 240, 0.8, 20)


def test_the_worst_day_has_all_calls_of_its_share() -> None:
    assumed = Assumptions(customers=10_000)
    day = worst_day(assumed, [Kind("reads", 0.9, 90, 8), Kind("asks", 0.1, 30, 2)])
    assert sum(hour.calls for hour in day) == pytest.approx(3_400)
    busiest = max(day, key=lambda hour: hour.calls)
    assert busiest.hour == HOURS.index(max(HOURS))
    assert busiest.turns_a_second == pytest.approx(busiest.calls / 3600 * 1.5 * 7.4)
    assert plot(day).count("<rect") == 1 + 24


def test_the_cost_of_a_turn_is_the_dearer_one_that_was_measured() -> None:
    assert measured_turn("| turn on SQLite | 800 | 1 |\n| turn on PostgreSQL | 1714 | 2 |") == 1714

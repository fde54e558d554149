"""When the rounds of a long run have done enough."""

from benchmarks.soak.budget import Budget
from benchmarks.soak.sending import rows
from benchmarks.soak.tally import KILLS, Tally


def test_rounds_begin_until_the_faults_that_struck_on_all_databases_are_enough() -> None:
    tally = Tally(Budget(seconds=0, faults=20))
    assert [tally.next_round("SQLite"), tally.next_round("SQLite")] == [1, 2]
    assert tally.next_round("PostgreSQL") == 1
    tally.add("SQLite", {KILLS: 12, "messages": 60}, [])
    assert tally.next_round("SQLite") == 3
    tally.add("PostgreSQL", {KILLS: 3, "receipts lost": 5}, ["round 1: 1 got nothing"])
    assert tally.next_round("SQLite") is None
    sqlite, postgresql = rows(tally)
    assert (sqlite.figures["rounds"], sqlite.figures["faults in all"], sqlite.breaches) == (
        *(1, 12),
        [],
    )
    assert postgresql.figures["faults in all"] == 8
    assert postgresql.breaches == ["round 1: 1 got nothing"]


def test_a_run_that_is_stopped_begins_no_round() -> None:
    tally = Tally(Budget(seconds=60))
    tally.stopping.set()
    assert tally.next_round("SQLite") is None

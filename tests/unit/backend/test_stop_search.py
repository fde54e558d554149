"""The search among very many numbers finds who is stopped, whatever becomes of its process."""

import os
import signal
import sys

import pytest

from backend.records.suppression.stop_keys import StopKeys
from backend.records.suppression.stop_search import LARGE, StopSearch
from benchmarks.millions.bare_parse import child_processes
from tests.support.databases.outages import full_disk

KEYS = StopKeys("salt", bytes(range(32)))
FEW = [f"+3630{number:07d}" for number in range(0, 3_000, 7)] + ["", "+447911123456", "ő"]
MANY = [*FEW, *(f"+3670{number:07d}" for number in range(LARGE // 13))]
STOPPED = [*FEW[::3], "+36209999999", *FEW[-3:]]


def found(numbers: list[str], *, is_ended: bool = False) -> dict[str, str]:
    """The numbers that may be stopped, with their keys."""
    before = child_processes()
    with StopSearch(KEYS.salt, KEYS.secret) as search:
        half = len(numbers) // 2
        texts = ["\n".join(numbers[:half]), "\n".join(numbers[half:])]
        search.begin(map(KEYS.of, STOPPED), texts)
        begun = set(child_processes()) - set(before)
        assert len(begun) == (numbers is MANY)
        if is_ended:
            for process in begun:
                os.kill(process, signal.SIGKILL)
        return dict(search.found())


@pytest.mark.parametrize(
    ("numbers", "is_ended"),
    [(FEW, False), (MANY, False), (MANY, True)],
    ids=["few, in this process", "many, in one beside", "many, in one that is ended"],
)
def test_all_stopped_numbers_are_found_and_hardly_any_other(
    numbers: list[str], is_ended: bool
) -> None:
    candidates = found(numbers, is_ended=is_ended)
    assert set(STOPPED) & set(numbers) <= set(candidates)
    assert all(key == KEYS.of(number) for number, key in candidates.items())
    assert len(candidates) < len(STOPPED) + len(numbers) // 1_000


def test_whoever_gives_up_leaves_no_process() -> None:
    before = child_processes()
    with StopSearch(KEYS.salt, KEYS.secret) as search:
        search.begin(map(KEYS.of, STOPPED), ["\n".join(MANY)])
        assert child_processes() != before
    assert child_processes() == before


def test_where_no_process_can_be_started_all_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with StopSearch(KEYS.salt, KEYS.secret) as search:
        search.begin(map(KEYS.of, STOPPED), ["\n".join(MANY)])
        assert set(STOPPED) & set(MANY) <= set(dict(search.found()))


@pytest.mark.parametrize("numbers", [FEW[:9], MANY], ids=["few", "many"])
def test_a_full_disk_is_told_once(numbers: list[str]) -> None:
    # There is no more room at the end of the search than at its beginning.
    with (
        full_disk(),
        StopSearch(KEYS.salt, KEYS.secret) as search,
        pytest.raises(OSError, match="too large"),
    ):
        search.begin(map(KEYS.of, STOPPED), ["\n".join(numbers)])


def test_without_stops_no_number_is_asked_for() -> None:
    numbers = iter(FEW)
    with StopSearch(KEYS.salt, KEYS.secret) as search:
        search.begin([], numbers)
        assert list(search.found()) == []
    assert list(numbers) == FEW

import os
from collections.abc import Iterator

import pytest

from web_server.processors import available_processors, take_processor

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="the system has no processors to choose from"
)


@pytest.fixture(autouse=True)
def processors() -> Iterator[list[int]]:
    """Those that this thread may run on; it gets them back."""
    before = os.sched_getaffinity(0)
    yield sorted(before)
    os.sched_setaffinity(0, before)


@pytest.mark.parametrize("times", [1, 3])
def test_each_processor_gets_as_many_workers(processors: list[int], times: int) -> None:
    taken = []
    for worker in range(times * len(processors)):
        os.sched_setaffinity(0, processors)
        take_processor(worker, times * len(processors))
        taken += os.sched_getaffinity(0)
    assert sorted(taken) == sorted(processors * times)


def test_workers_that_no_processor_would_get_alike_go_where_there_is_room(
    processors: list[int],
) -> None:
    if len(processors) == 1:
        pytest.skip("one processor gets all of them")
    take_processor(0, len(processors) + 1)
    assert sorted(os.sched_getaffinity(0)) == processors


def test_only_processors_that_this_process_may_use_are_counted(processors: list[int]) -> None:
    os.sched_setaffinity(0, processors[:1])
    assert available_processors() == 1
    take_processor(1, 2)
    assert os.sched_getaffinity(0) == set(processors[:1])


def test_a_system_that_forbids_it_changes_nothing(
    processors: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(_process: int, _processors: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "sched_setaffinity", forbid)
        take_processor(0, len(processors))
    assert sorted(os.sched_getaffinity(0)) == processors

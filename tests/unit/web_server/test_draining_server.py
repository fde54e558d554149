"""Workers that are told to end while they are starting, and those that cannot start."""

import os
import signal
import time

import pytest

from tests.support.runs.forks import told_by_a_fork
from web_server import draining_server


def told_while_it_is_built() -> str:
    os.kill(os.getpid(), signal.SIGTERM)
    return "built"


def test_a_worker_that_is_told_to_end_before_it_is_built_does_not_wait_to_be_killed() -> None:
    def worker() -> str:
        # As in the server's process, of which a worker is a fork.
        signal.signal(signal.SIGTERM, lambda *_: None)
        built: str = draining_server._built(f"{__name__}:{told_while_it_is_built.__name__}")
        return built

    assert told_by_a_fork(worker) == ""


def fail() -> None:
    raise LookupError("a file that somebody is changing")


def test_a_worker_that_cannot_start_is_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the server ends, and with it the workers that answer callers."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)

    def worker() -> str:
        with pytest.raises(SystemExit):
            draining_server._built(f"{__name__}:{fail.__name__}")
        return str(waited)

    assert told_by_a_fork(worker) == "[6]"

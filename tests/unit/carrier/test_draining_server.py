"""A worker that is told to end while it is still starting ends at once."""

import os
import signal

from carrier import draining_server
from tests.support.runs.forks import told_by_a_fork


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

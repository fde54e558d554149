"""A processor for each worker of the server, where there are as many.

The threads of one interpreter run one at a time and hand its lock, and SQLite's turn to write, to
each other all the time: between two processors that costs a wake-up of the other one and cold
caches, on one it costs next to nothing. See docs/decisions/0125-own-processors.md.
"""

import os
from contextlib import suppress


def available_processors() -> int:
    """How many processors this process may run on."""
    return len(_available()) or os.cpu_count() or 1


def take_processor(worker: int, workers: int) -> None:
    """Keep this process, worker number ``worker`` from 0, to a processor of its own.

    Only where each processor gets as many of the ``workers``: then several services on one machine
    do not meet on some of its processors either. Threads that are there already stay where they
    are, and so does everything where the system does not know of this or forbids it.
    """
    processors = _available()
    if processors and workers % len(processors) == 0:
        with suppress(OSError):
            os.sched_setaffinity(0, {processors[worker % len(processors)]})


def _available() -> list[int]:
    """Their numbers; none where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

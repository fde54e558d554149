"""A host that is about to stop: it says so to the balancer, and goes on answering meanwhile."""

import signal
from threading import Event

ANNOUNCEMENT = signal.SIGURG
"""What the server sends its workers: a signal that, unlike most, harms none that is still starting
and that no terminal or supervisor sends."""

_draining = Event()


def listen() -> None:
    """Hear of it, in a worker of the server. Only a process's main thread may."""
    signal.signal(ANNOUNCEMENT, lambda _number, _frame: _draining.set())


def is_draining() -> bool:
    """Whether this process stops soon."""
    return _draining.is_set()

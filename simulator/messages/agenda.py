"""Work for later: jobs that are due after some seconds, done by a few threads."""

import heapq
from collections.abc import Callable
from itertools import count
from threading import Condition, Thread
from time import monotonic

Job = Callable[[], None]
WORKERS = 4


class Agenda:
    """Does jobs in the order they are due. Threads start with the first job and end at ``close``.

    A job that another one depends on puts that one on the agenda itself. Without ``workers``
    nothing is done before ``do_due``. Safe to use from several threads, and from jobs.
    """

    def __init__(self, *, workers: int = WORKERS, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._workers = workers
        self._threads: list[Thread] = []
        self._jobs: list[tuple[float, int, Job]] = []
        self._order = count()
        self._running = 0
        self._closed = False
        self._changed = Condition()

    def after(self, seconds: float, job: Job) -> None:
        """Do ``job`` in ``seconds`` from now; after ``close`` nothing happens."""
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._jobs, (self._clock() + seconds, next(self._order), job))
            self._changed.notify_all()
            if len(self._threads) < min(self._workers, self._running + len(self._jobs)):
                thread = Thread(target=self._work, name="messages", daemon=True)
                self._threads.append(thread)
                thread.start()

    def do_due(self) -> None:
        """Do here and now what is due by the clock, and what becomes due by that."""
        while True:
            with self._changed:
                if not self._jobs or self._jobs[0][0] > self._clock():
                    return
                job = heapq.heappop(self._jobs)[2]
            job()

    @property
    def pending(self) -> int:
        with self._changed:
            return len(self._jobs) + self._running

    def wait_until_quiet(self, timeout: float) -> None:
        """Return when nothing is left to do. Raises ``TimeoutError`` after ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._jobs and not self._running, timeout):
                left = len(self._jobs) + self._running
                raise TimeoutError(f"{left} jobs were still left after {timeout} seconds")

    def clear(self) -> None:
        """Forget every job that has not begun."""
        with self._changed:
            self._jobs.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Forget what is left and end the threads; one in the middle of a job ends after it."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while job := self._next():
            try:
                job()
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closed:
                wait = self._jobs[0][0] - self._clock() if self._jobs else None
                if wait is not None and wait <= 0:
                    self._running += 1
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(wait)
            return None

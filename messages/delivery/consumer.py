"""Huey's consumer as a worker runs it: one thread ticks and takes the tasks, each has its own."""

import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from huey.api import Huey
from huey.consumer import Consumer
from huey.consumer import Worker as TaskThread

from telemetry.catalogue import ERRORS, error_code

logger = logging.getLogger(__name__)

T = TypeVar("T")

TICK_SECONDS = 1


class _TickingThread(TaskThread):
    """Ticks, then begins what is in the queue.

    What a tick enqueues is begun at once, and the queue is asked once a tick: threads that wait
    for tasks side by side would each ask it, again and again (decision 0126).
    """

    def __init__(self, tick: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._tick = tick
        self._tick_at = monotonic()
        self._begun: list[threading.Thread] = []

    def loop(self, now: None = None) -> None:
        """Tick if it is time, then begin one task, or wait for the next tick without any."""
        if monotonic() >= self._tick_at:
            self._tick_at = monotonic() + TICK_SECONDS
            _surviving(self._tick)
        task = _surviving(self.huey.dequeue)
        if task is None:
            self.stop_flag.wait(max(0.0, self._tick_at - monotonic()))
            return
        work = partial(_surviving, partial(self.huey.execute, task, now))
        thread = threading.Thread(target=work, name=task.name, daemon=True)
        thread.start()
        self._begun = [*(each for each in self._begun if each.is_alive()), thread]

    def shutdown(self) -> None:
        """Wait for the tasks that are on their way."""
        for thread in self._begun:
            thread.join()
        super().shutdown()


def _surviving(work: Callable[[], T]) -> T | None:
    """Do it; what fails is in the log, and the next tick tries again."""
    try:
        return work()
    except Exception as error:
        ERRORS.count("task", error_code(error))
        logger.exception(
            "a worker's tick or task has failed", extra={"event": "worker_task_failed"}
        )
        return None


class TickingConsumer(Consumer):
    """Calls ``tick`` every ``TICK_SECONDS`` and does the engine's tasks as they come.

    Ends gently on SIGTERM and on Ctrl-C: sets ``stopping`` and waits for tasks on their way.
    """

    def __init__(self, engine: Huey, tick: Callable[[], None], stopping: threading.Event) -> None:
        self.worker_class = partial(_TickingThread, tick)
        # The engine's own scheduler has nothing to do.
        super().__init__(engine, periodic=False, scheduler_interval=60, graceful_signal="TERM")
        # How soon a signal is seen; ten looks a second would cost a quarter of an idle worker.
        self._stop_flag_timeout = TICK_SECONDS / 2
        self._stopping = stopping

    def start(self) -> None:
        """Start the threads and take over the signals."""
        super().start()
        # Ctrl-C is as gentle as SIGTERM: what is on its way is settled first.
        gentle = signal.getsignal(signal.SIGTERM)
        if callable(gentle):
            signal.signal(signal.SIGINT, lambda _number, frame: gentle(signal.SIGTERM, frame))

    def stop(self, graceful: bool = False) -> None:
        """Begin nothing more; ``graceful`` waits for what is on its way."""
        self._stopping.set()
        super().stop(graceful)

"""The web server as ``zoldszam serve`` runs it: granian, with a time to drain before it stops.

A balancer learns by its checks alone that a host has gone. Until it has, it sends calls there, and
a caller whose turn meets a closed port at two hosts, one after the other, hears an error. So after
SIGTERM ``/readyz`` says 503 at once while everything else is answered as before, each answer with
``Connection: close``; after ``--drain`` seconds the workers end as ever. A second signal ends the
wait.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pkgutil import resolve_name
from threading import Event
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from web_server import request_loop
from web_server.draining import ANNOUNCEMENT
from web_server.processors import take_processor
from web_server.request_threads import CONNECTIONS

_LOG = logging.getLogger(__name__)

STOP_SECONDS = 7

_AGAIN_SECONDS = 6
"""After these a worker that cannot start is tried again. One that ends within 5.5 seconds would
have the server end, with the workers that are well."""


class DrainingServer(MPServer):
    """``MPServer`` that waits ``drain`` seconds between the signal and the end of its workers.

    Each of them keeps to a processor, as ``take_processor`` says.
    """

    def __init__(self, target: str, drain: float, **options: Any) -> None:
        super().__init__(target, **options)
        self._drain = drain
        self._asked_again = Event()

    def signal_handler_interrupt(self, *arguments: Any, **named: Any) -> None:
        """SIGTERM or SIGINT has come."""
        if self.interrupt_signal:
            self._asked_again.set()
        super().signal_handler_interrupt(*arguments, **named)  # type: ignore[no-untyped-call]

    def _spawn_worker(self, *arguments: Any, **named: Any) -> Any:
        """As the server does; the worker takes its processor before it has threads."""
        number, load = named["idx"], named["callback_loader"]
        named["callback_loader"] = partial(_load_on_processor, number, self.workers, load)
        return super()._spawn_worker(*arguments, **named)

    def shutdown(self, exit_code: int = 0) -> None:
        """End the workers; first let the balancer see that nothing more is to come here."""
        if self.interrupt_signal and self._drain > 0:
            for worker in self.wrks:
                # One that has ended meanwhile has nothing to tell.
                with suppress(ProcessLookupError):
                    os.kill(worker.inner.pid, ANNOUNCEMENT)
            ends = time.monotonic() + self._drain
            while (left := ends - time.monotonic()) > 0 and self._is_answering():
                if self._asked_again.wait(min(left, 0.2)):
                    break
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _stop_workers(self) -> None:
        """As the server does, which takes a worker that is just ending for one that does not."""
        ends = time.monotonic() + STOP_SECONDS
        for worker in self.wrks:
            worker.terminate()  # type: ignore[no-untyped-call]
        while self._is_answering() and time.monotonic() < ends:
            time.sleep(0.01)
        super()._stop_workers()  # type: ignore[no-untyped-call]

    def _is_answering(self) -> bool:
        """At a terminal the interrupt has reached the workers, too."""
        return any(worker.inner.is_alive() for worker in self.wrks)


def serve(
    target: str,
    host: str,
    port: int,
    *,
    workers: int,
    drain: float,
    log_config: dict[str, Any] | None,
) -> None:
    """Serve what the factory ``target`` (``module:name``) builds, until SIGTERM or SIGINT.

    Each worker is a fork of this process and calls the factory itself: what was loaded before is
    there at once, also in one that is started again later. The signal ends the process, after
    ``drain`` seconds, within ``STOP_SECONDS`` and two more, whatever clients hold open.
    """
    request_loop.register()
    DrainingServer(
        target,
        drain,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=request_loop.NAME,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=1,  # besides ``STOP_SECONDS``
        log_level=LogLevels.warning,
        log_dictconfig=log_config,
    ).serve(target_loader=_built)


def _load_on_processor(worker: int, workers: int, load: Callable[[], Any]) -> Any:
    take_processor(worker, workers)
    return load()


def _built(target: str) -> Any:
    """What a worker runs. One that is told to end before that is there has nothing to finish.

    Until then a fork has the handlers of the process that it came from, which would keep it. One
    that is started again may meet files that somebody is changing: the others go on meanwhile.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        return resolve_name(target)()
    except Exception:
        _LOG.exception("a worker cannot start", extra={"event": "worker_not_started"})
        time.sleep(_AGAIN_SECONDS)
        sys.exit(1)

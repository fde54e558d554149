"""The requests of an application: an id for the log, and their time."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from telemetry.log_context import bound, next_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from telemetry.instruments import Histogram


class WatchedRequests:
    """A WSGI application that passes everything on; ``seconds`` is labelled by status.

    Of an answer that is made while it is sent, only the time to its beginning counts.
    """

    def __init__(self, application: WSGIApplication, seconds: Histogram) -> None:
        self.application = application
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status = "500"

        def noting(
            line: str, headers: list[tuple[str, str]], exc_info: Any = None, /
        ) -> Callable[[bytes], object]:
            nonlocal status
            status = line
            return start_response(line, headers, exc_info)

        began = perf_counter()
        with bound(request=next_request()):
            try:
                return self.application(environ, noting)
            finally:
                self._seconds.observe(perf_counter() - began, f"{status[0]}xx")

"""The requests of an application with pages: an id for the log, and their time."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from telemetry.catalogue import CONSOLE_SECONDS
from telemetry.log_context import bound, next_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class WatchedPages:
    """A WSGI application that passes everything on.

    Of an answer that is made while it is sent, only the time to its beginning counts.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

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
                CONSOLE_SECONDS.observe(perf_counter() - began, f"{status[0]}xx")

"""``GET /metrics``, before an application; not for the world.

Whoever may not read it is told that there is no such page. See docs/decisions/0103-metrics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry.metrics import CONTENT_TYPE, exposition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from telemetry.metrics import Collector
    from telemetry.readers import Readers

PATH = "/metrics"


class MetricsEndpoint:
    """A WSGI application that answers ``/metrics`` to ``readers``; all else goes on."""

    def __init__(
        self, application: WSGIApplication, readers: Readers, collectors: Sequence[Collector]
    ) -> None:
        self.application = application
        self._readers = readers
        self._collectors = collectors

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return self.application(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET" or not self._readers.include(environ):
            return nothing(environ, start_response)
        body = exposition(self._collectors)
        headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
        start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
        return [body]


def nothing(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A WSGI application without any page."""
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]

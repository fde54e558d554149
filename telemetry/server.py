"""``/metrics`` on a port of its own, of a process that answers nothing else."""

import threading
from collections.abc import Sequence
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from telemetry.endpoint import MetricsEndpoint, nothing
from telemetry.metrics import Collector
from telemetry.readers import Readers


def serve_metrics(
    host: str, port: int, readers: Readers, collectors: Sequence[Collector]
) -> WSGIServer:
    """Serve ``/metrics`` alone, in a thread that ends with the process.

    ``server_port`` of what it returns is the port, also where 0 was asked for. Raises ``OSError``
    when the address is taken.
    """
    application = MetricsEndpoint(nothing, readers, collectors)
    server = make_server(host, port, application, _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = 5
    """Seconds that a client has for its request."""

    def address_string(self) -> str:
        # No look-up of names.
        return str(self.client_address[0])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: a scrape every few seconds is no news."""

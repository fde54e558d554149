"""A real HTTP server in a thread of this process, whose connections can be cut.

For tests and experiments; the demonstration runs under Granian.
"""

import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
WAITED = "simulator.waited"
"""In a request's environ: for how many seconds it had been here before this server looked at it."""
_POLL_SECONDS = 0.05
_LAST_DATA_RECEIVED = 52
"""Where Linux' ``struct tcp_info`` has the milliseconds since the last byte came."""


class _QuietHandler(WSGIRequestHandler):
    """Logs errors but no requests: their paths hold identifiers."""

    def make_environ(self) -> "WSGIEnvironment":
        """Tell how long it has waited: a connection may lie in the system's queue for seconds."""
        return {**super().make_environ(), WAITED: seconds_waited(self.connection)}

    def send_response(self, code: int, message: str | None = None) -> None:
        """Leave the ``Date`` to the application, whose clock may be another."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def seconds_waited(connection: socket.socket) -> float:
    """Seconds since the last byte came; 0 where the system does not tell."""
    tcp_info: int | None = getattr(socket, "TCP_INFO", None)
    if tcp_info is None or not sys.platform.startswith("linux"):
        return 0.0
    told = connection.getsockopt(socket.IPPROTO_TCP, tcp_info, _LAST_DATA_RECEIVED + 4)
    milliseconds: int = struct.unpack_from("I", told, _LAST_DATA_RECEIVED)[0]
    return milliseconds / 1000


@contextmanager
def running(app: "WSGIApplication", port: int = 0, host: str = HOST) -> Iterator[str]:
    """Serve ``app`` and give its address, without a slash at the end; on this machine only.

    Another ``host`` is for networks of a program's own. ``port`` 0 takes any free one. Requests
    that are still being answered at the end are left to their threads, which do not keep the
    process alive. Raises ``OSError`` when the port is taken.
    """
    with socket.create_server((host, port), backlog=128) as listening:
        # Left to bind by itself, the server would end the process when the port is taken.
        server = make_server(
            host,
            listening.getsockname()[1],
            app,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listening.fileno(),
        )
    thread = threading.Thread(target=server.serve_forever, args=[_POLL_SECONDS], daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

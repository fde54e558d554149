"""A balancer before several web hosts, as small as one can be: connections in turn, to who answers.

It knows no HTTP. A host that takes no connection within a second is passed over; a connection that
stands is never moved to another host.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

CONNECT_SECONDS = 1.0
LONGEST_SECONDS = 30.0

Address = tuple[str, int]


class Balancer:
    """Takes connections at one address and passes them to the backends, one after the other."""

    def __init__(self, listening: socket.socket, backends: Sequence[Address]) -> None:
        self._listening = listening
        self._backends = list(backends)
        self._next = 0

    def serve(self) -> None:
        """Serve until the listening socket is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve_one, args=[client], daemon=True).start()

    def _serve_one(self, client: socket.socket) -> None:
        with client:
            backend = self._connect()
            if backend is None:
                return
            with backend:
                client.settimeout(LONGEST_SECONDS)
                backend.settimeout(LONGEST_SECONDS)
                back = threading.Thread(target=_pass_on, args=[backend, client], daemon=True)
                back.start()
                _pass_on(client, backend)
                back.join()

    def _connect(self) -> socket.socket | None:
        self._next += 1
        for offset in range(len(self._backends)):
            backend = self._backends[(self._next + offset) % len(self._backends)]
            with suppress(OSError):
                return socket.create_connection(backend, CONNECT_SECONDS)
        return None


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def balancing(host: str, backends: Sequence[Address]) -> Iterator[str]:
    """Balance for the time of the block; the address to ask."""
    with socket.create_server((host, 0), backlog=128) as listening:
        balancer = Balancer(listening, backends)
        thread = threading.Thread(target=balancer.serve, daemon=True)
        thread.start()
        yield f"http://{host}:{listening.getsockname()[1]}"
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join()

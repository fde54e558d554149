"""A balancer before several web hosts, as small as one can be: connections in turn, to who answers.

It knows no HTTP. A host that takes no connection within a second, or breaks off without a word, is
left alone for ten seconds while there is another, as nginx does by its defaults; a connection that
stands is never moved to another host.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

CONNECT_SECONDS = 1.0
REST_SECONDS = 10.0
LONGEST_SECONDS = 30.0

Address = tuple[str, int]


class Balancer:
    """Takes connections at one address and passes them to the backends, one after the other."""

    def __init__(self, listening: socket.socket, backends: Sequence[Address]) -> None:
        self._listening = listening
        self._backends = list(backends)
        self._next = 0
        self._resting = dict.fromkeys(self._backends, 0.0)

    def serve(self) -> None:
        """Serve until the listening socket is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve_one, args=[client], daemon=True).start()

    def _serve_one(self, client: socket.socket) -> None:
        with client:
            for address in self._in_turn():
                try:
                    backend = socket.create_connection(address, CONNECT_SECONDS)
                except OSError:
                    self._let_rest(address)
                    continue
                with backend:
                    if not _exchange(client, backend):
                        self._let_rest(address)
                return

    def _in_turn(self) -> list[Address]:
        """All of them, the next one first; those that rest come last."""
        self._next += 1
        first = self._next % len(self._backends)
        turn = self._backends[first:] + self._backends[:first]
        now = time.monotonic()
        return sorted(turn, key=lambda backend: self._resting[backend] > now)

    def _let_rest(self, address: Address) -> None:
        self._resting[address] = time.monotonic() + REST_SECONDS


def _exchange(client: socket.socket, backend: socket.socket) -> bool:
    """Pass on in both directions until both are done; whether the backend has said anything."""
    client.settimeout(LONGEST_SECONDS)
    backend.settimeout(LONGEST_SECONDS)
    there = threading.Thread(target=_pass_on, args=[client, backend], daemon=True)
    there.start()
    said = _pass_on(backend, client)
    there.join()
    return said > 0


def _pass_on(source: socket.socket, target: socket.socket) -> int:
    """Pass on until one of them ends; how many bytes came."""
    passed = 0
    with suppress(OSError):
        while piece := source.recv(65536):
            passed += len(piece)
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
    return passed


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

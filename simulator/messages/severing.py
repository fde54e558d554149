"""Ending a connection without an HTTP answer, under a server that lets its socket be reached."""

import socket
from collections.abc import Iterator
from contextlib import suppress

from flask import Response, request

_SOCKET = "werkzeug.socket"


def can_cut() -> bool:
    """Whether the server of the current request lets its connection be ended.

    Werkzeug's does (``simulator.threaded_server``). Granian does not: it completes every answer.
    """
    return _SOCKET in request.environ


def cut() -> Response:
    """End the connection of the current request: the client sees it close with no byte sent.

    To be returned from a view. Raises ``RuntimeError`` where ``can_cut`` is false.
    """
    if not can_cut():
        raise RuntimeError("this server's connections cannot be cut; use simulator.threaded_server")
    connection: socket.socket = request.environ[_SOCKET]
    with suppress(OSError):
        # A client that was killed meanwhile has ended it already.
        connection.shutdown(socket.SHUT_RDWR)
    return Response(_nothing())


def _nothing() -> Iterator[bytes]:
    # Raised when the server begins to send: it takes the connection for dropped and stays quiet.
    raise ConnectionAbortedError("cut on purpose")
    yield b""

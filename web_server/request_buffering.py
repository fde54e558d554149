"""A request reaches the application when all of it has arrived, and not before.

A WSGI application occupies a thread from its first line to its last, so a client that sends half a
body and waits would hold that thread as long as it likes. Here waiting for the body costs a few
kilobytes; the application then runs in a thread over bytes that are already in memory. RSGI 1 (the
specification is in granian's documentation) on the loop of ``request_loop``, PEP 3333.
"""

from __future__ import annotations

import io
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from granian.rsgi import ProtocolClosed as ClientGoneError  # type: ignore[attr-defined]

from telemetry.catalogue import WEBHOOK_REFUSALS
from web_server.request_loop import OverloadError, RequestLoop, in_a_thread, within
from web_server.request_threads import RequestThreads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Headers(Protocol):
    """A request's headers; their names are in small letters."""

    def __contains__(self, name: str) -> bool: ...
    def get(self, name: str, default: Any = None) -> Any: ...
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """What the server tells of a request; ``server`` and ``client`` are HOST:PORT."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Headers: ...


class HTTPProtocol(Protocol):
    """A request's body, whole or in pieces, and the way its answer goes."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


Answer: TypeAlias = "tuple[int, list[tuple[str, str]], bytes]"


READINESS = "/readyz"
"""Where a balancer asks whether to send requests here."""


BUSY = "too many requests wait; try again"


class BodyTooLargeError(Exception):
    """The body has more bytes than the application takes."""


class RequestBuffering:
    """An RSGI application that runs a WSGI one on complete requests only.

    A body that is not there ``body_seconds`` after its headers is answered 408, one of more than
    ``most_body_bytes`` 413; in both cases the connection is closed and no thread was used.
    ``threads`` is how many requests the WSGI application works on at once; while ``CONNECTIONS``
    others wait for a thread, a request is answered 503. A body without a length
    whose client leaves in its middle is taken as far as it came: no signature fits it then. While
    ``draining``, ``/readyz`` is answered 503 here, and no connection is kept open.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        body_seconds: float,
        most_body_bytes: int,
        threads: int,
        draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._application = application
        self._body_seconds = body_seconds
        self._most_body_bytes = most_body_bytes
        self._draining = draining
        self._threads = threads

    def __rsgi_init__(self, loop: RequestLoop) -> None:
        """Have the threads, in the worker that has this loop."""
        loop.work_with(RequestThreads(self._threads))

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope.proto != "http":
            raise NotImplementedError(f"{scope.proto} is not spoken here")
        try:
            await within(self._body_seconds)
            body = await self._read(scope.headers, protocol)
            await in_a_thread()
        except ClientGoneError:
            return
        except TimeoutError:
            WEBHOOK_REFUSALS.count("body_late")
            answer = refusal(408, "the request did not arrive in time")
        except BodyTooLargeError:
            WEBHOOK_REFUSALS.count("body_large")
            answer = refusal(413, "the request is too large")
        except OverloadError:
            WEBHOOK_REFUSALS.count("overload")
            answer = refusal(503, BUSY)
        else:
            answer = respond(self._application, wsgi_environ(scope, body))
        self._respond(scope, protocol, answer)

    def _respond(self, scope: Scope, protocol: HTTPProtocol, answer: Answer) -> None:
        if self._draining():
            answer = _last(answer) if scope.path != READINESS else refusal(503, "not ready")
        protocol.response_bytes(*answer)

    async def _read(self, headers: Headers, protocol: HTTPProtocol) -> bytes:
        announced = headers.get("content-length")
        in_pieces = "transfer-encoding" in headers
        if announced is None and not in_pieces:
            return b""
        if not in_pieces and announced.isascii() and announced.isdigit():
            if is_too_long(announced, self._most_body_bytes):
                raise BodyTooLargeError
            # The server reads as many bytes as are announced.
            return await protocol()
        body = bytearray()
        async for part in protocol:
            body += part
            if len(body) > self._most_body_bytes:
                raise BodyTooLargeError
        return bytes(body)


def is_too_long(announced: str, most: int) -> bool:
    """Whether a body whose ``Content-Length`` has these digits has more bytes than ``most``."""
    digits = announced.lstrip("0")
    # Python reads no number of thousands of digits.
    return len(digits) > len(str(most)) or int(digits or "0") > most


def wsgi_environ(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The WSGI environment of a complete request.

    A header whose name has an underscore is left out: WSGI could not tell it from the one with a
    hyphen. ``CONTENT_LENGTH`` is the length of ``body``, however it was sent.
    """
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_wsgi(scope.path),
        "QUERY_STRING": _as_wsgi(scope.query_string),
        "SERVER_NAME": host.strip("[]") or "localhost",
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _key(name)
        if key is not None:
            separator = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _as_wsgi(text: str) -> str:
    """Text as WSGI has it: each byte a character."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


@lru_cache(256)
def _key(name: str) -> str | None:
    """Under what name WSGI has a header; ``None`` for one that it does not get."""
    # How the body was sent is over: it is here, with a length.
    if "_" in name or name.lower() in {"content-length", "transfer-encoding"}:
        return None
    key = name.upper().replace("-", "_")
    return key if key == "CONTENT_TYPE" else f"HTTP_{key}"


def respond(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Run a WSGI application to its end and return status, headers and body."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return written.append

    starting: StartResponse = start_response
    chunks = application(environ, starting)
    try:
        written.extend(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    status, headers = begun[-1]
    lowered = [(name.lower(), text) for name, text in headers]
    return int(status.split(" ", 1)[0]), lowered, b"".join(written)


def _last(answer: Answer) -> Answer:
    """It, on a connection that ends: one that is kept would be cut under its next request."""
    status, headers, body = answer
    return status, [*(each for each in headers if each[0] != "connection"), _CLOSING], body


_CLOSING = ("connection", "close")


def refusal(status: int, reason: str) -> Answer:
    """An answer that refuses the request and ends the connection."""
    body = f"{reason}\n".encode()
    headers = [("content-type", "text/plain"), ("content-length", str(len(body)))]
    return status, [*headers, _CLOSING], body

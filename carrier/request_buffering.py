"""A request reaches the application when all of it has arrived, and not before.

A WSGI application occupies a thread from its first line to its last, so a client that sends half a
body and waits would hold that thread as long as it likes. Here the body is read on the event loop,
where waiting costs a few kilobytes; the application then runs in a thread over bytes that are
already in memory. ASGI 3: https://asgi.readthedocs.io/en/latest/specs/www.html, PEP 3333.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from telemetry.catalogue import WEBHOOK_REFUSALS

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class BodyTooLargeError(Exception):
    """The body has more bytes than the application takes."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


class RequestBuffering:
    """An ASGI application that runs a WSGI one on complete requests only.

    A body that is not there ``body_seconds`` after its headers is answered 408, one of more than
    ``most_body_bytes`` 413; in both cases the connection is closed and no thread was used.
    ``threads`` is how many requests the WSGI application works on at once.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        body_seconds: float,
        most_body_bytes: int,
        threads: int,
    ) -> None:
        self._application = application
        self._body_seconds = body_seconds
        self._most_body_bytes = most_body_bytes
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope["type"] != "http":
            raise NotImplementedError(f"{scope['type']} is not spoken here")
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await self._read(scope, receive)
        except ClientGoneError:
            return
        except TimeoutError:
            WEBHOOK_REFUSALS.count("body_late")
            await _send(send, *_refusal(408, "the request did not arrive in time"))
        except BodyTooLargeError:
            WEBHOOK_REFUSALS.count("body_large")
            await _send(send, *_refusal(413, "the request is too large"))
        else:
            loop = asyncio.get_running_loop()
            environ = wsgi_environ(scope, body)
            answer = await loop.run_in_executor(self._threads, respond, self._application, environ)
            await _send(send, *answer)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and self._is_too_long(announced):
            raise BodyTooLargeError
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientGoneError
            body += message.get("body", b"")
            if len(body) > self._most_body_bytes:
                raise BodyTooLargeError
            more = message.get("more_body", False)
        return bytes(body)

    def _is_too_long(self, announced: bytes) -> bool:
        digits = announced.lstrip(b"0")
        return len(digits) > _MOST_LENGTH_DIGITS or int(digits or b"0") > self._most_body_bytes


_MOST_LENGTH_DIGITS = 18
"""Python reads no number of thousands of digits."""

Answer: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]


def wsgi_environ(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The WSGI environment of a complete request.

    A header whose name has an underscore is left out: WSGI could not tell it from the one with a
    hyphen. ``CONTENT_LENGTH`` is the length of ``body``, however it was sent.
    """
    host, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in _headers(scope["headers"]):
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        separator = "; " if name == "COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[str, str]]:
    for name, value in raw:
        # How the body was sent is over: it is here, with a length.
        if b"_" not in name and name.lower() not in {b"content-length", b"transfer-encoding"}:
            yield name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")


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
    raw = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers]
    return int(status.split(" ", 1)[0]), raw, b"".join(written)


def _refusal(status: int, reason: str) -> Answer:
    body = f"{reason}\n".encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", length)]
    return status, [*headers, (b"connection", b"close")], body


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

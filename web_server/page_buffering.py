"""Requests of staff and of other systems reach their application when all of them has arrived.

As ``request_buffering`` does for the carrier's webhooks, so that half-sent requests hold no thread;
but files may come, which wait on the disk, and long answers go out while they are made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Protocol

from granian.rsgi import ProtocolClosed as ClientGoneError  # type: ignore[attr-defined]

from web_server.request_buffering import (
    BUSY,
    HTTPProtocol,
    Scope,
    is_too_long,
    refusal,
    wsgi_environ,
)
from web_server.request_loop import OverloadError, RequestLoop, in_a_thread, within
from web_server.request_threads import RequestThreads

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

IN_MEMORY = 64 * 1024
"""Bytes of a body that is no file; a larger one waits on the disk, and few do at once."""
MOST_FILES = 8
BODY_SECONDS = 10.0
SLOWEST = 32 * 1024
"""Bytes a second that a file has to come with, over and above ``BODY_SECONDS``."""
JOINED = 256 * 1024
"""An answer up to this size goes out as a whole; a longer one while it is made."""

Headers = list[tuple[str, str]]


class Stream(Protocol):
    """The way of an answer in pieces."""

    def send_bytes(self, data: bytes) -> Awaitable[None]: ...


class StreamingProtocol(HTTPProtocol, Protocol):
    """What the server offers besides."""

    def response_stream(self, status: int, headers: Headers) -> Stream: ...


class _RefusedError(Exception):
    """The request is not taken: status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class PageBuffering:
    """An RSGI application that runs a WSGI one, ``threads`` requests at once, on complete requests.

    A body that is late is answered 408, and a file while ``MOST_FILES`` others are on their way
    503; neither has used a thread. One that is announced with more than ``most_body_bytes`` is not
    read: the application sees its length and refuses it in its own words. One in pieces gets 413.
    The application does not get a body whose client left before the announced length had come.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        most_body_bytes: int,
        threads: int,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._application = application
        self._most_body_bytes = most_body_bytes
        self._body_seconds = body_seconds
        self._files = BoundedSemaphore(MOST_FILES)
        self._threads = threads

    def __rsgi_init__(self, loop: RequestLoop) -> None:
        """Have the threads, in the worker that has this loop."""
        loop.work_with(RequestThreads(self._threads))

    async def __rsgi__(self, scope: Scope, protocol: StreamingProtocol) -> None:
        """Answer one HTTP request; other protocols are not spoken."""
        if scope.proto != "http":
            raise NotImplementedError(f"{scope.proto} is not spoken here")
        with suppress(ClientGoneError), SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                with self._room(scope) as (size, seconds):
                    if 0 < size <= self._most_body_bytes:
                        await self._receive(protocol, body, seconds)
                        if body.tell() < size and "transfer-encoding" not in scope.headers:
                            # The server gives what came before the client left as if it were all.
                            raise ClientGoneError
                        size = body.tell()
                    await self._answer(scope, protocol, body, size)
            except OverloadError:
                protocol.response_bytes(*refusal(503, BUSY))
            except _RefusedError as refused:
                protocol.response_bytes(*refusal(refused.status, refused.reason))

    @contextmanager
    def _room(self, scope: Scope) -> Iterator[tuple[int, float]]:
        """Have room for the body; its bytes at most, and the seconds that it may take."""
        size = _announced(scope, self._most_body_bytes)
        if size <= IN_MEMORY or size > self._most_body_bytes:
            yield size, self._body_seconds
            return
        if not self._files.acquire(blocking=False):
            raise _RefusedError(503, "too many files are on their way; try again")
        try:
            yield size, self._body_seconds + size / SLOWEST
        finally:
            self._files.release()

    async def _receive(self, protocol: StreamingProtocol, body: Any, seconds: float) -> None:
        try:
            await within(seconds)
            async for part in protocol:
                body.write(part)
                if body.tell() > self._most_body_bytes:
                    raise _RefusedError(413, "the request is too large")
        except TimeoutError:
            raise _RefusedError(408, "the request did not arrive in time") from None

    async def _answer(
        self, scope: Scope, protocol: StreamingProtocol, body: Any, size: int
    ) -> None:
        await in_a_thread()
        environ = wsgi_environ(scope, b"")
        if size:
            environ["CONTENT_LENGTH"] = str(size)
        body.seek(0)
        environ["wsgi.input"] = body
        _respond(self._application, environ, _Way(protocol))


class _Way:
    """How an answer goes out."""

    def __init__(self, protocol: StreamingProtocol) -> None:
        self.send_whole = protocol.response_bytes
        self._protocol = protocol
        self._stream: Stream | None = None

    def send_piece(self, status: int, headers: Headers, piece: bytes) -> None:
        """A piece of the answer, the first of which begins it."""
        if self._stream is None:
            self._stream = self._protocol.response_stream(status, headers)
        # The server takes it at once, or says that the client has gone.
        deque(self._stream.send_bytes(piece).__await__(), 0)


def _announced(scope: Scope, most: int) -> int:
    """How large the body is, or one byte more than the most; in pieces it may be the most."""
    if "transfer-encoding" in scope.headers:
        return most
    announced = scope.headers.get("content-length") or "0"
    if not (announced.isascii() and announced.isdigit()):
        raise _RefusedError(400, "Content-Length is no number")
    return most + 1 if is_too_long(announced, most) else int(announced.lstrip("0") or "0")


def _respond(application: WSGIApplication, environ: WSGIEnvironment, way: _Way) -> None:
    """Run a WSGI application to its end; what is short goes out as a whole."""
    begun: list[tuple[int, Headers]] = []
    pieces = bytearray()

    def start_response(
        status: str, headers: Headers, _exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        lowered = [(name.lower(), text) for name, text in headers]
        begun.append((int(status.split(" ", 1)[0]), lowered))
        return pieces.extend

    chunks: Iterable[bytes] = application(environ, start_response)
    is_long = False
    try:
        for chunk in chunks:
            pieces += chunk
            if len(pieces) > JOINED:
                is_long = True
                way.send_piece(*begun[-1], bytes(pieces))
                pieces.clear()
    finally:
        if close := getattr(chunks, "close", None):
            close()
    if not is_long:
        way.send_whole(*begun[-1], bytes(pieces))
    elif pieces:
        way.send_piece(*begun[-1], bytes(pieces))

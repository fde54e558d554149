"""Requests as the server hands them to what buffers them, and what is answered."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from web_server.request_loop import RequestLoop


class Headers:
    """A request's headers, their names in small letters."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self._items = [(name.lower(), value) for name, value in items]

    def __contains__(self, name: str) -> bool:
        return any(name == each for each, _ in self._items)

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for each, value in self._items if each == name), default)

    def items(self) -> list[tuple[str, str]]:
        return list(self._items)


@dataclass
class Scope:
    """What the server tells of a request."""

    path: str
    query_string: str = ""
    headers: Headers = field(default_factory=lambda: Headers([]))
    method: str = "POST"
    proto: str = "http"
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.2:5000"


class Awaited:
    """What comes later or never, as the server gives it to a request; ``is_given_up`` tells."""

    def __init__(self) -> None:
        self.is_given_up = False
        self._go_on: Callable[[Awaited], object] | None = None

    def __await__(self) -> Generator["Awaited"]:
        yield self

    def add_done_callback(self, callback: Callable[["Awaited"], object]) -> None:
        self._go_on = callback

    def cancel(self) -> None:
        self.is_given_up = True

    def come(self, loop: RequestLoop) -> None:
        """It is there: the server says so to the loop."""
        assert self._go_on is not None
        loop.call_soon_threadsafe(self._go_on, self)


NEVER = None
"""A part of a body that does not come."""
GONE = ProtocolClosed
"""The client leaves."""


class Exchange:
    """A body in parts, and what was answered: (status, headers, body), each piece of it.

    The client leaves when it has had ``goes_after`` pieces.
    """

    def __init__(
        self, *parts: bytes | type[ProtocolClosed] | Awaited | None, goes_after: int | None = None
    ) -> None:
        self._parts = parts
        self._goes_after = goes_after
        self.answers: list[tuple[int, list[tuple[str, str]], bytes]] = []

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self._arriving()])

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._arriving()

    async def _arriving(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            elif part is None:
                await Awaited()
            elif isinstance(part, Awaited):
                await part
            else:
                raise part
        yield b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, headers, body))

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Stream":
        return Stream(self, status, headers)

    def take(self, status: int, headers: list[tuple[str, str]], piece: bytes) -> None:
        if len(self.answers) == self._goes_after:
            raise ProtocolClosed
        self.answers.append((status, headers, piece))


@dataclass
class Stream:
    """An answer in pieces."""

    exchange: Exchange
    status: int
    headers: list[tuple[str, str]]

    async def send_bytes(self, data: bytes) -> None:
        self.exchange.take(self.status, self.headers, data)


class Buffering(Protocol):
    """What buffers requests."""

    def __rsgi_init__(self, loop: RequestLoop) -> None: ...
    async def __rsgi__(self, scope: Any, protocol: Any) -> None: ...


class Worker:
    """A worker of the server, which has one request after the other, or several at once."""

    def __init__(self, service: Buffering) -> None:
        self.loop = RequestLoop()
        self._service = service
        service.__rsgi_init__(self.loop)

    def begin(self, scope: Scope, exchange: Exchange) -> "Request":
        """Hand a request over, as the server does."""
        request = Request(self.loop)

        async def watched() -> None:
            try:
                await self._service.__rsgi__(scope, exchange)
            except BaseException as error:
                request.error = error
            request.is_over.set()

        self.loop.call_soon_threadsafe(_begun, watched())
        return request

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_error: object) -> None:
        self.loop.close()


def _begun(_coroutine: Any) -> None:
    """The loop does not call it: it begins requests itself."""
    raise AssertionError


@dataclass
class Request:
    """A request that was handed over."""

    loop: RequestLoop
    is_over: Event = field(default_factory=Event)
    error: BaseException | None = None

    def wait(self) -> None:
        """Until it is over, while time goes on for the loop; raises what it raised."""

        async def until_over() -> None:
            while not self.is_over.is_set():
                await asyncio.sleep(0.001)

        if not self.is_over.wait(0.05):
            self.loop.run_until_complete(asyncio.wait_for(until_over(), 10))
        if self.error is not None:
            raise self.error


def answer(service: Buffering, scope: Scope, exchange: Exchange) -> None:
    """Have one request answered by a worker of its own; raises what it raised."""
    with Worker(service) as worker:
        worker.begin(scope, exchange).wait()

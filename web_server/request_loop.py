"""What the server has in the place of an event loop: requests go on in threads.

granian begins each request on its worker's event loop and wakes that loop again when the body is
there; from it a thread would have to be woken. Here the server's own thread takes a request's first
step, which asks for the body, and a thread takes the others. So a request changes threads once, and
nothing waits for a loop. See docs/decisions/0122-request-loop.md.
"""

from __future__ import annotations

import asyncio
import math
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVarTuple, Unpack

from granian import loops

from web_server.request_threads import RequestThreads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from contextvars import Context

NAME = "requests"
"""Under which the server knows this loop."""

_Arguments = TypeVarTuple("_Arguments")

_LOOK_SECONDS = 0.25
"""How late a request that waits too long is ended, at most."""


class OverloadError(Exception):
    """More requests wait for a thread than there are connections to answer: clients do not wait."""


class _Asked:
    """What a request asks of its loop; it goes on at once."""

    def __await__(self) -> Generator[_Asked]:
        yield self


class _Limit(_Asked):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


_THREAD = _Asked()


def within(seconds: float) -> Awaitable[None]:
    """Once awaited: what is awaited from then on raises ``TimeoutError`` after so many seconds."""
    return _Limit(seconds)


def in_a_thread() -> Awaitable[None]:
    """Once awaited: the request has a thread to itself and may block.

    Raises ``OverloadError`` in place of that, as does a wait for the server that ends, where too
    many wait for a thread already.
    """
    return _THREAD


_Waits: TypeAlias = "dict[_Request, tuple[float, Any]]"
"""Until when each request waits at most, and for what."""


class _Request:
    """A request's coroutine, which goes on in one thread or another, never in two at once."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], loop: RequestLoop) -> None:
        self._coroutine = coroutine
        self._loop = loop
        self._until = math.inf

    def __call__(self, _future: Any) -> None:
        """What it waited for is there; the server's thread says so."""
        if self._loop.waiting.pop(self, None) is not None:
            self._take_thread()

    def expire(self) -> None:
        """It has waited too long, unless what it waits for has just come."""
        waited = self._loop.waiting.pop(self, None)
        if waited is not None:
            waited[1].cancel()
            self._loop.threads.submit(partial(self.go_on, TimeoutError()))

    def _take_thread(self) -> None:
        """Go on in a thread; or at once, with an error, where too many wait for one."""
        if self._loop.threads.has_room():
            self._loop.threads.submit(self.go_on)
        else:
            self.go_on(OverloadError(), in_thread=False)

    def go_on(self, error: Exception | None = None, *, in_thread: bool = True) -> None:
        """Take the next steps, until it waits or is over. The server logs its errors."""
        try:
            asks = self._coroutine.throw(error) if error else self._coroutine.send(None)
            while isinstance(asks, _Asked):
                if isinstance(asks, _Limit):
                    self._until = self._loop.time() + asks.seconds
                elif not in_thread:
                    self._take_thread()
                    return
                asks = self._coroutine.send(None)
        except StopIteration:
            return
        self._loop.waiting[self] = (self._until, asks)
        asks.add_done_callback(self)


class RequestLoop(asyncio.SelectorEventLoop):
    """An event loop for the server's own few tasks, whose requests' coroutines it does not run.

    What a request may await: what the server gives it, ``within`` and ``in_a_thread``.
    """

    threads: RequestThreads

    def __init__(self) -> None:
        super().__init__()
        self.waiting: _Waits = {}
        self._handle = asyncio.Handle(_nothing, (), self)

    def work_with(self, threads: RequestThreads) -> None:
        """Have these threads work on requests; before the first one."""
        self.threads = threads
        self.call_soon(self._end_late)

    def begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Take the first steps of a request, in whatever thread this is called."""
        _Request(coroutine, self).go_on(in_thread=False)

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[_Arguments]], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """What the server calls from its threads, to begin a request and to go on with it."""
        if isinstance(callback, _Request):
            callback(*args)
        elif args and isinstance(args[0], CoroutineType):
            self.begin(args[0])
        else:
            return super().call_soon_threadsafe(callback, *args, context=context)
        return self._handle

    def call_soon(
        self,
        callback: Callable[[Unpack[_Arguments]], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """What the server calls where that which a request waits for is there already."""
        if isinstance(callback, _Request):
            callback(*args)
            return self._handle
        return super().call_soon(callback, *args, context=context)

    def _end_late(self) -> None:
        """Let those go on that have waited too long: they answer so."""
        # First of all, for whatever happens here, those that wait are looked at again.
        self.call_later(_LOOK_SECONDS, self._end_late)
        now = self.time()
        # A copy is made in one step; a list of the items is not, and threads change them meanwhile.
        for request, (until, _) in self.waiting.copy().items():
            if until <= now:
                request.expire()


def _nothing() -> None:
    """What the server could cancel of a request: it does not."""


def register() -> None:
    """Make the loop known to the server."""
    loops.register(NAME)(_build)


def _build() -> RequestLoop:
    loop = RequestLoop()
    asyncio.set_event_loop(loop)
    return loop

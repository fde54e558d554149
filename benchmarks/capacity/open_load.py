"""Open-loop load of whole calls: every turn has its time, whoever has answered by then or not.

A turn is sent when its time has come and the one before it in its call is answered; its latency
counts from the time that it had. So a service that falls behind is charged for the queue, which a
load that waits for answers would never form. Calls begin evenly; what is measured are the turns of
a window that begins when as many calls end as begin.
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.turns.recorded_call import first_words
from benchmarks.turns.served import HOST, Signed

TURN_SECONDS = 0.25
"""Between two turns of a call. A caller takes longer; then only more calls are open at a time."""
PATIENCE_SECONDS = 5.0
"""After the window's end; a turn that is not answered by then is one that failed."""

Turn = tuple[bytes, str]
"""A request as it goes out, and the words that its answer begins with."""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass
class Outcome:
    """What a load met: latencies and the load's own delays in seconds, and failures.

    ``turns`` is how many were to be answered in the window.
    """

    latencies: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    turns: int = 0
    failures: int = 0


def wire(request: Signed) -> bytes:
    """The request as it goes out on a connection that stays open."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = (
        f"POST {request.path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}"
        f"Content-Length: {len(request.body)}\r\n\r\n"
    )
    return head.encode() + request.body


def calls_for(per_second: float, seconds: float, turns: int) -> int:
    """How many calls of so many turns make that many turns a second for a window of that length."""
    return max(1, round(per_second * (seconds + turns * TURN_SECONDS) / turns))


def load(
    calls: list[list[Turn]], per_second: float, port: int, look: Callable[[], None]
) -> Outcome:
    """Make the calls, each as many requests, at so many turns a second altogether.

    ``look`` is called at the beginning and at the end of the window.
    """
    # The load shares the processors with what it measures.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        return asyncio.run(_Load(port, look).make(calls, per_second))
    finally:
        gc.enable()
        gc.unfreeze()


class _Connection(asyncio.Protocol):
    """One connection, over which one request at a time is sent."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_END_OF_HEAD)
        if end and self._answer is not None:
            length = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
            if len(body) >= int(length or b"0"):
                answer, whole = self._answer, self._received
                self._answer, self._received = None, b""
                answer.set_result(whole)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the service has closed the connection"))

    async def answer_to(self, request: bytes) -> bytes:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Load:
    def __init__(self, port: int, look: Callable[[], None]) -> None:
        self._port = port
        self._look = look
        self._free: deque[_Connection] = deque()
        self._outcome = Outcome()
        self._window = (0.0, 0.0)

    async def make(self, calls: list[list[Turn]], per_second: float) -> Outcome:
        began = time.perf_counter() + 0.1
        between = len(calls[0]) / per_second
        warm, end = began + len(calls[0]) * TURN_SECONDS, began + len(calls) * between
        self._window = (warm, end)
        watching = asyncio.create_task(self._watch())
        made = []
        for number, call in enumerate(calls):
            start = began + number * between
            await _until(start)
            made.append(asyncio.create_task(self._call(call, start)))
        await watching
        await asyncio.wait(made, timeout=PATIENCE_SECONDS)
        for task in made:
            # Whoever is not answered by now counts as one that failed.
            task.cancel()
        await asyncio.gather(*made, return_exceptions=True)
        for connection in self._free:
            connection.close()
        return self._outcome

    async def _watch(self) -> None:
        for moment in self._window:
            await _until(moment)
            self._look()

    async def _call(self, turns: list[Turn], start: float) -> None:
        planned = [start + number * TURN_SECONDS for number in range(len(turns))]
        measured = [self._window[0] <= moment < self._window[1] for moment in planned]
        self._outcome.turns += sum(measured)
        answered = 0
        connection = None
        try:
            connection = await self._connection()
            for (request, words), moment, is_measured in zip(turns, planned, measured, strict=True):
                free = time.perf_counter()
                await _until(moment)
                sent = time.perf_counter()
                answer = await connection.answer_to(request)
                if is_measured:
                    self._outcome.delays.append(sent - max(moment, free))
                    self._outcome.latencies.append(time.perf_counter() - moment)
                if not _is_sound(answer, words):
                    return
                answered += 1
            self._free.append(connection)
        except OSError:
            return
        finally:
            self._outcome.failures += len(turns) - answered
            if answered < len(turns) and connection is not None:
                # Whatever comes on this connection now is no answer to the next request.
                connection.close()

    async def _connection(self) -> _Connection:
        try:
            return self._free.pop()
        except IndexError:
            loop = asyncio.get_running_loop()
            return (await loop.create_connection(_Connection, HOST, self._port))[1]


async def _until(moment: float) -> None:
    wait = moment - time.perf_counter()
    if wait > 0:
        await asyncio.sleep(wait)


def _is_sound(answer: bytes, words: str) -> bool:
    """Whether the answer is the one that was recorded."""
    if not answer.startswith(b"HTTP/1.1 200 "):
        return False
    body = answer.partition(_END_OF_HEAD)[2]
    return first_words(body.decode()).startswith(words)

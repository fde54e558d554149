"""Open-loop load of whole calls: every turn has its time, whoever has answered by then or not.

A turn is sent when its time has come and the one before it in its call is answered; its latency
counts from the time that it had. So a service that falls behind is charged for the queue, which a
load that waits for answers would never form.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from benchmarks.recorded_call import first_words
from benchmarks.served import HOST, Signed

TURN_SECONDS = 0.5
"""Between two turns of a call. A caller takes longer; then only more calls are open at a time."""
PATIENCE_SECONDS = 20.0
"""A turn that is not answered by then is one that failed."""

Turn = tuple[bytes, str]
"""A request as it goes out, and the words that its answer begins with."""


@dataclass
class Outcome:
    """What a load met: latencies and the load's own delays in seconds, and failures."""

    latencies: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    failures: int = 0


def wire(request: Signed) -> bytes:
    """The request as it goes out on a connection that stays open."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = (
        f"POST {request.path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}"
        f"Content-Length: {len(request.body)}\r\n\r\n"
    )
    return head.encode() + request.body


def load(calls: list[list[Turn]], per_second: float, port: int) -> Outcome:
    """Make the calls, each some requests, at so many turns a second altogether."""
    return asyncio.run(_Load(port).make(calls, per_second))


class _Load:
    def __init__(self, port: int) -> None:
        self._port = port
        self._free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self._outcome = Outcome()

    async def make(self, calls: list[list[Turn]], per_second: float) -> Outcome:
        began = time.perf_counter() + 0.1
        between = len(calls[0]) / per_second
        async with asyncio.TaskGroup() as group:
            for number, call in enumerate(calls):
                start = began + number * between
                await _until(start)
                group.create_task(self._call(call, start))
        for _, writer in self._free:
            writer.close()
        return self._outcome

    async def _call(self, turns: list[Turn], start: float) -> None:
        try:
            connection = self._free.pop()
        except IndexError:
            connection = await asyncio.open_connection(HOST, self._port)
        for number, (request, words) in enumerate(turns):
            planned = start + number * TURN_SECONDS
            free = time.perf_counter()
            await _until(planned)
            self._outcome.delays.append(time.perf_counter() - max(planned, free))
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + PATIENCE_SECONDS):
                    is_sound = await _exchange(connection, request, words)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                is_sound = False
            self._outcome.latencies.append(time.perf_counter() - planned)
            if not is_sound:
                # Whatever comes on this connection now is no answer to the next request.
                self._outcome.failures += len(turns) - number
                connection[1].close()
                return
        self._free.append(connection)


async def _until(moment: float) -> None:
    wait = moment - time.perf_counter()
    if wait > 0:
        await asyncio.sleep(wait)


async def _exchange(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes, words: str
) -> bool:
    """Send a request; whether the answer is the one that was recorded."""
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    return head.startswith(b"HTTP/1.1 200 ") and first_words(body.decode()).startswith(words)

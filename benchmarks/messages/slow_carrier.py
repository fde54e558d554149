"""A carrier over HTTP that takes every message after a set time, for measuring who sends to it.

One process, one thread: ``python -m benchmarks.messages.slow_carrier SECONDS`` prints its address
and serves until it is ended. It keeps connections open, knows the two requests that a worker makes,
and tells at ``/taken`` when it took a message for which number, and at ``/many`` how many it has
taken.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from itertools import count
from urllib.parse import parse_qs
from urllib.request import urlopen

import click

from settings import HERE

_numbers = count(1)


@contextmanager
def running_carrier(latency: float) -> Iterator[str]:
    """Run the carrier in a process of its own for the time of the block; its address."""
    command = [sys.executable, "-m", "benchmarks.messages.slow_carrier", str(latency)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def taken(url: str) -> list[tuple[float, str]]:
    """When the carrier took each message, in seconds of one clock, and for which number."""
    with urlopen(f"{url}/taken") as answer:  # noqa: S310 - our own carrier
        return [(moment, number) for moment, number in json.load(answer)]


def how_many(url: str) -> int:
    """How many messages the carrier has taken."""
    with urlopen(f"{url}/many") as answer:  # noqa: S310 - our own carrier
        return int(json.load(answer))


class _Carrier:
    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._taken: list[tuple[float, str]] = []

    async def serve(self) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        click.echo(f"http://{host}:{port}")
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                names = (line.partition(": ")[::2] for line in lines)
                headers = {name.lower(): value for name, value in names}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                writer.write(await self._answered(first, body.decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answered(self, first: str, body: str) -> bytes:
        method, path, _ = first.split(" ")
        if path == "/taken":
            return _response(200, self._taken)
        if path == "/many":
            return _response(200, len(self._taken))
        if method == "GET":
            return _response(200, {"messages": [], "next_page_uri": None, "page_size": 50})
        [to] = parse_qs(body)["To"]
        self._taken.append((time.monotonic(), to))
        await asyncio.sleep(self._latency)
        return _response(201, {"sid": f"SM{next(_numbers):032x}", "status": "queued", "to": to})


def _response(status: int, value: object) -> bytes:
    body = json.dumps(value).encode()
    head = (
        f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
        f"Date: {formatdate(usegmt=True)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(_Carrier(float(sys.argv[1])).serve())

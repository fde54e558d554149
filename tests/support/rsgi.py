"""Requests as the server hands them to ``RequestBuffering``, and what it answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]


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


NEVER = None
"""A part of a body that does not come."""
GONE = ProtocolClosed
"""The client leaves."""


class Exchange:
    """A body in parts, and what was answered: (status, headers, body), each piece of it.

    The client leaves when it has had ``goes_after`` pieces.
    """

    def __init__(
        self, *parts: bytes | type[ProtocolClosed] | None, goes_after: int | None = None
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
                await asyncio.Event().wait()
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

"""The benchmark of capacity comes as close to the highest rate as it says, in few steps."""

import asyncio
from collections.abc import Callable

import pytest

from benchmarks.capacity.capacity import FINENESS, ROUND, highest
from benchmarks.capacity.open_load import calls_for, load


@pytest.mark.parametrize("limit", [0, 35, 199, 200, 201, 640, 999, 1600, 7777])
def test_the_highest_rate_is_found_in_few_steps(limit: int) -> None:
    tried: list[int] = []

    def is_carried(rate: int) -> bool:
        tried.append(rate)
        return rate <= limit

    found = highest(is_carried, 200)
    assert found <= limit
    assert limit - found <= max(2 * ROUND, found * FINENESS)
    assert len(tried) == len(set(tried)) <= 11


def served(answer: bytes, ask: Callable[[int], None]) -> None:
    """Run a service that gives that answer to every request, and make it known by its port."""

    async def serve() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(1000):
                # In two parts, as an answer may come.
                writer.write(answer[:20])
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(answer[20:])
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            await asyncio.to_thread(ask, server.sockets[0].getsockname()[1])

    asyncio.run(serve())


@pytest.mark.parametrize(("words", "failures"), [("One two three", 0), ("Another", 12)])
def test_turns_of_the_window_are_measured_and_what_is_answered_otherwise_has_failed(
    words: str, failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.capacity.open_load.TURN_SECONDS", 0.01)
    body = b"<Response><Say>One two three four.</Say></Response>"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    looks: list[str] = []
    number = calls_for(200, 0.1, 2)

    def ask(port: int) -> None:
        calls = [[(b"one", words), (b"two", words)] for _ in range(number)]
        outcome = load(calls, 200, port, lambda: looks.append("looked"))
        assert outcome.failures == failures * number // 6
        assert 0 < outcome.turns < 2 * number
        if not failures:
            assert len(outcome.latencies) == len(outcome.delays) == outcome.turns

    served(answer, ask)
    assert looks == ["looked", "looked"]

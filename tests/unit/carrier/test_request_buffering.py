"""The application sees complete requests only, and the same ones as behind any WSGI server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest

from carrier.request_buffering import RequestBuffering

Message = dict[str, Any]


class Application:
    """A WSGI application that says back what it was given."""

    def __init__(self) -> None:
        self.seen: list[WSGIEnvironment] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.seen.append(environ)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start("200 OK", [("Content-Type", "text/plain"), ("X-Two", "á")])
        return [b"got ", body]


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def exchange(
    application: Application,
    messages: list[Message | Callable[[], Awaitable[Message]]],
    headers: Iterable[tuple[bytes, bytes]] = (),
    body_seconds: float = 60,
) -> list[Message]:
    """Send one request in these pieces and return what was answered."""
    sent: list[Message] = []
    waiting = iter(messages)

    async def receive() -> Message:
        message = next(waiting)
        return message if isinstance(message, dict) else await message()

    async def send(message: Any) -> None:
        sent.append(message)

    service = RequestBuffering(
        validator(application), body_seconds=body_seconds, most_body_bytes=10, threads=1
    )
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/voice/űr",
        "query_string": b"heard=silence&x=%2f",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.2", 5000),
        "headers": [(b"host", b"line.example.hu"), *headers],
    }
    asyncio.run(service(scope, receive, send))
    return sent


def test_a_body_in_pieces_is_one_for_the_application() -> None:
    application = Application()
    pieces = [part(b"a=", more=True), part(b"1", more=True), part(b"")]
    headers = [(b"transfer-encoding", b"chunked"), (b"content-type", b"text/x-test")]
    start, body = exchange(application, [*pieces], headers)
    assert start["status"] == 200
    assert start["headers"] == [(b"content-type", b"text/plain"), (b"x-two", b"\xe1")]
    assert body["body"] == b"got a=1"
    (environ,) = application.seen
    assert environ["CONTENT_LENGTH"] == "3"
    assert environ["CONTENT_TYPE"] == "text/x-test"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/voice/űr"
    assert environ["QUERY_STRING"] == "heard=silence&x=%2f"
    assert environ["HTTP_HOST"] == "line.example.hu"
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_headers_that_came_twice_are_joined_and_none_can_pose_as_another() -> None:
    application = Application()
    headers = [(b"x-a", b"1"), (b"x-a", b"2"), (b"x_a", b"3"), (b"cookie", b"c"), (b"cookie", b"d")]
    exchange(application, [part(b"")], headers)
    (environ,) = application.seen
    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_COOKIE"] == "c; d"


def test_a_body_that_does_not_come_is_answered_408_and_the_application_not_asked() -> None:
    application = Application()
    start, _ = exchange(application, [part(b"a=", more=True), never], body_seconds=0.01)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert application.seen == []


@pytest.mark.parametrize(
    ("messages", "headers"),
    [
        ([never], [(b"content-length", b"11")]),
        ([part(b"12345678", more=True), part(b"9ab", more=True), never], []),
    ],
)
def test_a_body_above_the_cap_is_answered_413_as_soon_as_that_is_known(
    messages: list[Any], headers: list[tuple[bytes, bytes]]
) -> None:
    application = Application()
    start, _ = exchange(application, messages, headers)
    assert start["status"] == 413
    assert application.seen == []


def test_a_body_of_exactly_the_cap_is_taken() -> None:
    start, body = exchange(Application(), [part(b"0123456789")], [(b"content-length", b"10")])
    assert (start["status"], body["body"]) == (200, b"got 0123456789")


def test_a_client_that_leaves_in_the_middle_is_answered_nothing() -> None:
    application = Application()
    gone = {"type": "http.disconnect"}
    assert exchange(application, [part(b"a=", more=True), gone]) == []
    assert application.seen == []

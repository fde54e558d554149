"""The application sees complete requests only, and the same ones as behind any WSGI server."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from tests.support.carriers.rsgi import GONE, NEVER, Exchange, Headers, Scope, Worker, answer
from web_server import request_threads
from web_server.request_buffering import RequestBuffering


class Application:
    """A WSGI application that says back what it was given."""

    def __init__(self) -> None:
        self.seen: list[WSGIEnvironment] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.seen.append(environ)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start("200 OK", [("Content-Type", "text/plain"), ("X-Two", "2")])
        return [b"got ", body]


Answer = tuple[int, list[tuple[str, str]], bytes]
Part = bytes | type[ProtocolClosed] | None


def exchange(
    application: Application,
    *parts: Part,
    headers: Iterable[tuple[str, str]] = (),
    body_seconds: float = 60,
) -> list[Answer]:
    """Send one request in these parts and return what was answered."""
    service = RequestBuffering(
        validator(application), body_seconds=body_seconds, most_body_bytes=10, threads=1
    )
    sent = Exchange(*parts)
    named = Headers([("host", "line.example.hu"), *headers])
    answer(service, Scope("/voice/űr", "heard=silence&x=%2f", named), sent)
    return sent.answers


CHUNKED = ("transfer-encoding", "chunked")


def of_length(number: int) -> tuple[str, str]:
    return ("content-length", str(number))


def test_a_body_in_pieces_is_one_for_the_application() -> None:
    application = Application()
    headers = [CHUNKED, ("content-type", "text/x-test")]
    ((status, answered, body),) = exchange(application, b"a=", b"1", b"", headers=headers)
    assert (status, body) == (200, b"got a=1")
    assert answered == [("content-type", "text/plain"), ("x-two", "2")]
    (environ,) = application.seen
    assert environ["CONTENT_LENGTH"] == "3"
    assert environ["CONTENT_TYPE"] == "text/x-test"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/voice/űr"
    assert environ["QUERY_STRING"] == "heard=silence&x=%2f"
    assert environ["HTTP_HOST"] == "line.example.hu"
    assert environ["REMOTE_ADDR"] == "127.0.0.2"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_while_too_many_wait_for_a_thread_a_request_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_threads, "CONNECTIONS", 0)
    application = Application()
    ((status, headers, _),) = exchange(application)
    assert (status, application.seen) == (503, [])
    assert ("connection", "close") in headers


def test_headers_that_came_twice_are_joined_and_none_can_pose_as_another() -> None:
    application = Application()
    headers = [("x-a", "1"), ("x-a", "2"), ("x_a", "3"), ("cookie", "c"), ("cookie", "d")]
    exchange(application, headers=headers)
    (environ,) = application.seen
    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_COOKIE"] == "c; d"
    assert "CONTENT_LENGTH" not in environ


@pytest.mark.parametrize("header", [CHUNKED, of_length(3)])
def test_a_body_that_does_not_come_is_answered_408_and_the_application_not_asked(
    header: tuple[str, str],
) -> None:
    application = Application()
    ((status, answered, _),) = exchange(
        application, b"a=", NEVER, headers=[header], body_seconds=0.01
    )
    assert status == 408
    assert ("connection", "close") in answered
    assert application.seen == []


@pytest.mark.parametrize(
    ("parts", "header"),
    [
        ((NEVER,), of_length(11)),
        ((NEVER,), ("content-length", "9" * 5000)),
        ((b"12345678", b"9ab", NEVER), CHUNKED),
    ],
)
def test_a_body_above_the_cap_is_answered_413_as_soon_as_that_is_known(
    parts: tuple[Part, ...], header: tuple[str, str]
) -> None:
    application = Application()
    ((status, _, _),) = exchange(application, *parts, headers=[header])
    assert status == 413
    assert application.seen == []


def test_a_body_of_exactly_the_cap_is_taken() -> None:
    ((status, _, body),) = exchange(Application(), b"0123456789", headers=[of_length(10)])
    assert (status, body) == (200, b"got 0123456789")


def test_a_client_that_leaves_in_the_middle_is_answered_nothing() -> None:
    application = Application()
    assert exchange(application, b"a=", GONE, headers=[of_length(9)]) == []
    assert application.seen == []


def test_a_fault_of_the_application_is_the_servers_to_answer_and_the_next_request_is_taken() -> (
    None
):
    def faulty(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fault":
            raise LookupError("a fault")
        start("204 No Content", [])
        return []

    service = RequestBuffering(faulty, body_seconds=60, most_body_bytes=10, threads=1)
    failed, next_one = Exchange(), Exchange()
    with Worker(service) as worker:
        with pytest.raises(LookupError, match="a fault"):
            worker.begin(Scope("/fault"), failed).wait()
        worker.begin(Scope("/"), next_one).wait()
    assert failed.answers == []
    assert next_one.answers == [(204, [], b"")]

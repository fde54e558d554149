"""Real HTTP over real sockets: refused, silent, broken, endless and oversized answers."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from simulator import HttpTransport
from simulator.transport import (
    DOCUMENT_LIMIT,
    BrokenAnswerError,
    ConnectError,
    NoAnswerError,
    Timeout,
)

CERTIFICATE = Path(__file__).parents[2] / "data" / "localhost.pem"
QUICK = Timeout(1.0, 0.3, 0.6)
Script = Callable[[socket.socket, bytes], None]


@contextmanager
def listening(script: Script) -> Iterator[str]:
    """A server for one connection: reads the request's head and body, then runs ``script``."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            request = connection.recv(65536)
            if request.startswith(b"POST") and request.endswith(b"\r\n\r\n"):
                request += connection.recv(65536)
            script(connection, request)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/voice"
    finally:
        thread.join(10)
        server.close()


def answering(text: bytes) -> Script:
    def script(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 " + text)

    return script


def hang_up(connection: socket.socket, request: bytes) -> None:
    """Close without a word."""


def keep_silent(connection: socket.socket, request: bytes) -> None:
    time.sleep(0.5)


def test_a_form_travels_as_it_is_and_the_answer_comes_back() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(
            b"HTTP/1.1 201 Created\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nok"
        )

    with listening(script) as url:
        answer = HttpTransport().send(
            "POST", url + "?x=%C5%91", [("Body", "ő +")], {"X-A": "1"}, QUICK
        )
    assert (answer.status, answer.header("content-type"), answer.body) == (201, "text/xml", b"ok")
    assert seen[0].startswith(b"POST /voice?x=%C5%91 HTTP/1.1\r\n")
    assert b"X-A: 1\r\n" in seen[0]
    assert seen[0].endswith(b"\r\n\r\nBody=%C5%91+%2B")


def test_a_redirect_is_handed_back_and_no_cookie_is_kept() -> None:
    transport = HttpTransport()
    seen: list[bytes] = []
    redirect = b"302 Found\r\nLocation: /there\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"

    def script(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        answering(redirect)(connection, request)

    for _ in range(2):
        with listening(script) as url:
            assert transport.send("GET", url, [], {}, QUICK).header("Location") == "/there"
    assert b"ookie" not in seen[1]


def test_a_closed_port_is_a_failed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectError, match="no connection"):
        HttpTransport().send("GET", f"http://127.0.0.1:{port}/voice", [], {}, QUICK)


def test_a_certificate_of_an_authority_of_ones_own_is_trusted_when_the_environment_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/voice"

        def serve() -> None:
            for _ in range(2):
                with suppress(OSError), context.wrap_socket(server.accept()[0], True) as encrypted:
                    encrypted.recv(65536)
                    encrypted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(ConnectError, match="REQUESTS_CA_BUNDLE"):
            HttpTransport().send("GET", url, [], {}, QUICK)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
        assert HttpTransport().send("GET", url, [], {}, QUICK).status == 204
        thread.join(10)


def test_a_silent_service_is_given_up() -> None:
    with (
        listening(keep_silent) as url,
        pytest.raises(NoAnswerError),
    ):
        HttpTransport().send("GET", url, [], {}, QUICK)


@pytest.mark.parametrize(
    "script",
    [
        answering(b""),
        answering(b"200 OK\r\nContent-Length: 90\r\n\r\nshort"),
        hang_up,
    ],
)
def test_an_answer_that_breaks_off_is_told_apart(script: Script) -> None:
    with listening(script) as url, pytest.raises(BrokenAnswerError):
        HttpTransport().send("GET", url, [], {}, QUICK)


def test_an_answer_that_dribbles_past_the_whole_time_is_given_up() -> None:
    def dribble(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):  # the carrier has hung up, as it should
            for _ in range(20):
                connection.sendall(b"1\r\nx\r\n")
                time.sleep(0.1)

    with listening(dribble) as url, pytest.raises(BrokenAnswerError, match="did not end"):
        HttpTransport().send("GET", url, [], {}, QUICK)


def test_an_oversized_answer_is_read_no_further_than_needed() -> None:
    size = 5 * DOCUMENT_LIMIT
    body = b"x" * size

    def flood(connection: socket.socket, request: bytes) -> None:
        with suppress(OSError):  # as above
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, body))

    with listening(flood) as url:
        assert len(HttpTransport().send("GET", url, [], {}, QUICK).body) == DOCUMENT_LIMIT + 1

"""What the gateway makes of answers that the carrier never gives, and of broken encryption."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, Response

from messages.delivery.gateway import Accepted, Misconfigured, Outcome, Refused, RetryLater, Unknown
from simulator.threaded_server import HOST, running
from tests.support.carriers.sending_desk import PUBLIC_URL, gateway
from tests.support.databases.recipients import mobile
from tests.support.runs.tables import each_of

CERTIFICATE = Path(__file__).parents[2] / "data" / "localhost.pem"


def send_to(url: str, seconds: float = 5.0) -> Outcome:
    """What the gateway makes of one message to that address."""
    account = gateway(url, timeout=timedelta(seconds=seconds))
    return account.send(mobile(1), "Minta", f"{PUBLIC_URL}/sms/status", None)


@contextmanager
def broken_tls(answer: Callable[[ssl.SSLSocket], None]) -> Iterator[str]:
    """A server whose certificate nobody trusts by default; ``answer`` gets each connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def serve() -> None:
        connection, _ = listening.accept()
        connection.settimeout(5)
        with connection:
            try:
                encrypted = context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, ConnectionError):
                return
            with encrypted:
                answer(encrypted)

    with socket.create_server((HOST, 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://{HOST}:{listening.getsockname()[1]}"
        thread.join()


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent() -> None:
    with broken_tls(lambda _connection: None) as url:
        assert send_to(url) == RetryLater(None)


def test_an_encrypted_connection_that_breaks_after_the_request_leaves_it_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[bytes] = []

    def take_and_break(connection: ssl.SSLSocket) -> None:
        while b"Body=Minta" not in b"".join(taken):
            taken.append(connection.recv(4096))
        with socket.socket(fileno=connection.detach()) as bare:
            bare.sendall(b"this is not encrypted " * 10)

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with broken_tls(take_and_break) as url:
        assert send_to(url) == Unknown("connection lost")
    assert b"To=%2B3630" in b"".join(taken)


PROBLEM = '{"type": "about:blank", "title": "Opted out", "status": 400, "code": 21610}'


@each_of(
    ("status", "body", "expected"),
    [
        (201, "<html>Welcome to the hotel</html>", Unknown),
        (201, "", Unknown),
        (201, "{}", Unknown),
        (201, "[]", Unknown),
        (201, "null", Unknown),
        (201, '{"sid": null, "status": "queued"}', Unknown),
        (201, '{"sid": "SM1", "status": "a word of tomorrow"}', Accepted),
        (200, '{"sid": "SM1"}', Accepted),
        (302, "", Unknown),
        (307, "", Unknown),
        (400, "<html>Bad request</html>", Misconfigured),
        (400, '{"code": 21610, "message": "no", "status": 400}', Refused),
        (400, '{"code": 400, "message": "Bad Request"}', Misconfigured),
        (400, '{"code": 4001, "message": "invalid payload"}', Misconfigured),
        (400, "[21610]", Misconfigured),
        (407, "<html>Proxy authentication required</html>", Misconfigured),
        (408, "<html>Request time-out</html>", Unknown),
        (413, "<html>Request entity too large</html>", Misconfigured),
        (422, "", Misconfigured),
        (400, '{"code": "21610; DROP", "message": "no"}', Misconfigured),
        (400, '{"code": 123456789012, "message": "no"}', Misconfigured),
        (400, '{"code": true, "message": "no"}', Misconfigured),
        (400, PROBLEM, Refused),
        (400, PROBLEM.replace("400", '"four hundred"'), Refused),
        (403, "<html>Blocked by a proxy</html>", Misconfigured),
        (404, "<html>Not found</html>", Misconfigured),
        (429, "<html>Slow down</html>", RetryLater),
        (502, "<html>Bad gateway</html>", Unknown),
        (503, '{"code": 21610, "message": "no"}', Unknown),
        (503, PROBLEM, Unknown),
    ],
)
def test_an_answer_that_is_not_the_carriers_own_is_never_taken_for_a_licence_to_repeat(
    status: int, body: str, expected: type[Outcome], hotel: "Hotel"
) -> None:
    hotel.answer = Response(body, status, {"Location": f"{hotel.url}/elsewhere"})
    hotel.asked = 0
    outcome = send_to(hotel.url)
    assert isinstance(outcome, expected)
    if isinstance(outcome, Refused):
        assert (outcome.code, outcome.stop) == (21610, "opted_out")
    assert hotel.asked == 1


class Hotel:
    """What stands between us and the carrier and answers in its place."""

    url = ""
    answer = Response()
    asked = 0

    def __init__(self) -> None:
        self.app = Flask("hotel")
        self.app.add_url_rule("/<path:_any>", view_func=self._answer, methods=["GET", "POST"])

    def _answer(self, _any: str) -> Response:
        self.asked += 1
        return self.answer


@pytest.fixture(scope="module")
def hotel_server() -> Iterator[Hotel]:
    hotel = Hotel()
    with running(hotel.app) as hotel.url:
        yield hotel


@pytest.fixture
def hotel(hotel_server: Hotel) -> Hotel:
    hotel_server.asked = 0
    return hotel_server

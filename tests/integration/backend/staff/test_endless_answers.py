"""Receivers of events and providers whose answer has no end: a question is over in time."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random, SystemRandom
from time import sleep

import pytest

from backend.db.transactions import open_database, write
from backend.hooks import delivery
from backend.hooks.subscriptions import add_subscription
from backend.records.requests.ledger import add_request
from backend.staff.authentication.identity_provider import ProviderAccount, ProviderError
from tests.support.colleagues.staff import NOW, colleague
from tests.support.databases.database import Database
from tests.support.databases.records import context

Answer = Callable[[socket.socket], None]


def trickle(connection: socket.socket, beginning: bytes) -> None:
    connection.sendall(beginning)
    while True:
        connection.sendall(b" ")
        sleep(0.05)


def a_head_without_an_end(connection: socket.socket) -> None:
    trickle(connection, b"HTTP/1.1 204 No Content\r\nX-Wait: ")


def a_redirect_with_a_body_without_an_end(connection: socket.socket) -> None:
    trickle(connection, b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n")


def nothing_at_all(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server that answers one request so, until its client has had enough."""

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (a_head_without_an_end, "the time allowed is over"),
        (nothing_at_all, "the time allowed is over"),
        (a_redirect_with_a_body_without_an_end, "HTTP 302"),
    ],
)
def test_an_answer_without_an_end_is_given_up(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    failure: str,
) -> None:
    monkeypatch.setattr(delivery, "ANSWER_SECONDS", 0.4)
    engine = open_database(database.url, secret="a secret of thirty-two characters")
    with serving(answer) as url:
        with write(engine) as connection:
            colleague(connection, "ada", "admin")
            add_subscription(connection, url, "ada", NOW, SystemRandom())
            add_request(connection, context(), "callback", data={})
        assert delivery.EventDelivery(engine, lambda: NOW + timedelta(seconds=1)).run() == 1
    assert f"does not take a message: {failure} (attempt 1)" in caplog.text
    engine.dispose()


def test_a_provider_whose_answer_has_no_end_holds_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from backend.staff.authentication import openid_client

    monkeypatch.setattr(openid_client, "_SECONDS_IN_ALL", 0.4)
    with serving(a_head_without_an_end) as url:
        account = ProviderAccount(url, "desk", "secret", "https://desk.example.hu/back")
        with pytest.raises(ProviderError):
            openid_client.OpenIdClient(account, lambda: NOW).begin(Random(1), "hu", again=False)  # noqa: S311 - a test's

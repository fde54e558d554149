"""Carriers that trickle, flood or pack a bomb: one deadline and one size hold for the whole answer.

The servers are real, and what they do has no end of its own: a test ends because the client does.
"""

import gzip
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import sleep

import pytest
from urllib3.connection import HTTPConnection

from backend.http_deadline import present_deadline
from messages.delivery.gateway import CarrierUnavailableError, Outcome, Unknown
from simulator.threaded_server import HOST
from sms.carrier_http import MOST_BYTES
from sms.twilio_gateway import TwilioGateway
from tests.crash.dying_worker import start_worker
from tests.support.calls.telephone import TOKEN
from tests.support.carriers.running_desk import LONGEST_WAIT, SETTINGS
from tests.support.carriers.sending_desk import ACCOUNT, PUBLIC_URL, SENDER, SendingDesk, gateway
from tests.support.databases.database import Database
from tests.support.databases.recipients import mobile
from tests.support.runs.examples import all_asked_for

HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
Answer = Callable[[socket.socket], None]


def trickle(connection: socket.socket, *, first: bytes) -> None:
    connection.sendall(first)
    while True:
        connection.sendall(b" ")
        sleep(0.05)


def trickle_headers(connection: socket.socket) -> None:
    trickle(connection, first=b"HTTP/1.1 201 Created\r\nX-Wait: ")


def trickle_a_body(connection: socket.socket) -> None:
    trickle(connection, first=HEAD + b"Content-Length: 1000000\r\n\r\n{")


def trickle_a_body_without_a_length(connection: socket.socket) -> None:
    trickle(connection, first=HEAD + b'\r\n{"sid": "SM1", "status": "queued"}')


def send_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def flood(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b" " * 65536)


def pack_a_bomb(connection: socket.socket) -> None:
    bomb = gzip.compress(b" " * (4 * MOST_BYTES))
    length = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    connection.sendall(HEAD + length + bomb)
    send_nothing(connection)


def pack_what_was_asked_for(connection: socket.socket) -> None:
    packed = gzip.compress(b'{"sid": "SM1", "status": "queued"}')
    length = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    connection.sendall(HEAD + length + packed)
    send_nothing(connection)


class Server:
    """A server with one way to answer; ``closed`` counts the clients that have closed.

    ``came`` is what the last one began with.
    """

    def __init__(self, answer: Answer, listening: socket.socket) -> None:
        self.url = f"http://{HOST}:{listening.getsockname()[1]}"
        self.asked = threading.Semaphore(0)
        self.closed = threading.Semaphore(0)
        self.came = b""
        self._answer = answer
        self._listening = listening

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve_one, args=[connection], daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection:
            self.came = connection.recv(65536)
            self.asked.release()
            with suppress(ConnectionError):
                self._answer(connection)
        self.closed.release()


@contextmanager
def serving(answer: Answer, window: int | None = None) -> Iterator[Server]:
    with socket.create_server((HOST, 0)) as listening:
        if window is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        server = Server(answer, listening)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def impatient(url: str) -> TwilioGateway:
    return gateway(url, timeout=timedelta(seconds=0.4))


def send(account: TwilioGateway) -> Outcome:
    return account.send(mobile(1), "Minta", f"{PUBLIC_URL}/sms/status", None)


ENDLESS = [
    trickle_headers,
    trickle_a_body,
    trickle_a_body_without_a_length,
    send_nothing,
    flood,
    pack_a_bomb,
]


@pytest.mark.parametrize("answer", ENDLESS)
def test_an_answer_without_an_end_leaves_the_message_in_doubt_and_nothing_open(
    answer: Answer,
) -> None:
    with serving(answer) as server:
        assert isinstance(send(impatient(server.url)), Unknown)
        assert server.closed.acquire(timeout=LONGEST_WAIT)


def test_what_waits_to_be_sent_at_the_deadline_is_thrown_away_and_not_delivered_late() -> None:
    given_up, came = threading.Event(), bytearray()

    def read_late(connection: socket.socket) -> None:
        given_up.wait(LONGEST_WAIT)
        while piece := connection.recv(65536):
            came.extend(piece)

    # A window as of a line that hardly takes anything.
    with serving(read_late, window=1) as server:
        text = f"{'Minta ' * 50_000}end"
        account = impatient(server.url)
        outcome = account.send(mobile(1), text, f"{PUBLIC_URL}/sms/status", None)
        given_up.set()
        assert server.closed.acquire(timeout=LONGEST_WAIT)
    assert isinstance(outcome, Unknown)
    assert b"end" not in came


def test_a_process_that_stood_still_while_it_connected_does_not_send_when_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = HTTPConnection.connect

    def stand_still(connection: HTTPConnection) -> None:
        connect(connection)
        present_deadline().ends -= 3600

    monkeypatch.setattr(HTTPConnection, "connect", stand_still)
    with serving(send_nothing) as server:
        assert isinstance(send(gateway(server.url)), Unknown)
        assert server.closed.acquire(timeout=LONGEST_WAIT)
    assert server.came == b""


@pytest.mark.parametrize("answer", ENDLESS if all_asked_for() else [trickle_a_body, pack_a_bomb])
def test_a_list_without_an_end_cannot_be_read(answer: Answer) -> None:
    with serving(answer) as server:
        with pytest.raises(CarrierUnavailableError):
            impatient(server.url).find(mobile(1))
        assert server.closed.acquire(timeout=LONGEST_WAIT)


def page_after_page(connection: socket.socket) -> None:
    body = b'{"messages": [], "next_page_uri": "/more"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    date = b"Date: Mon, 23 Nov 2026 09:00:00 GMT\r\n\r\n"
    request = True
    while request:
        connection.sendall(head % len(body) + date + body)
        request = bool(connection.recv(65536))


def test_pages_without_an_end_cannot_be_read() -> None:
    with serving(page_after_page) as server, pytest.raises(CarrierUnavailableError):
        impatient(server.url).find(mobile(1))


def test_an_answer_that_is_packed_though_it_was_not_asked_for_is_understood() -> None:
    with serving(pack_what_was_asked_for) as server:
        outcome = send(impatient(server.url))
    assert getattr(outcome, "message_sid", None) == "SM1"


def test_a_row_whose_answer_trickles_is_nobody_elses_before_its_request_is_over(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    with serving(trickle_a_body) as server:
        desk.use(gateway=impatient(server.url))
        desk.send(campaign_id, batches=1)
        assert server.closed.acquire(timeout=LONGEST_WAIT)
        assert desk.states(campaign_id) == {"unknown": 1}
        assert server.asked.acquire(blocking=False)
        assert not server.asked.acquire(blocking=False)


def test_a_worker_whose_carrier_trickles_ends_at_sigterm(
    desk: SendingDesk, database: Database
) -> None:
    campaign_id = desk.run(desk.debtors(3))
    with serving(trickle_a_body) as server:
        environment = {
            **SETTINGS,
            "DATABASE_URL": database.url,
            "PUBLIC_URL": PUBLIC_URL,
            "TWILIO_API_URL": server.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SMS_FROM": SENDER,
        }
        worker = start_worker(environment)
        try:
            # The check at its start, and a message.
            for _ in range(2):
                assert server.asked.acquire(timeout=LONGEST_WAIT)
            worker.terminate()
            worker.join(LONGEST_WAIT)
            assert worker.exitcode is not None
            assert worker.exitcode != -signal.SIGKILL
        finally:
            worker.kill()
    states = desk.states(campaign_id)
    assert states["unknown"] >= 1
    assert "claimed" not in states

"""Events for other systems: written with the event, signed, delivered at least once."""

import base64
import hmac
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import SystemRandom
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from backend.db.tables.api import webhook_messages, webhooks
from backend.db.transactions import open_database, read, write
from backend.hooks.delivery import EventDelivery
from backend.hooks.outbox import LEASE, RETRIES, claim_message, note_event
from backend.hooks.signing import signed_headers
from backend.hooks.subscriptions import (
    add_subscription,
    disable_subscription,
    list_subscriptions,
    rewrap_secrets,
)
from backend.interface.codes import EventKind
from backend.records.requests.ledger import add_request
from backend.records_metrics import RecordsCollector
from common.errors import ConfigurationError, RecordsError, UserError
from tests.support.colleagues.staff import NOW, acts_of, colleague
from tests.support.databases.database import Database
from tests.support.databases.records import context
from tests.unit.simulator.sms_application import wait_for

SECRET = "a secret of thirty-two characters"


@dataclass
class Receiver:
    """A system that is told of events: what it got, and how it answers."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


def add(connection: Connection, url: str, by: str = "ada") -> str:
    """Let the address be told of events; the secret."""
    return add_subscription(connection, url, by, NOW, SystemRandom())


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    """A real receiver over HTTP."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(receiver.status)
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        receiver.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield receiver
        running.shutdown()
        thread.join()


@dataclass
class Hooks:
    """A database with a receiver; ``now`` is what the worker's clock says."""

    database: Database
    receiver: Receiver
    now: datetime = NOW
    secret: str = ""

    def __post_init__(self) -> None:
        self.engine = open_database(self.database.url, secret=SECRET)
        self.delivery = EventDelivery(self.engine, lambda: self.now)
        with write(self.engine) as connection:
            colleague(connection, "ada", "admin")
            self.secret = add(connection, self.receiver.url)

    def record(self) -> str:
        """Record a request; its receipt."""
        with write(self.engine) as connection:
            return add_request(connection, context(), "callback", data={})

    def is_wanted(self) -> bool:
        """Whether a worker's tick would find anything due."""
        with read(self.engine) as connection:
            wanted: bool = connection.execute(
                select(self.delivery.is_wanted(self.now))
            ).scalar_one()
        return wanted

    def waiting(self) -> list[tuple[int, datetime | None]]:
        """The attempts and the next one of every message that was not delivered."""
        found = select(webhook_messages.c.attempts, webhook_messages.c.due_at).where(
            webhook_messages.c.delivered_at.is_(None)
        )
        with read(self.engine) as connection:
            return [(row.attempts, row.due_at) for row in connection.execute(found)]


@pytest.fixture
def hooks(database: Database, server: Receiver) -> Iterator[Hooks]:
    server.got.clear()
    server.status = 204
    made = Hooks(database, server)
    yield made
    made.engine.dispose()


def test_a_request_is_told_with_a_signature_that_the_receiver_can_check(hooks: Hooks) -> None:
    assert not hooks.is_wanted()
    receipt = hooks.record()
    hooks.now += timedelta(seconds=2)
    assert hooks.is_wanted()
    assert hooks.delivery.run() == 1
    ((headers, body),) = hooks.receiver.got
    assert json.loads(body) == {
        "type": "request.recorded",
        "timestamp": "2026-11-21T09:00:00.000Z",
        "data": {"receipt": receipt},
    }
    assert headers["webhook-id"] == f"request_{receipt}"
    assert headers["webhook-timestamp"] == str(int(hooks.now.timestamp()))
    key = base64.b64decode(hooks.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    proof = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert "authorization" not in headers
    assert hooks.delivery.run() == 0


@pytest.mark.both_databases
def test_a_message_that_is_not_taken_comes_again_the_same(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = hooks.record()
    hooks.receiver.status = 500
    with caplog.at_level(logging.WARNING):
        assert hooks.delivery.run() == 1
    assert "HTTP 500 (attempt 1)" in caplog.text
    assert receipt not in caplog.text
    assert hooks.receiver.url not in caplog.text
    assert hooks.waiting() == [(1, NOW + RETRIES[0])]
    assert hooks.delivery.run() == 0
    hooks.receiver.status = 200
    hooks.now += RETRIES[0]
    assert hooks.delivery.run() == 1
    first, second = hooks.receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert first[0]["webhook-timestamp"] != second[0]["webhook-timestamp"]
    with read(hooks.engine) as connection:
        (told,) = list_subscriptions(connection)
    assert (told.failures, told.resting_until, told.waiting) == (0, None, 0)


def test_a_redirect_is_not_followed(hooks: Hooks) -> None:
    hooks.record()
    hooks.receiver.status = 307
    assert hooks.delivery.run() == 1
    assert len(hooks.receiver.got) == 1
    assert [attempts for attempts, _ in hooks.waiting()] == [1]


def test_a_message_is_given_up_after_three_days(hooks: Hooks) -> None:
    hooks.record()
    hooks.receiver.status = 503
    for _ in range(len(RETRIES) + 1):
        assert hooks.delivery.run() == 1
        hooks.now += timedelta(days=1)
    assert hooks.waiting() == [(len(RETRIES) + 1, None)]
    assert hooks.delivery.run() == 0
    assert timedelta(days=3) < sum(RETRIES, timedelta()) < timedelta(days=4)


def test_a_receiver_that_is_away_holds_up_no_other(hooks: Hooks) -> None:
    with write(hooks.engine) as connection:
        # Nobody listens there.
        add(connection, "http://127.0.0.1:1/")
    for _ in range(3):
        hooks.record()
    # One attempt there, then it rests; three here.
    assert hooks.delivery.run() == 4
    assert len(hooks.receiver.got) == 3


@dataclass
class SlowReceiver:
    """A system that answers when it is let go, one request after the other."""

    let_go: threading.Event = field(default_factory=threading.Event)
    got: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0


@contextmanager
def slow_server() -> Iterator[tuple[SlowReceiver, str]]:
    slow = SlowReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            slow.got.append(self.headers["webhook-id"])
            slow.at_once += 1
            slow.most_at_once = max(slow.most_at_once, slow.at_once)
            slow.let_go.wait(8)
            slow.at_once -= 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield slow, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_slow_receiver_holds_up_no_other_and_gets_its_messages_in_order(hooks: Hooks) -> None:
    with slow_server() as (slow, url):
        with write(hooks.engine) as connection:
            add(connection, url)
        receipts = [hooks.record() for _ in range(3)]
        ours = [f"request_{receipt}" for receipt in receipts]
        run = threading.Thread(target=hooks.delivery.run)
        run.start()
        try:
            wait_for(lambda: len(hooks.receiver.got) == 3)
            # What comes while the slow one is still asked reaches the other, too.
            ours.append(f"request_{hooks.record()}")
            wait_for(lambda: len(hooks.receiver.got) == 4)
            assert slow.got == ours[:1]
        finally:
            slow.let_go.set()
            run.join()
    assert slow.got == ours == [headers["webhook-id"] for headers, _ in hooks.receiver.got]
    assert slow.most_at_once == 1
    assert hooks.waiting() == []


@pytest.mark.both_databases
def test_a_message_whose_worker_has_died_is_sent_by_the_next(hooks: Hooks) -> None:
    hooks.record()
    with write(hooks.engine) as connection:
        assert claim_message(connection, hooks.now) is not None
    assert hooks.delivery.run() == 0
    hooks.now += LEASE
    assert hooks.delivery.run() == 1


def test_of_an_event_that_never_was_nothing_is_told(hooks: Hooks) -> None:
    with suppress(ZeroDivisionError), write(hooks.engine) as connection:
        add_request(connection, context(), "callback", data={})
        raise ZeroDivisionError
    assert not hooks.is_wanted()
    with write(hooks.engine) as connection:
        for _ in range(2):
            note_event(connection, EventKind.CAMPAIGN_ENDED, "ABCD", NOW)
    assert hooks.delivery.run() == 1


def test_who_is_disabled_is_told_of_nothing_any_more(hooks: Hooks) -> None:
    hooks.record()
    with write(hooks.engine) as connection:
        disable_subscription(connection, hooks.receiver.url, "ada", NOW)
    hooks.record()
    assert hooks.delivery.run() == 0
    with write(hooks.engine) as connection:
        add(connection, hooks.receiver.url)
    hooks.record()
    assert hooks.delivery.run() == 1
    acts = [act[1] for act in acts_of(hooks.engine)]
    assert acts == ["user add", "webhook add", "webhook disable", "webhook add"]


def test_an_event_of_a_turn_that_ended_after_its_receiver_was_disabled_waits_for_nobody(
    hooks: Hooks,
) -> None:
    hooks.record()
    with write(hooks.engine) as connection:
        disable_subscription(connection, hooks.receiver.url, "ada", NOW)
        # As the turn leaves it, which saw the receiver while it was there.
        connection.execute(update(webhook_messages).values(due_at=NOW))
    assert hooks.delivery.run() == 0
    collected = RecordsCollector(hooks.engine, lambda: NOW + timedelta(hours=1)).collect()
    told = {family.name: family.samples for family in collected}
    assert [each.value for each in told["zoldszam_events_waiting"]] == [0]


def test_under_another_secret_key_nothing_is_signed(
    hooks: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    hooks.record()
    engine = open_database(hooks.database.url, secret="another one")
    try:
        assert EventDelivery(engine, lambda: hooks.now).run() == 1
    finally:
        engine.dispose()
    assert "made under another SECRET_KEY" in caplog.text
    assert hooks.receiver.got == []
    with (
        pytest.raises(ConfigurationError, match="SECRET_KEY"),
        write(hooks.database.engine) as connection,
    ):
        add(connection, "https://erp.example.hu/")


def test_a_new_secret_key_keeps_the_secrets(hooks: Hooks) -> None:
    hooks.record()
    engine = open_database(hooks.database.url, secret="another one")
    with write(engine) as connection:
        rewrap_secrets(connection, "one that never was")
        rewrap_secrets(connection, SECRET)
        rewrap_secrets(connection, SECRET)
    assert EventDelivery(engine, lambda: hooks.now).run() == 1
    engine.dispose()
    ((headers, body),) = hooks.receiver.got
    key = base64.b64decode(hooks.secret.removeprefix("whsec_"))
    assert headers == headers | signed_headers(key, headers["webhook-id"], body, hooks.now)


def test_the_secret_does_not_lie_in_the_database(hooks: Hooks) -> None:
    key = base64.b64decode(hooks.secret.removeprefix("whsec_"))
    with read(hooks.engine) as connection:
        stored = connection.execute(select(webhooks.c.secret)).scalar_one()
    assert key.hex() not in stored


def test_addresses_of_the_own_network_are_good_and_only_an_administrator_adds_them(
    hooks: Hooks,
) -> None:
    with write(hooks.engine) as connection:
        for url in ("https://10.0.0.5/events", "https://erp.example.hu/e?t=1", "http://[::1]:9/"):
            add(connection, url)
        with pytest.raises(RecordsError, match="already"):
            add(connection, "https://10.0.0.5/events")
        sender = colleague(connection, "anna", "sender")
        with pytest.raises(UserError):
            add(connection, "https://10.0.0.6/", by=sender)
        counted: Any = select(func.count()).select_from(webhooks)
        assert connection.execute(counted).scalar_one() == 4
    assert "t=1" not in str(acts_of(hooks.engine))

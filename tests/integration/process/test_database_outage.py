"""A database that hangs, is locked or goes away: every webhook is answered, and in time."""

import logging
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.db import deadline
from backend.db.tables.records import requests
from backend.db.transactions import read
from simulator.signature import signature as sign
from simulator.voice.call import SimulatedCall
from tests.integration.process.test_readiness import asked
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.databases.database import Database, PostgresServer, postgres_server
from tests.support.databases.outages import away_for, full_disk, locked, no_connection_left, stopped

pytestmark = pytest.mark.both_databases

APOLOGY = "Rendszerünk átmenetileg"
CARRIER_GIVES_UP = 15
NOW = "2026-11-20 10:00"
PAYMENT_DAY = ["5", "3", "1", "20293811", "210#"]
READ_BACK = "kétszáztíz kilowattóra lesz"

only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server that no other process of the run misses while it has stopped."""
    with postgres_server(alone=True) as server:
        yield server


@pytest.fixture
def exchange(utility: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """A service whose budget is short, so that the tests need not wait for the usual one."""
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 1.0)
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        yield exchange


def in_the_middle(exchange: Exchange) -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for keys in PAYMENT_DAY:
        call.type(keys)
    assert READ_BACK in call.last_heard
    return call


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record for record in errors if record.exc_info] == []
    return [record.getMessage() for record in errors]


def post(exchange: Exchange, path: str, form: dict[str, str]) -> tuple[int, str]:
    signed = {"X-Twilio-Signature": sign(f"{PUBLIC_URL}{path}", list(form.items()), TOKEN)}
    answer = exchange.app.test_client().post(path, data=form, headers=signed)
    return answer.status_code, answer.text


@only_postgresql
def test_a_server_that_has_stopped_costs_a_caller_no_more_than_the_budget(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    call = in_the_middle(exchange)
    began = time.monotonic()
    with stopped(utility):
        call.type("1")
        new = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        assert exchange.app.test_client().get("/healthz").status_code == 200
    assert time.monotonic() - began < CARRIER_GIVES_UP
    assert APOLOGY in call.last_heard
    assert APOLOGY in new.last_heard
    assert len(complaints(caplog)) >= 2
    assert "A módosítást rögzítettük" in whole_call(exchange).last_heard


@only_postgresql
def test_a_server_that_has_stopped_is_not_ready_and_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Exchange(database.url, Clock.at(NOW)) as exchange:
        assert asked(exchange) == (200, "ready\n")
        with stopped(database), monkeypatch.context() as patch:
            patch.setattr("backend.readiness.PROBE_SECONDS", 0.5)
            assert asked(exchange) == (503, "not ready\n")
        assert asked(exchange) == (200, "ready\n")


def whole_call(exchange: Exchange) -> SimulatedCall:
    call = in_the_middle(exchange)
    call.type("1")
    return call


def test_a_lock_that_somebody_else_holds_is_waited_for_no_longer_than_the_budget(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    call = in_the_middle(exchange)
    began = time.monotonic()
    with locked(utility):
        call.type("1")
        assert APOLOGY in call.last_heard
        assert time.monotonic() - began < CARRIER_GIVES_UP
    assert complaints(caplog)
    # What was not stored is stored when the webhook comes again.
    again = call.resend(call.requests[len(PAYMENT_DAY) + 1])
    assert "rögzítettük" in again.body.decode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_at_the_yes_costs_an_apology_and_stores_nothing_by_halves(
    exchange: Exchange, utility: Database
) -> None:
    call = in_the_middle(exchange)
    with full_disk():
        call.type("1")
    assert APOLOGY in call.last_heard
    with read(utility.engine) as connection:
        assert connection.scalars(select(requests.c.receipt)).all() == []
    # As soon as there is room, the webhook that comes again is answered.
    again = call.resend(call.requests[len(PAYMENT_DAY) + 1])
    assert "rögzítettük" in again.body.decode()
    with read(utility.engine) as connection:
        assert len(connection.scalars(select(requests.c.receipt)).all()) == 1


@only_postgresql
def test_a_server_without_a_free_connection_costs_an_apology_and_the_next_call_nothing(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with no_connection_left(utility):
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    assert APOLOGY in call.last_heard
    assert complaints(caplog)
    assert "A módosítást rögzítettük" in whole_call(exchange).last_heard


def inbound(body: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "From": CALLER, "To": LINE_NUMBER, "Body": body}


@only_postgresql
def test_a_message_and_a_receipt_that_a_lock_holds_up_are_refused_with_one_line_each(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with locked(utility, "inbound_messages"):
        assert post(exchange, "/sms/inbound", inbound("STOP"))[0] == 500
    with locked(utility, "outbox"):
        receipt = {"MessageSid": "SM2", "MessageStatus": "delivered"}
        assert post(exchange, "/sms/status?m=1.abc", receipt)[0] == 500
    assert len(complaints(caplog)) == 2
    assert post(exchange, "/sms/inbound", inbound("STOP"))[0] == 200


@only_postgresql
def test_a_server_that_is_away_for_a_second_costs_nobody_the_call(
    exchange: Exchange,
    utility: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # the usual budget
    call = in_the_middle(exchange)
    with away_for(utility, 1.5):
        call.type("1")
    assert "A módosítást rögzítettük" in call.last_heard
    with away_for(utility, 1.5):
        new = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    assert APOLOGY not in "".join(new.heard)
    with away_for(utility, 0.5):
        assert post(exchange, "/sms/inbound", inbound("STOP"))[0] == 200
    assert complaints(caplog) == []


@only_postgresql
def test_the_end_of_a_call_that_cannot_be_noted_is_one_line(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    call = in_the_middle(exchange)
    sid = dict(call.requests[0].form)["CallSid"]
    with locked(utility, "calls"):
        ended = post(exchange, "/voice/status", {"CallSid": sid, "CallStatus": "completed"})
    assert ended[0] == 503
    (line,) = complaints(caplog)
    assert line.startswith(f"call {sid} is not closed: The database did not answer in time.")


def test_what_was_stored_and_came_too_late_is_told_at_the_fallback(exchange: Exchange) -> None:
    call = whole_call(exchange)
    turn = len(PAYMENT_DAY) + 1
    form = dict(call.requests[0].form)
    late = form | {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/voice/turns/{turn}"}
    assert post(exchange, "/voice/fallback", late) == (200, call.documents[turn])
    first = late | {"ErrorUrl": f"{PUBLIC_URL}/voice/incoming"}
    assert post(exchange, "/voice/fallback", first) == (200, call.documents[0])


@pytest.mark.parametrize(
    "changes",
    [
        {"ErrorCode": "12100"},  # the document itself was refused
        {"ErrorUrl": f"{PUBLIC_URL}/voice/turns/99"},
        {"ErrorUrl": "https://elsewhere.example.hu/"},
        {"CallSid": "CA-unknown"},
    ],
)
def test_the_fallback_apologises_where_nothing_is_stored_or_another_one_failed(
    exchange: Exchange, changes: dict[str, str]
) -> None:
    form = dict(whole_call(exchange).requests[0].form)
    late = {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/voice/turns/1"}
    assert APOLOGY in post(exchange, "/voice/fallback", form | late | changes)[1]


def test_a_stranger_at_the_fallback_hears_the_apology_only(exchange: Exchange) -> None:
    form = dict(whole_call(exchange).requests[0].form)
    late = form | {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/voice/turns/1"}
    answer = exchange.app.test_client().post("/voice/fallback", data=late)
    assert answer.status_code == 200
    assert APOLOGY in answer.text

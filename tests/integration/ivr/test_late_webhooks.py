"""What comes after a call has ended, or beside its end: it tells what it knows, quietly."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Row, select

from backend.calls.call_statistics import statistics
from backend.context import IdentificationLimits
from backend.db.tables.records import calls, turns
from backend.db.transactions import read
from backend.records.requests.ledger import list_requests
from backend.retention import job
from simulator.voice.call import SimulatedCall
from simulator.voice.dial import DialOutcome
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database

NOW = "2026-11-20 10:00"
A_READING = "5 1 20293811 48213377# 41530#"


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    far_end = DialOutcome("answered", 90)
    with Exchange(utility.url, Clock.at(NOW), far_end=far_end, time_passes=True) as exchange:
        yield exchange


def dial(exchange: Exchange, keys: str = "") -> SimulatedCall:
    call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
    for group in keys.split():
        call.type(group)
    return call


def in_transfer(exchange: Exchange, seconds: float) -> SimulatedCall:
    """A caller who has asked for a person so many seconds ago; it rings for four."""
    call = dial(exchange)
    call.tap("0")
    while call.state != "dialling":
        call.advance(0.1)
    call.advance(seconds)
    return call


def head(database: Database, call: SimulatedCall) -> Row[tuple[object, ...]]:
    with read(database.engine) as connection:
        return connection.execute(select(calls).where(calls.c.call_sid == call.sid)).one()


def kinds_stored(database: Database) -> list[str]:
    with read(database.engine) as connection:
        return [request.kind for request in list_requests(connection)]


def typed_left(database: Database) -> bool:
    with read(database.engine) as connection:
        return any(connection.scalars(select(turns.c.heard)))


@pytest.mark.parametrize("end_first", [False, True])
def test_a_talk_that_the_caller_ends_is_on_record_in_whichever_order_its_ends_come(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture, end_first: bool
) -> None:
    call = in_transfer(exchange, 64)
    with caplog.at_level(logging.WARNING):
        call.hang_up(end_first=end_first)
        late = [request for request in call.requests if "heard=dial" in request.url]
        assert b"<Dial" not in call.resend(late[0]).body
    row = head(utility, call)
    assert row.outcome == "talked"
    answered = row.began_at + timedelta(seconds=call.now - 60)
    assert abs(row.agent_at - answered) < timedelta(seconds=1.5)
    assert call.errors == []
    assert caplog.text == ""
    with read(utility.engine) as connection:
        told = statistics(connection, row.began_at, row.began_at + timedelta(hours=1))
    assert told.outcomes == {"talked": 1}
    assert told.agent is not None
    assert told.given_up == {}


@pytest.mark.parametrize("end_first", [False, True])
def test_who_hangs_up_while_it_rings_has_given_up_in_the_transfer(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture, end_first: bool
) -> None:
    call = in_transfer(exchange, 2)
    with caplog.at_level(logging.WARNING):
        call.hang_up(end_first=end_first)
    row = head(utility, call)
    assert (row.outcome, row.agent_at) == ("abandoned_in_transfer", None)
    assert len([request for request in call.requests if "heard=dial" in request.url]) == 1
    assert call.errors == []
    assert caplog.text == ""


def test_every_webhook_of_an_ended_call_is_taken_quietly_and_dials_nobody(
    exchange: Exchange, utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    call = dial(exchange, "2 2 1")
    call.hang_up()
    with caplog.at_level(logging.WARNING):
        answers = [call.resend(request) for request in call.requests]
    assert {answer.status for answer in answers} <= {200, 204}
    assert not any(b"<Dial" in answer.body or b"<Say" in answer.body for answer in answers)
    assert caplog.text == ""
    assert head(utility, call).outcome == "informed"


def test_a_yes_that_the_hang_up_overtakes_is_stored_and_nothing_typed_stays(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, A_READING)
    call.press_and_hang_up("1")
    assert [request.url.rpartition("/")[2] for request in call.requests[-2:]] == ["status", "6"]
    assert kinds_stored(utility) == ["meter_reading"]
    assert head(utility, call).outcome == "completed"
    assert not typed_left(utility)
    # Again: nothing more. And nothing is left undone that the next call would offer.
    assert b"<Say" not in call.resend(call.requests[-1]).body
    assert kinds_stored(utility) == ["meter_reading"]
    assert "megszakadt" not in dial(exchange).last_heard


def test_an_answer_comes_late_for_twenty_seconds_and_what_was_typed_is_gone_after_that(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, A_READING)
    documents = len(call.documents)
    call.hang_up()
    assert head(utility, call).outcome == "abandoned_before_confirm"
    exchange.clock.pass_by(21)
    late = call.requests[documents - 1]
    assert call.resend(late).status == 200
    dial(exchange).hang_up()
    with read(utility.engine) as connection:
        heard = select(turns.c.heard).where(turns.c.call_sid == call.sid)
        assert set(connection.scalars(heard)) == {None}
    assert kinds_stored(utility) == []


def test_a_key_too_early_for_its_question_stays_none_when_the_hang_up_overtakes_it(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "2 1 1 2 20293811 48213377#")
    call.tap("2")
    call.advance(0.3)
    call.tap("2")
    call.advance(0.3)
    call.press_and_hang_up("1")
    assert kinds_stored(utility) == []
    assert head(utility, call).outcome == "abandoned_before_confirm"


def test_the_hourly_run_empties_what_a_worker_that_died_has_kept(
    exchange: Exchange, utility: Database
) -> None:
    dial(exchange, A_READING).hang_up()
    assert typed_left(utility)
    exchange.clock.pass_by(21)
    job.run(utility.engine, exchange.clock(), IdentificationLimits())
    assert not typed_left(utility)


def test_a_call_that_the_carrier_sends_to_the_beginning_goes_on_where_it_was(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, "5 1")
    first = call.requests[0]
    begun_anew = [
        (name, "in-progress" if name == "CallStatus" else value) for name, value in first.form
    ]
    again = call._script.webhooks.send(first.url, "POST", begun_anew, [])
    assert again.response.body.decode() == call.documents[-1]
    # The first webhook itself, tried again, gets its own answer.
    assert call.resend(first).body.decode() == call.documents[0]


def test_a_key_that_bounces_confirms_nothing_and_takes_no_receipt_away(
    exchange: Exchange, utility: Database
) -> None:
    call = dial(exchange, A_READING)
    call.bounce("1")
    assert "Visszaigazoló száma" in call.last_heard
    assert "Ha más ügyet is intézne" in call.last_heard
    assert kinds_stored(utility) == ["meter_reading"]


def test_behind_a_proxy_that_turns_posts_into_gets_a_call_runs_as_ever(
    exchange: Exchange, utility: Database
) -> None:
    exchange.carrier = exchange.make_carrier(by_get=True)
    call = dial(exchange, f"{A_READING} 1")
    call.hang_up()
    assert {request.method for request in call.requests} == {"GET"}
    assert kinds_stored(utility) == ["meter_reading"]
    assert head(utility, call).outcome == "completed"

"""What calls and messages add to the metrics."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.db.deadline import answer_within
from backend.db.transactions import read
from backend.records_metrics import _interrupted_in_time
from common.errors import RecordsError
from messages.delivery.sending import send_batch
from simulator.messages import CodedFault
from telemetry.metrics import start
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.database import Database
from tests.support.databases.recipients import mobile
from tests.support.project.metrics import told


def test_a_call_that_reaches_a_person_is_counted_once_with_the_time_that_it_took(
    utility: Database,
) -> None:
    start("webhooks")
    names = {
        "zoldszam_agent_seconds_count": {},
        "zoldszam_calls_ended_total": {"outcome": "talked"},
    }
    waited = told("zoldszam_agent_seconds_sum")
    before = [told(name, **labels) for name, labels in names.items()]
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        exchange.clock.set("2026-11-20 10:02")
        call.press("1")
        [dialled] = [request for request in call.requests if "heard=dial" in request.url]
        call.resend(dialled)
    # The far end talked for thirty seconds of the two minutes.
    assert told("zoldszam_agent_seconds_sum") == waited + 90
    after = [told(name, **labels) for name, labels in names.items()]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]


def test_messages_are_counted_by_outcome_and_the_pace_by_what_the_carrier_took(
    desk: SendingDesk,
) -> None:
    start("worker")
    desk.carrier.faults.refuse = CodedFault(code=21610, recipients=frozenset({mobile(1)}))
    names = [("accepted", 2), ("refused", 1), ("unknown", 0)]
    before = [told("zoldszam_sends_total", outcome=outcome) for outcome, _ in names]
    segments, asked = told("zoldszam_segments_total"), told("zoldszam_carrier_seconds_count")
    send_batch(desk.context, desk.run(desk.debtors(3)))
    after = [told("zoldszam_sends_total", outcome=outcome) for outcome, _ in names]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1, 0]
    assert told("zoldszam_carrier_seconds_count") == asked + 3
    assert told("zoldszam_segments_total") >= segments + 2


def test_a_question_to_the_records_that_takes_too_long_is_given_up(database: Database) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    with (
        pytest.raises((DBAPIError, RecordsError)),
        answer_within(0.2),
        read(database.engine) as connection,
        _interrupted_in_time(connection),
    ):
        connection.execute(text(endless))
    with read(database.engine) as connection:
        assert connection.scalar(text("SELECT 1")) == 1

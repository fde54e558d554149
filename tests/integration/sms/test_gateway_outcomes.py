"""What becomes of a message by each answer of the carrier, and by none."""

import logging
import re
import socket
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from backend.db.transactions import write
from backend.interface.codes import OutboxState
from backend.rules.contact_hours import ContactHours
from messages.campaigns import lifecycle
from messages.campaigns.outbox import LONGEST_BACK_OFF
from messages.campaigns.outbox_lots import Acceptance, accept_all
from messages.delivery.delivery_receipts import callback_url
from messages.delivery.gateway import Outcome
from messages.delivery.in_flight import UNKNOWN_IN_A_ROW
from messages.delivery.rate_limit import take_slot
from messages.delivery.sending import send_batch
from simulator.messages import CodedFault, Fault, Faults, StatusFault, TimedFault
from simulator.threaded_server import HOST, running
from tests.support.calls.telephone import TOKEN
from tests.support.carriers.sending_desk import (
    ACCOUNT,
    POLICY,
    PUBLIC_URL,
    SENDER,
    SendingDesk,
    gateway,
)
from tests.support.databases.recipients import mobile
from tests.support.runs.examples import all_asked_for, few

SERVICE = "MG" + "0" * 32


def asked(desk: SendingDesk) -> list[dict[str, str]]:
    """The forms of the requests that came to the carrier."""
    return [dict(each.form) for each in desk.carrier.requests if each.method == "POST"]


def test_a_message_that_the_carrier_takes_is_accepted_under_its_id(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.send(campaign_id)
    (row,), (message,) = desk.rows(campaign_id), desk.carrier.messages
    assert (row.state, row.message_sid, row.attempt, row.code) == (
        "accepted",
        message.sid,
        1,
        None,
    )
    assert row.attempted_at is not None
    assert row.settled_at is not None
    assert row.lease_until is None
    assert asked(desk) == [
        {
            "To": mobile(1),
            "From": SENDER,
            "Body": desk.find(campaign_id).message,
            "StatusCallback": callback_url(PUBLIC_URL, row.number, row.reference),
            "ValidityPeriod": "36000",
        }
    ]
    assert len(row.reference) >= 22


def test_a_messaging_service_sends_in_place_of_a_number(desk: SendingDesk) -> None:
    desk.use(gateway=gateway(desk.url, sender=SERVICE))
    campaign_id = desk.run(desk.debtors(1))
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}
    assert asked(desk)[0]["MessagingServiceSid"] == SERVICE
    assert "From" not in asked(desk)[0]


@pytest.mark.parametrize(
    ("hours", "moment", "seconds"),
    [
        ("mon-fri 08:00-20:00", "2026-11-23 19:30", "1800"),
        ("mon-fri 08:00-12:00; mon-fri 13:00-20:00", "2026-11-23 11:00", "3600"),
        ("mon-fri 08:00-20:00", "2026-11-23 08:00", "36000"),
        ("always", "2026-11-22 23:00", None),
    ],
)
def test_the_carrier_may_keep_a_reminder_waiting_until_the_contact_hours_end(
    desk: SendingDesk, hours: str, moment: str, seconds: str | None
) -> None:
    desk.use(policy={"contact_hours": ContactHours.parse(hours)})
    desk.clock.set(moment)
    desk.send(desk.run(desk.debtors(1)))
    assert asked(desk)[0].get("ValidityPeriod") == seconds


REFUSED = {
    21211: "unreachable",
    21610: "opted_out",
    21614: "unreachable",
    21635: "unreachable",
    21612: None,
    21618: None,
    14107: None,
    # One that nobody has heard of.
    29999: None,
}


def test_a_refused_message_has_failed_and_a_lasting_reason_stops_its_number(
    desk: SendingDesk,
) -> None:
    desk.use(policy={"pace": 0.5})
    campaign_id = desk.run(desk.debtors(len(REFUSED) + 1))
    expected: list[str] = []
    for code, stop in REFUSED.items():
        desk.carrier.faults.refuse = CodedFault(code=code, next=1)
        assert desk.send(campaign_id, batches=1) == 1
        expected += [stop] if stop else []
        assert desk.stopped() == sorted(expected)
    desk.send(campaign_id)
    assert [row.code for row in desk.rows(campaign_id)] == [*REFUSED, None]
    assert desk.states(campaign_id) == {"failed": len(REFUSED), "accepted": 1}
    assert dict(desk.counts(campaign_id).failed) == {str(code): 1 for code in sorted(REFUSED)}
    assert desk.find(campaign_id).state == "done"
    assert len(asked(desk)) == len(REFUSED) + 1


def test_who_opted_out_at_the_carrier_gets_nothing_from_any_other_campaign(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(1)
    first, second = desk.run(people), desk.run(people, "debt_contact_2")
    desk.carrier.opted_out.add((mobile(1), SENDER))
    desk.send(first)
    desk.send(second)
    assert dict(desk.counts(second).suppressed) == {"opted_out": 1}
    assert len(asked(desk)) == 1


def test_too_many_requests_queue_the_message_again_and_hold_the_sender_back(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(3))
    desk.carrier.faults.too_many = Fault(next=1)
    assert desk.send(campaign_id, batches=1) == 1
    row, *others = desk.rows(campaign_id)
    assert (row.state, row.attempt, row.attempted_at, row.worker) == ("queued", 1, None, None)
    waits = (row.next_attempt_at - desk.clock()).total_seconds()
    assert 1.0 <= waits <= 2.0
    assert [each.attempt for each in others] == [0, 0]
    with write(desk.database.engine) as connection:
        slot = take_slot(connection, SENDER, 1, POLICY.pace, desk.clock())
    assert slot == desk.clock() + timedelta(seconds=2)
    desk.send(campaign_id)
    desk.wait(3)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 3}
    assert sorted(desk.taken) == [mobile(number) for number in (1, 2, 3)]
    # A row keeps its reference, so that a receipt of any attempt finds it.
    assert asked(desk)[0]["StatusCallback"] == asked(desk)[-1]["StatusCallback"]


def test_each_further_refusal_for_now_doubles_the_wait_up_to_five_minutes(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults.too_many = Fault(recipients=(mobile(1),))
    for attempt in range(1, 11):
        desk.send(campaign_id, batches=1)
        (row,) = desk.rows(campaign_id)
        assert row.attempt == attempt
        longest = min(2.0 * 2 ** (attempt - 1), LONGEST_BACK_OFF.total_seconds())
        waits = (row.next_attempt_at - desk.clock()).total_seconds()
        assert longest / 2 <= waits <= longest
        desk.clock.now = row.next_attempt_at - timedelta(milliseconds=1)
        assert desk.send(campaign_id) == 0
        desk.clock.now += timedelta(milliseconds=1)
    assert desk.find(campaign_id).state == "running"


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    few(
        [
            ("token", "carrier's code 20003: The carrier refuses our credentials, or"),
            ("sender", "carrier's code 21606: SMS_FROM does not belong to this account"),
            ("address", "The answer was HTTP status 404 without the carrier's code."),
        ],
        1,
    ),
)
def test_a_mistake_of_ours_pauses_the_campaign_and_loses_nobody(
    desk: SendingDesk, mistake: str, sentence: str
) -> None:
    right = desk.context.gateway
    match mistake:
        case "token":
            desk.use(gateway=gateway(desk.url, token="revoked"))
        case "address":
            desk.use(gateway=gateway(f"{desk.url}/elsewhere"))
        case _:
            desk.carrier.faults.refuse = CodedFault(code=21606, next=1)
    campaign_id = desk.run(desk.debtors(3))
    desk.send(campaign_id)
    paused = desk.find(campaign_id)
    assert paused.state == "paused"
    assert paused.pause_reason is not None
    assert str(paused.pause_reason).startswith(sentence)
    assert desk.states(campaign_id) == {"queued": 3}
    assert max(row.attempt for row in desk.rows(campaign_id)) == 1
    assert len(asked(desk)) <= 1
    desk.use(gateway=right)
    desk.step(lifecycle.resume, campaign_id, "anna")
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 3}


@pytest.mark.parametrize("status", [400, 407, 413] if all_asked_for() else [407])
def test_a_proxys_refusal_pauses_the_campaign_and_fails_nobody(
    desk: SendingDesk, status: int
) -> None:
    right = desk.context.gateway
    proxy = Flask("proxy")
    proxy.add_url_rule(
        "/<path:_any>", view_func=lambda _any: ("<html>No.</html>", status), methods=["POST"]
    )
    campaign_id = desk.run(desk.debtors(3))
    with running(proxy) as url:
        desk.use(gateway=gateway(url))
        desk.send(campaign_id)
    paused = desk.find(campaign_id)
    assert paused.state == "paused"
    assert paused.pause_reason is not None
    assert f"HTTP status {status} without the carrier's code" in str(paused.pause_reason)
    assert desk.states(campaign_id) == {"queued": 3}
    assert desk.stopped() == []
    desk.use(gateway=right)
    desk.step(lifecycle.resume, campaign_id, "anna")
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 3}


@pytest.mark.both_databases
def test_threads_that_are_refused_at_once_do_not_wait_for_each_other(desk: SendingDesk) -> None:
    threads = 8
    barrier = Barrier(threads)
    real = gateway(desk.url, token="revoked")

    class Meeting:
        sender, find, check = real.sender, real.find, real.check
        carrier_time = real.carrier_time

        def send(self, *request: Any) -> Outcome:
            outcome = real.send(*request)
            barrier.wait(10)
            return outcome

    desk.use(gateway=Meeting(), wait=lambda _seconds: False, policy={"pace": 0.5})
    campaign_id = desk.run(desk.debtors(threads))
    with ThreadPoolExecutor(threads) as pool:
        for sent in [pool.submit(send_batch, desk.context, campaign_id) for _ in range(threads)]:
            sent.result(30)
    assert desk.states(campaign_id) == {"queued": threads}
    assert desk.find(campaign_id).state == "paused"


def test_what_may_have_been_taken_is_unknown_and_never_sent_again_before_that_is_known(
    desk: SendingDesk,
) -> None:
    faults = desk.carrier.faults
    faults.error_before = StatusFault(recipients=(mobile(1),), status=503)
    faults.error_after = Fault(recipients=(mobile(2),))
    faults.cut_before = Fault(recipients=(mobile(3),))
    faults.cut_after = Fault(recipients=(mobile(4),))
    faults.accept_and_never_answer = TimedFault(recipients=(mobile(6),), seconds=2.0)
    desk.use(gateway=gateway(desk.url, timeout=timedelta(seconds=1), elapsed=desk.elapsed))
    campaign_id = desk.run(desk.debtors(6))
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1, "unknown": 5}
    unknown = [row for row in desk.rows(campaign_id) if row.state == "unknown"]
    for row in unknown:
        assert (row.attempt, row.code, row.message_sid) == (1, None, None)
        assert None not in (row.attempted_at, row.settled_at, row.worker)
    assert sorted(desk.taken) == [mobile(number) for number in (2, 4, 5, 6)]
    asked_before = len(asked(desk))
    desk.wait(299)
    desk.send(campaign_id)
    assert len(asked(desk)) == asked_before
    # What the carrier really did not get goes out when the fault is over.
    desk.carrier.faults = Faults()
    desk.wait(2)
    done = desk.reconcile()
    assert (done.found, done.absent) == (3, 2)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 6}
    assert sorted(desk.taken) == [mobile(number) for number in range(1, 7)]


def test_a_carrier_that_is_away_is_not_asked_for_every_recipient(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(12))
    desk.carrier.faults.error_before = StatusFault(probability=1.0)
    began = desk.clock()
    desk.send(campaign_id, batches=1)
    assert desk.states(campaign_id) == {
        "queued": 12 - UNKNOWN_IN_A_ROW,
        "unknown": UNKNOWN_IN_A_ROW,
    }
    desk.carrier.faults = Faults()
    desk.send(campaign_id)
    sixth = desk.rows(campaign_id)[UNKNOWN_IN_A_ROW]
    assert sixth.attempted_at - began >= POLICY.send_timeout


def unused_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_a_connection_that_is_refused_leaves_the_message_in_the_queue(desk: SendingDesk) -> None:
    right = desk.context.gateway
    desk.use(gateway=gateway(f"http://{HOST}:{unused_port()}"))
    campaign_id = desk.run(desk.debtors(2))
    desk.send(campaign_id, batches=3)
    assert desk.states(campaign_id) == {"queued": 2}
    desk.use(gateway=right)
    desk.wait(60)
    desk.send(campaign_id)
    assert desk.taken == [mobile(1), mobile(2)]


def test_an_id_that_a_twin_was_given_by_mistake_does_not_lose_the_acceptance(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(2))
    first, second = (row.number for row in desk.rows(campaign_id))
    with write(desk.database.engine) as connection:
        for number in (first, second):
            accept_all(connection, [Acceptance(number, "SM1", OutboxState.ACCEPTED)], desk.clock())
    assert [(row.state, row.message_sid) for row in desk.rows(campaign_id)] == [
        ("accepted", "SM1"),
        ("accepted", None),
    ]


def test_no_line_of_the_log_holds_a_number_a_text_or_a_secret(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.carrier.faults.error_before = StatusFault(recipients=(mobile(1),))
    desk.carrier.faults.cut_after = Fault(recipients=(mobile(2),))
    desk.carrier.faults.too_many = Fault(recipients=(mobile(4),))
    desk.carrier.faults.refuse = CodedFault(code=21610, recipients=(mobile(5),))
    campaign_id = desk.run(desk.debtors(6))
    desk.send(campaign_id)
    desk.wait(301)
    desk.reconcile()
    desk.use(gateway=gateway(desk.url, token="revoked"))
    desk.send(campaign_id)
    with ThreadPoolExecutor(1) as other:
        other.submit(desk.context.gateway.send, mobile(3), "x", PUBLIC_URL, None).result()
    text = caplog.text
    for told in ("is unknown: HTTP 500", "is unknown: connection lost", "goes later: code 20429"):
        assert told in text
    secrets = [TOKEN, "revoked", b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()]
    secrets += [row.reference for row in desk.rows(campaign_id) if row.reference]
    secrets += [desk.find(campaign_id).message, "Tisztelt"]
    assert not [secret for secret in secrets if secret in text]
    assert not re.findall(r"(?:\+|%2B|00)?3630\d{7}", text)

"""A campaign that fails too often stops by itself, and a person decides."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import update

from backend.db.tables.messages import outbox
from backend.db.transactions import write
from messages.campaigns import lifecycle
from messages.campaigns.pause_reasons import PauseCode, PauseReason
from messages.delivery.circuit_breaker import LAST_ATTEMPTS, LAST_MINUTES, pause_if_too_many_fail
from simulator.messages import CodedFault
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.colleagues.staff import acts_of
from tests.support.databases.recipients import mobile


def refuse(desk: SendingDesk, *numbers: int) -> None:
    recipients = tuple(mobile(number) for number in numbers)
    desk.carrier.faults.refuse = CodedFault(code=21612, recipients=recipients)


def test_a_campaign_pauses_when_more_than_the_share_of_its_messages_were_refused(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    campaign_id = desk.run(desk.debtors(40))
    refuse(desk, 2, 5, 8, 11, 20, 21)
    desk.send(campaign_id)
    # Four of twenty are the share; the fifth is one too many.
    assert desk.states(campaign_id) == {"accepted": 15, "failed": 5, "queued": 20}
    paused = desk.find(campaign_id)
    assert paused.state == "paused"
    assert paused.pause_reason == PauseReason(
        PauseCode.TOO_MANY_FAILURES, {"failed": 5, "messages": 20}
    )
    assert acts_of(desk.database.engine)[-1][:3] == ("worker", "campaign pause", campaign_id)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_share_that_is_not_exceeded_pauses_nothing(desk: SendingDesk) -> None:
    desk.use(policy={"least_attempts": 5})
    campaign_id = desk.run(desk.debtors(10))
    refuse(desk, 5, 10)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 8, "failed": 2}
    assert desk.find(campaign_id).state == "done"


def test_fewer_messages_than_tell_anything_pause_nothing(desk: SendingDesk) -> None:
    desk.use(policy={"least_attempts": 5})
    campaign_id = desk.run(desk.debtors(4))
    desk.carrier.faults.refuse = CodedFault(code=21612, probability=1.0)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"failed": 4}


def test_what_is_resumed_begins_to_count_anew(desk: SendingDesk) -> None:
    desk.use(policy={"least_attempts": 4, "failure_share": 0.5})
    campaign_id = desk.run(desk.debtors(12))
    refuse(desk, 1, 2, 3, 4, 6, 7, 8, 9)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"failed": 4, "queued": 8}
    desk.wait(1)
    desk.step(lifecycle.resume, campaign_id, "anna")
    desk.send(campaign_id)
    # The fifth went through: three of the next four had to fail.
    assert desk.states(campaign_id) == {"accepted": 1, "failed": 7, "queued": 4}
    desk.wait(1)
    desk.step(lifecycle.resume, campaign_id, "anna")
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 4, "failed": 8}
    assert desk.find(campaign_id).state == "done"


@pytest.mark.both_databases
def test_an_old_failure_is_forgotten_after_the_last_attempts_and_minutes(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(LAST_ATTEMPTS + 30))
    began = desk.clock()
    rows = desk.rows(campaign_id)
    with write(desk.database.engine) as connection:
        for row in rows:
            failed = row.line <= 30
            sent = update(outbox).where(outbox.c.number == row.number)
            state = "failed" if failed else "accepted"
            moment = began + timedelta(seconds=row.line)
            connection.execute(sent.values(state=state, attempted_at=moment))

    def look_at(seconds: float) -> str:
        now = began + timedelta(seconds=seconds)
        with write(desk.database.engine) as connection:
            pause_if_too_many_fail(connection, campaign_id, desk.context.policy, now)
        return desk.find(campaign_id).state

    assert look_at(LAST_MINUTES.total_seconds() + 40) == "running"
    assert look_at(LAST_ATTEMPTS + 30) == "paused"


def test_a_flood_of_receipts_that_tell_of_failures_pauses_before_the_next_batch(
    desk: SendingDesk,
) -> None:
    desk.use(policy={"pace": 10.0})
    campaign_id = desk.run(desk.debtors(80))
    desk.send(campaign_id, batches=2)
    assert desk.states(campaign_id) == {"accepted": 40, "queued": 40}
    # At first the sender looks well: what is delivered is told sooner than what fails.
    for message in desk.carrier.messages[:10]:
        desk.receipt(message, "delivered")
    desk.send(campaign_id, batches=1)
    assert desk.find(campaign_id).state == "running"
    for message in desk.carrier.messages[10:30]:
        desk.receipt(message, "undelivered", 30007)
    assert desk.find(campaign_id).state == "running"
    assert desk.send(campaign_id) == 0
    paused = desk.find(campaign_id)
    assert paused.state == "paused"
    assert paused.pause_reason is not None
    assert str(paused.pause_reason).startswith("20 of the last 60 messages failed.")
    assert dict(desk.counts(campaign_id).failed) == {"30007": 20}
    assert desk.states(campaign_id)["queued"] == 20


def test_receipts_that_come_after_a_hundred_more_messages_went_out_still_count(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(2))
    first, second = desk.rows(campaign_id)
    values = {"campaign_id": campaign_id, "attempted_at": desk.clock() + timedelta(seconds=1)}
    late = LAST_ATTEMPTS + 50
    with write(desk.database.engine) as connection:
        connection.execute(
            outbox.insert(),
            [
                values | {"line": each, "phone": mobile(each), "state": state}
                for each, state in enumerate(["failed"] * 60 + ["accepted"] * late, 10)
            ],
        )
    assert (first.state, second.state) == ("queued", "queued")
    desk.wait(60)
    assert desk.send(campaign_id) == 0
    assert desk.find(campaign_id).pause_reason is not None


def test_only_a_running_campaign_pauses_by_itself(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(20))
    desk.step(lifecycle.pause, campaign_id, "anna")
    with write(desk.database.engine) as connection:
        moment = desk.clock() + timedelta(seconds=1)
        connection.execute(update(outbox).values(state="failed", attempted_at=moment))
        pause_if_too_many_fail(connection, campaign_id, desk.context.policy, moment)
    assert desk.find(campaign_id).pause_reason == PauseReason(PauseCode.BY_USER, {"by": "anna"})

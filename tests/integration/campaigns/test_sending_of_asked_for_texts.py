"""Texts that callers ask for, as the worker sends them: at any hour, before every campaign."""

import threading

import pytest
from huey import MemoryHuey

from backend.db.transactions import read, write
from backend.interface.published_text import PublishedText
from backend.records.suppression.stops import add_stop, stop_number
from messages.campaigns.on_request import (
    due_caller_texts,
)
from messages.content.desk_facts import DeskFacts
from messages.delivery.pre_send_check import LONGEST_WAIT
from messages.delivery.reconciling import Reconciled
from messages.delivery.worker import Worker
from simulator.messages import CodedFault, Fault, Faults
from tests.support.carriers.asked_texts import CALLER, ask, asked_for, work
from tests.support.carriers.sending_desk import SendingDesk, gateway
from tests.support.colleagues.staff import acts_of
from tests.support.databases.recipients import mobile


def test_an_unknown_text_is_not_sent_again_before_its_absence_is_proved(
    desk: SendingDesk,
) -> None:
    taken, lost = mobile(1), mobile(2)
    desk.carrier.faults = Faults(
        cut_after=Fault(recipients=(taken,)), cut_before=Fault(recipients=(lost,))
    )
    assert ask(desk, phone=taken)
    assert ask(desk, phone=lost)
    for _ in range(5):
        work(desk)
    first, second = asked_for(desk)
    assert (desk.states(first), desk.states(second)) == ({"unknown": 1}, {"unknown": 1})
    assert desk.carrier.creation_requests == 2
    # Nobody who calls again gets a second one of which nothing is known.
    assert ask(desk, phone=taken)
    assert len(asked_for(desk)) == 2
    desk.carrier.faults = Faults()
    # A second beyond RECONCILE_AFTER: the list tells its time in whole seconds.
    desk.wait(301)
    assert desk.reconcile() == Reconciled(found=1, absent=1)
    work(desk)
    assert (desk.states(first), desk.states(second)) == ({"accepted": 1}, {"accepted": 1})
    assert sorted(desk.taken) == [taken, lost]
    work(desk)
    assert {desk.find(each).state for each in (first, second)} == {"done"}


def test_a_message_waits_behind_no_campaign(desk: SendingDesk) -> None:
    # All places are taken by reminders; the text goes out before one of them ends its turn.
    desk.use(policy={"pace": 1.0})
    campaign_id = desk.run(desk.debtors(12))
    waited: list[float] = []
    usual = desk.wait

    def busy(seconds: float) -> bool:
        usual(seconds)
        if CALLER not in desk.taken and not asked_for(desk):
            assert ask(desk)
            asked = desk.clock()
            worker.tick()
            while task := engine.dequeue():
                engine.execute(task)
            assert CALLER in desk.taken
            waited.append((desk.clock() - asked).total_seconds())
        return False

    desk.use(wait=busy)
    engine = MemoryHuey(results=False)
    worker = Worker(engine, desk.context, 2, threading.Event())
    worker.send()
    assert desk.find(campaign_id).state == "done"
    assert waited[0] <= 2.0


def test_a_worker_looks_only_at_what_it_has_something_to_do_for(desk: SendingDesk) -> None:
    done, unknown, waiting, new = (mobile(number) for number in range(1, 5))
    assert ask(desk, phone=done)
    work(desk)
    desk.carrier.faults.cut_after = Fault(next=1)
    assert ask(desk, phone=unknown)
    work(desk)
    desk.carrier.faults.too_many = Fault(next=1)
    assert ask(desk, phone=waiting)
    work(desk)
    assert [desk.find(each).state for each in asked_for(desk)] == ["done", "running", "running"]

    def due() -> list[str]:
        with read(desk.database.engine) as connection:
            return due_caller_texts(connection, desk.clock(), 10)

    assert due() == []
    assert ask(desk, phone=new)
    assert due() == [asked_for(desk)[-1]]
    desk.wait(10)
    assert due() == asked_for(desk)[-2:]
    with read(desk.database.engine) as connection:
        assert due_caller_texts(connection, desk.clock(), 1) == [asked_for(desk)[2]]


def test_a_carrier_that_refuses_us_is_asked_again_later_and_nobody_has_to_resume(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    right = desk.context.gateway
    desk.use(gateway=gateway(desk.url, token="revoked"))
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.states(campaign_id) == {"queued": 1}
    assert desk.find(campaign_id).state == "running"
    assert "goes later: " in caplog.text
    assert CALLER not in caplog.text
    work(desk)
    assert len(desk.carrier.requests) == 1
    desk.use(gateway=right)
    desk.wait(10)
    work(desk)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_what_was_asked_for_long_ago_is_not_sent_any_more(desk: SendingDesk) -> None:
    desk.clock.set("2026-11-22 21:00")
    assert ask(desk)
    desk.wait(LONGEST_WAIT.total_seconds() + 1)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.counts(campaign_id).suppressed == {"too_late": 1}
    assert desk.find(campaign_id).state == "done"
    assert desk.taken == []


def test_who_stops_us_after_asking_gets_nothing(desk: SendingDesk) -> None:
    first, second = mobile(1), mobile(2)
    assert ask(desk, phone=first)
    assert ask(desk, phone=second)
    with write(desk.database.engine) as connection:
        stop_number(connection, first, "opted_out", "sms", desk.clock())
        # This one only the pre-send check can find.
        add_stop(connection, second, "wrong_addressee", "carrier", desk.clock())
    work(desk)
    assert desk.taken == []
    suppressed = [desk.counts(each).suppressed for each in asked_for(desk)]
    assert suppressed == [{"opted_out": 1}, {"wrong_addressee": 1}]
    assert {desk.find(each).state for each in asked_for(desk)} == {"done"}


def test_a_text_that_the_last_look_refuses_ends_there_and_is_told(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    spelled = PublishedText("desk_hu", "Telefonunk: +36 1 238 3838. ELMU-EMASZ")
    assert ask(desk, spelled)
    # The desk's number has changed meanwhile, so the text names somebody else's.
    other = DeskFacts("ELMŰ-ÉMÁSZ", "+3646535535", "eloszto@emasz.hu")
    desk.use(facts=lambda _kind: other)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.counts(campaign_id).suppressed == {"unfit_text": 1}
    assert desk.find(campaign_id).state == "done"
    assert "text desk_hu may not be sent: rule digits" in caplog.text


def test_one_failure_is_no_share_of_failures(desk: SendingDesk) -> None:
    desk.use(policy={"least_attempts": 1})
    desk.carrier.faults.refuse = CodedFault(code=21612, probability=1.0)
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.states(campaign_id) == {"failed": 1}
    assert desk.find(campaign_id).state == "done"
    assert acts_of(desk.database.engine)[4:] == []


def test_what_a_debtor_asks_for_counts_in_no_limit_of_reminders(desk: SendingDesk) -> None:
    people = desk.debtors(1)
    assert ask(desk, phone=mobile(1))
    work(desk)
    campaign_id = desk.run(people)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}

"""What the tasks of a worker do; the engine that calls them is not asked to be reliable."""

import threading
from datetime import timedelta
from random import SystemRandom

import pytest
from huey import MemoryHuey
from sqlalchemy import select, update

from backend.db.tables.api import webhook_messages
from backend.db.tables.messages import outbox
from backend.db.transactions import open_database, read, write
from backend.hooks.delivery import EventDelivery
from backend.hooks.subscriptions import add_subscription
from messages.campaigns import lifecycle
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.rehearsals import rehearse
from messages.delivery.in_flight import InFlight
from messages.delivery.reconciling import LOOK_AGAIN
from messages.delivery.sending import send_batch
from messages.delivery.sending_context import SendingContext
from messages.delivery.worker import Worker
from simulator.messages import CodedFault, Fault, TimedFault
from tests.support.calls.telephone import budapest
from tests.support.carriers.sending_desk import SendingDesk, gateway
from tests.support.databases.recipients import mobile


def worker_of(desk: SendingDesk, threads: int = 4) -> tuple[Worker, MemoryHuey, threading.Event]:
    engine, stopping = MemoryHuey(results=False), threading.Event()
    return Worker(engine, desk.context, threads, stopping), engine, stopping


def work_off(engine: MemoryHuey) -> int:
    """Do what waits in the engine; how many tasks there were."""
    done = 0
    while task := engine.dequeue():
        engine.execute(task)
        done += 1
    return done


@pytest.mark.both_databases
def test_a_tick_begins_what_is_due_takes_over_from_the_dead_and_has_everything_sent_on(
    desk: SendingDesk,
) -> None:
    left_by_the_dead = desk.run(desk.debtors(1))
    dead = {"state": "claimed", "worker": "dead", "lease_until": desk.clock()}
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(dead))
    scheduled = desk.draft(desk.debtors(1, first=2))
    desk.step(lifecycle.approve, scheduled, "bela")
    desk.start(scheduled, not_before=budapest("2026-11-23 10:30"))
    waiting = desk.draft(desk.debtors(1, first=3))
    worker, engine, _ = worker_of(desk)
    desk.clock.set("2026-11-23 10:30")
    worker.tick()
    assert work_off(engine) == 1
    assert sorted(desk.taken) == [mobile(1), mobile(2)]
    assert desk.find(left_by_the_dead).state == "done"
    assert desk.find(scheduled).state == "done"
    assert desk.find(waiting).state == "draft"
    worker.tick()
    assert work_off(engine) == 0


def test_a_task_that_comes_twice_or_too_late_sends_nothing_twice(desk: SendingDesk) -> None:
    desk.run(desk.debtors(3))
    worker, engine, _ = worker_of(desk)
    worker.tick()
    worker.tick()
    assert work_off(engine) == 2
    worker.send()
    assert sorted(desk.taken) == [mobile(1), mobile(2), mobile(3)]


def test_a_campaign_whose_last_answer_comes_just_after_it_was_looked_at_is_done_all_the_same(
    desk: SendingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answered_after(context: SendingContext, campaign_id: str, requests: InFlight) -> bool:
        going_on = send_batch(context, campaign_id, requests)
        if not going_on:
            requests.drain()
        return going_on

    desk.carrier.faults.slow = TimedFault(next=1, seconds=0.5)
    campaign_id = desk.run(desk.debtors(1))
    monkeypatch.setattr("messages.delivery.worker.send_batch", answered_after)
    worker, _, _ = worker_of(desk)
    worker.send()
    assert desk.find(campaign_id).state == "done"


def test_two_campaigns_are_sent_in_turn_a_batch_of_each(desk: SendingDesk) -> None:
    desk.use(policy={"pace": 1.0})
    long, short = desk.run(desk.debtors(8)), desk.run(desk.debtors(2, first=21))
    worker, _, _ = worker_of(desk, threads=2)
    worker.send()
    assert desk.find(long).state == desk.find(short).state == "done"
    # Two of the long one, at a message a second, are before them.
    assert set(desk.taken[2:4]) == {mobile(21), mobile(22)}


def test_a_worker_that_is_at_it_leaves_the_same_task_alone_and_ticks_on(
    desk: SendingDesk,
) -> None:
    desk.run(desk.debtors(2))
    seen: list[int] = []

    def look(_seconds: float) -> bool:
        worker.tick()
        seen.append(work_off(engine))
        return False

    desk.use(wait=look)
    worker, engine, _ = worker_of(desk, threads=2)
    worker.send()
    assert seen == [1, 1]
    assert desk.taken == [mobile(1), mobile(2)]


def test_requests_that_are_on_their_way_at_once_are_all_settled_before_a_campaign_is_done(
    desk: SendingDesk,
) -> None:
    desk.use(policy={"pace": 100_000})
    campaign_id = desk.run(desk.debtors(40))
    desk.carrier.faults.refuse = CodedFault(code=21610, recipients=(mobile(7),))
    worker, _, _ = worker_of(desk, threads=17)
    worker.send()
    assert desk.states(campaign_id) == {"accepted": 39, "failed": 1}
    assert desk.find(campaign_id).state == "done"


def test_a_worker_that_is_to_stop_begins_nothing_more(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(2))
    worker, _, stopping = worker_of(desk)
    stopping.set()
    worker.send()
    assert desk.states(campaign_id) == {"queued": 2}


def test_other_systems_are_told_of_a_campaign_that_has_ended_and_of_no_rehearsal(
    desk: SendingDesk,
) -> None:
    records = open_database(desk.database.url, secret="a secret of thirty-two characters")
    with write(records) as connection:
        # Nobody listens there: the attempt is what counts.
        add_subscription(connection, "http://127.0.0.1:1/", "ada", desk.clock(), SystemRandom())
    sent, cancelled = desk.run(desk.debtors(1)), desk.draft(desk.debtors(1, first=2))
    with write(records) as connection:
        actor = Actor("anna", desk.clock())
        rehearsal = rehearse(connection, cancelled, [mobile(9)], actor, SystemRandom()).campaign_id
    desk.send(sent)
    desk.send(rehearsal)
    desk.step(lifecycle.cancel, cancelled, "anna")
    assert desk.find(rehearsal).state == "done"
    engine = MemoryHuey(results=False)
    events = EventDelivery(records, desk.clock)
    Worker(engine, desk.context, 4, threading.Event(), events=events).tick()
    assert work_off(engine) == 1
    with read(records) as connection:
        told = connection.execute(
            select(
                webhook_messages.c.kind, webhook_messages.c.subject, webhook_messages.c.attempts
            ).order_by(webhook_messages.c.number)
        ).all()
    records.dispose()
    assert [tuple(each) for each in told] == [
        ("campaign.ended", sent, 1),
        ("campaign.ended", cancelled, 0),
    ]


def test_a_worker_settles_what_is_unknown(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults.cut_after = Fault(next=1)
    worker, _, _ = worker_of(desk)
    worker.send()
    desk.wait(300)
    worker.reconcile()
    assert desk.states(campaign_id) == {"accepted": 1}


def test_a_carrier_that_refuses_the_credentials_is_not_asked_every_second(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults.cut_after = Fault(next=1)
    desk.send(campaign_id, batches=1)
    desk.wait(300)
    desk.use(gateway=gateway(desk.url, token="revoked"))
    worker, _, _ = worker_of(desk)
    requests = len(desk.carrier.requests)
    caplog.clear()
    for second in range(int(LOOK_AGAIN.total_seconds()) + 1):
        worker.reconcile()
        assert len(desk.carrier.requests) == requests + 1 + (second == LOOK_AGAIN.seconds)
        desk.clock.now += timedelta(seconds=1)
    assert "what is unknown stays unknown: The carrier refuses our credentials" in caplog.text
    assert desk.states(campaign_id) == {"unknown": 1}

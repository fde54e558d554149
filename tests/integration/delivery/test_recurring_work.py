"""What a deployment does again and again is done once, however many workers it has."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from huey import MemoryHuey

from backend.db.recurring import RecurringWork, recurring_turn
from messages.delivery.worker import RETENTION, Worker
from simulator.messages import Fault
from tests.support.carriers.sending_desk import SendingDesk

WORKERS = 4
WORK = RecurringWork("work", every=timedelta(minutes=10), lease=timedelta(minutes=2))


def workers_of(desk: SendingDesk, retention: Callable[[Callable[[], bool]], None]) -> list[Worker]:
    return [
        Worker(
            MemoryHuey(results=False),
            desk.context,
            4,
            threading.Event(),
            retention=retention,
        )
        for _ in range(WORKERS)
    ]


def at_once(tasks: list[Callable[[], None]]) -> None:
    together = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        together.wait()
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        list(pool.map(run, tasks))


def turns(desk: SendingDesk) -> int:
    """How many find the work due, one after the other, at this moment."""
    found = 0
    for _ in range(3):
        with recurring_turn(desk.database.engine, WORK, desk.clock) as turn:
            found += turn is not None
    return found


@pytest.mark.both_databases
def test_of_workers_that_come_at_once_one_deletes_what_is_past_its_time_and_all_do_hourly(
    desk: SendingDesk,
) -> None:
    began: list[bool] = []
    workers = workers_of(desk, lambda going_on: began.append(going_on()))
    at_once([worker.forget for worker in workers])
    assert began == [True]
    desk.clock.now += RETENTION.every - timedelta(seconds=1)
    at_once([worker.forget for worker in workers])
    assert began == [True]
    desk.clock.now += timedelta(seconds=1)
    # Whichever of them is left.
    workers[-1].forget()
    assert began == [True, True]


@pytest.mark.both_databases
def test_of_workers_that_come_at_once_one_asks_the_carrier_what_is_unknown(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(3))
    desk.carrier.faults.cut_after = Fault(next=3)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"unknown": 3}
    desk.wait(300)
    asked = len(desk.carrier.requests)
    at_once([worker.reconcile for worker in workers_of(desk, lambda _: None)])
    assert desk.states(campaign_id) == {"accepted": 3}
    assert len(desk.carrier.requests) == asked + 3


def test_work_is_due_again_after_its_time_and_not_before(desk: SendingDesk) -> None:
    assert turns(desk) == 1
    desk.clock.now += WORK.every - timedelta(seconds=1)
    assert turns(desk) == 0
    desk.clock.now += timedelta(seconds=1)
    assert turns(desk) == 1


@pytest.mark.both_databases
def test_what_a_worker_died_at_is_taken_over_at_the_end_of_its_lease(desk: SendingDesk) -> None:
    dead = recurring_turn(desk.database.engine, WORK, desk.clock)
    turn = dead.__enter__()
    assert turn is not None
    desk.clock.now += WORK.lease - timedelta(seconds=1)
    assert turns(desk) == 0
    # It was only slow and keeps its lease.
    assert turn.goes_on()
    desk.clock.now += WORK.lease - timedelta(seconds=1)
    assert turns(desk) == 0
    desk.clock.now += timedelta(seconds=1)
    assert turns(desk) == 1
    # It wakes up: the work is another's, and what it ends is not the other's.
    assert not turn.goes_on()
    turn.end()
    assert turns(desk) == 0


def test_what_fails_is_tried_again_when_its_lease_would_have_ended(desk: SendingDesk) -> None:
    with (
        pytest.raises(RuntimeError),
        recurring_turn(desk.database.engine, WORK, desk.clock),
    ):
        raise RuntimeError
    assert turns(desk) == 0
    desk.clock.now += WORK.lease
    assert turns(desk) == 1


def test_a_clock_that_was_put_back_by_an_hour_holds_nothing_up(desk: SendingDesk) -> None:
    assert turns(desk) == 1
    desk.clock.now -= timedelta(hours=1)
    assert turns(desk) == 1


def test_a_tick_of_any_worker_has_the_hourly_work_done(desk: SendingDesk) -> None:
    began: list[bool] = []
    engine = MemoryHuey(results=False)
    worker = Worker(
        engine, desk.context, 4, threading.Event(), retention=lambda _: began.append(True)
    )
    for _ in range(3):
        worker.tick()
        while task := engine.dequeue():
            engine.execute(task)
    assert began == [True]

"""How a worker's process begins its ticks and tasks; what they do is in test_worker_tasks.py."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huey import MemoryHuey
from huey.api import Huey
from sqlalchemy import event

from messages.delivery.consumer import TICK_SECONDS, TickingConsumer
from messages.delivery.reconciling import LOOK_AGAIN
from messages.delivery.task_queue import open_engine
from messages.delivery.worker import Worker
from simulator.messages import Fault
from tests.support.carriers.sending_desk import SendingDesk, gateway


class Away(MemoryHuey):
    """Its store does not answer."""

    def dequeue(self) -> None:
        raise ConnectionError


def run(engine: Huey, tick: Callable[[], None], stopping: threading.Event) -> None:
    """Run a consumer until ``stopping`` is set, or for ten seconds."""
    consumer = TickingConsumer(engine, tick, stopping)

    def end() -> None:
        stopping.wait(10)
        consumer.stop()

    threading.Thread(target=end, daemon=True).start()
    consumer.run()


@pytest.fixture
def usual_signals() -> Iterator[None]:
    before = {
        name: signal.getsignal(name) for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    }
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("usual_signals")
def test_a_task_of_a_tick_is_begun_at_once_beside_one_that_takes_its_time() -> None:
    engine, stopping = MemoryHuey(results=False), threading.Event()
    ticks: list[float] = []
    begun: list[float] = []

    def short() -> None:
        begun.append(time.monotonic())
        if len(begun) == 3:
            stopping.set()

    long_task = engine.task(name="long")(lambda: stopping.wait(10))
    short_task = engine.task(name="short")(short)

    def tick() -> None:
        if not ticks:
            long_task()
        ticks.append(time.monotonic())
        short_task()

    run(engine, tick, stopping)
    assert len(begun) == 3
    waited = [start - at for at, start in zip(ticks, begun, strict=False)]
    assert max(waited) < TICK_SECONDS / 2
    assert ticks[2] - ticks[0] == pytest.approx(2 * TICK_SECONDS, abs=TICK_SECONDS / 2)


@pytest.mark.usefixtures("usual_signals")
@pytest.mark.parametrize("engine", [MemoryHuey(results=False), Away(results=False)])
def test_a_tick_that_fails_and_a_queue_that_does_not_answer_are_followed_by_the_next_tick(
    engine: Huey, caplog: pytest.LogCaptureFixture
) -> None:
    stopping = threading.Event()
    ticks: list[None] = []

    def tick() -> None:
        ticks.append(None)
        if len(ticks) == 2:
            stopping.set()
        if not isinstance(engine, Away):
            raise ConnectionError

    run(engine, tick, stopping)
    assert len(ticks) == 2
    assert "a worker's tick or task has failed" in caplog.text


@pytest.mark.usefixtures("usual_signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_ended_settles_what_is_on_its_way(
    desk: SendingDesk, ending: signal.Signals
) -> None:
    engine, stopping = MemoryHuey(results=False), threading.Event()
    worker = Worker(engine, desk.context, 4, stopping)
    settled = []

    def on_its_way() -> None:
        # Its signals are set once all its threads have begun.
        stopping.wait(1)
        os.kill(os.getpid(), ending)
        assert stopping.wait(10)
        time.sleep(0.5)
        settled.append(True)

    engine.task()(on_its_way)()
    worker.run()
    assert settled == [True]


def test_what_a_worker_of_the_release_before_has_put_into_the_queue_is_done(
    desk: SendingDesk, tmp_path: Path
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    queue = f"sqlite:///{tmp_path}/records.db"
    before, after = open_engine(queue, None), open_engine(queue, None)
    always = lambda _moment: True  # noqa: E731 - the engine wants a function
    for name in ("beat", "reconcile"):
        task = lambda: None  # noqa: E731 - as above
        task.__module__ = Worker.__module__
        before.periodic_task(always, name=name, expires=10)(task)
    for task in before.read_periodic(None):
        before.enqueue(task)
    Worker(after, desk.context, 4, threading.Event())
    done = 0
    while task := after.dequeue():
        after.execute(task)
        done += 1
    # The beat brought a third.
    assert done == 3
    assert desk.find(campaign_id).state == "done"


@pytest.mark.both_databases
def test_a_tick_that_finds_nothing_asks_the_records_once(desk: SendingDesk) -> None:
    worker = Worker(MemoryHuey(results=False), desk.context, 4, threading.Event())
    worker.tick()
    asked: list[str] = []
    note = lambda *arguments: asked.append(arguments[2])  # noqa: E731 - to be removed again
    event.listen(desk.database.engine, "before_cursor_execute", note)
    worker.tick()
    event.remove(desk.database.engine, "before_cursor_execute", note)
    (statement,) = asked
    assert statement.startswith("SELECT")


@pytest.mark.both_databases
def test_a_tick_has_the_unknown_reconciled_when_their_time_has_come_and_no_refusal_is_new(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults.cut_after = Fault(next=1)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"unknown": 1}

    def begun_by_a_tick() -> list[str]:
        engine = MemoryHuey(results=False)
        Worker(engine, desk.context, 4, threading.Event()).tick()
        names = []
        while task := engine.dequeue():
            names.append(task.name)
            engine.execute(task)
        return names

    assert "reconcile" not in begun_by_a_tick()
    desk.wait(300)
    right = desk.context.gateway
    desk.use(gateway=gateway(desk.url, token="revoked"))
    assert "reconcile" in begun_by_a_tick()
    desk.use(gateway=right)
    assert "reconcile" not in begun_by_a_tick()
    desk.clock.now += LOOK_AGAIN
    assert "reconcile" in begun_by_a_tick()
    assert desk.states(campaign_id) == {"accepted": 1}

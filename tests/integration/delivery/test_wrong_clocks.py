"""Senders whose clock is wrong or jumps: nobody gets a message twice, and nobody waits in silence.

The carrier and what counts the seconds for its client go by the true time; everything else by ours.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from backend.db.tables.messages import outbox
from backend.db.transactions import write
from messages.delivery import rate_limit
from messages.delivery.reconciling import SURELY_EARLIER, Reconciled
from messages.delivery.worker import Worker
from simulator.messages import Fault, Faults
from tests.integration.delivery.test_worker_tasks import worker_of
from tests.support.carriers.sending_desk import SendingDesk, gateway
from tests.support.databases.recipients import mobile
from tests.support.runs.examples import all_asked_for

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIST_LAG = 290.0
"""Seconds by which the carrier's list lags: just less than what is waited for."""


class WrongClock:
    """How far the desk's clock is ahead of the true time."""

    def __init__(self, desk: SendingDesk, ahead: timedelta = timedelta()) -> None:
        self._desk = desk
        self._ahead = timedelta()
        desk.carrier.clock = self.true_seconds
        desk.carrier.list_lag = LIST_LAG
        desk.use(gateway=gateway(desk.url, elapsed=self.true_seconds))
        desk.context.gateway.check()
        self.jump(ahead)

    def jump(self, by: timedelta) -> None:
        self._desk.clock.now += by
        self._ahead += by

    def true_seconds(self) -> float:
        return (self._desk.clock() - self._ahead).timestamp()


def go_on_until_done(desk: SendingDesk, campaign_id: str) -> None:
    # At most; and when all is done, what might come twice has some more minutes to come.
    rounds_after = 0
    for _ in range(60):
        desk.send(campaign_id)
        desk.wait(20)
        desk.reconcile()
        rounds_after += desk.find(campaign_id).state == "done"
        if rounds_after > 3:
            return
    raise AssertionError(desk.states(campaign_id))


def everybody_got_one(desk: SendingDesk, campaign_id: str, people: range) -> bool:
    assert desk.states(campaign_id) == {"accepted": len(people)}
    return sorted(desk.taken) == [mobile(number) for number in people]


def faults() -> Faults:
    return Faults(
        cut_before=Fault(recipients=(mobile(2),)),
        cut_after=Fault(recipients=(mobile(1), mobile(3), mobile(5))),
        error_after=Fault(recipients=(mobile(4), mobile(6))),
    )


@pytest.mark.parametrize(
    "ahead", [3 * MINUTE, HOUR, -3 * MINUTE, -HOUR] if all_asked_for() else [-3 * MINUTE]
)
def test_a_senders_clock_that_is_wrong_doubles_and_loses_nothing(
    desk: SendingDesk, ahead: timedelta
) -> None:
    WrongClock(desk, ahead)
    people = desk.debtors(8)
    campaign_id = desk.run(people)
    desk.carrier.faults = faults()
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 2, "unknown": 6}
    desk.carrier.faults = Faults()
    go_on_until_done(desk, campaign_id)
    assert everybody_got_one(desk, campaign_id, people)


@pytest.mark.parametrize("jump", [3 * MINUTE, HOUR, -HOUR] if all_asked_for() else [HOUR])
def test_a_clock_that_jumps_between_the_attempt_and_the_list_proves_nothing(
    desk: SendingDesk, jump: timedelta
) -> None:
    clock = WrongClock(desk)
    people = desk.debtors(8)
    campaign_id = desk.run(people)
    desk.carrier.faults = faults()
    desk.send(campaign_id)
    desk.carrier.faults = Faults()
    clock.jump(jump)
    assert desk.reconcile().absent == 0
    go_on_until_done(desk, campaign_id)
    assert everybody_got_one(desk, campaign_id, people)


@pytest.mark.both_databases
def test_a_worker_with_another_clock_takes_nothing_over_that_is_still_being_sent(
    desk: SendingDesk,
) -> None:
    clock = WrongClock(desk)
    campaign_id = desk.run(desk.debtors(1))
    real = desk.context.gateway

    class Slow:
        sender, find, check, carrier_time = real.sender, real.find, real.check, real.carrier_time

        def send(self, *request: object) -> object:
            outcome = real.send(*request)  # type: ignore[arg-type]
            # Meanwhile another worker, an hour ahead, thinks that we are dead.
            clock.jump(HOUR)
            assert desk.reconcile() == Reconciled(undecided=1)
            assert desk.reconcile() == Reconciled(undecided=1)
            desk.send(campaign_id)
            clock.jump(-HOUR)
            return outcome

    right = desk.context
    desk.context = replace(right, gateway=Slow())  # type: ignore[arg-type]
    desk.send(campaign_id, batches=1)
    assert desk.states(campaign_id) == {"accepted": 1}
    assert desk.taken == [mobile(1)]


def test_a_row_without_the_carriers_time_is_judged_by_two_looks_at_its_list(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults = Faults(cut_before=Fault(next=1))
    desk.send(campaign_id)
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(first_asked_at=None, asked_until=None))
    desk.wait(10_000)
    assert desk.reconcile() == Reconciled(undecided=1)
    desk.wait(299)
    assert desk.reconcile() == Reconciled(undecided=1)
    desk.wait(61)
    assert desk.reconcile() == Reconciled(absent=1)


@pytest.mark.parametrize(
    ("earlier", "result"),
    [
        (timedelta(minutes=1), Reconciled(found=1)),
        (timedelta(hours=20), Reconciled(for_people=1)),
        (SURELY_EARLIER + HOUR, Reconciled(absent=1)),
    ],
)
def test_the_same_text_that_no_row_owns_is_absent_only_when_it_is_surely_another(
    desk: SendingDesk, earlier: timedelta, result: Reconciled
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults = Faults(cut_after=Fault(next=1))
    desk.send(campaign_id)
    desk.carrier.messages[0].created_at -= earlier.total_seconds()
    desk.wait(300)
    assert desk.reconcile() == result


def test_a_clock_that_is_put_back_does_not_let_the_sender_stand_still(
    desk: SendingDesk,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limit, "_silent_until", 0.0)
    clock = WrongClock(desk)
    people = desk.debtors(30)
    campaign_id = desk.run(people)
    desk.use(policy={"pace": 10.0})
    desk.carrier.faults.too_many = Fault(recipients=(mobile(1),))
    desk.send(campaign_id, batches=1)
    desk.carrier.faults = Faults()
    clock.jump(-HOUR)
    began = desk.clock()
    go_on_until_done(desk, campaign_id)
    assert everybody_got_one(desk, campaign_id, people)
    next_one = min(row.attempted_at for row in desk.rows(campaign_id)[10:])
    assert next_one - began < MINUTE
    assert "more than can be reserved" in caplog.text


@pytest.mark.both_databases
def test_what_a_dead_worker_held_is_taken_over_though_the_clock_was_put_back(
    desk: SendingDesk,
) -> None:
    clock = WrongClock(desk)
    campaign_id = desk.run(desk.debtors(1))
    dead = {"state": "claimed", "worker": "dead", "lease_until": desk.clock() + MINUTE}
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(dead))
    clock.jump(-HOUR)
    desk.reconcile()
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_a_reminder_goes_out_only_when_the_hour_is_permitted_by_the_carriers_clock_too(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    clock = WrongClock(desk)
    campaign_id = desk.run(desk.debtors(1))
    # It is ten in the morning here, and one at night in truth.
    clock.jump(9 * HOUR)
    desk.clock.now -= 9 * HOUR
    worker: Worker = worker_of(desk)[0]
    for _ in range(3):
        worker.tick()
        assert desk.send(campaign_id) == 0
    assert caplog.text.count("this machine's clock is +32400 s from the carrier's") == 1
    assert desk.taken == []
    clock.jump(-9 * HOUR)
    desk.clock.now += 9 * HOUR
    worker.tick()
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]

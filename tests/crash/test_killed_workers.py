"""Workers that are killed: nothing is lost, and nobody gets a message twice."""

import signal
import time
from pathlib import Path
from random import Random

import pytest

from simulator.messages.faults import Fault, Faults, StatusFault, TimedFault
from tests.crash.dying_worker import STEPS, WrongClock
from tests.support.carriers.running_desk import LONGEST_WAIT, SmsDesk, phone, sms_desk
from tests.support.databases.database import Database
from tests.support.runs.examples import all_asked_for

EVERY_FAULT = 3
"""How often each fault strikes; a message that was struck is struck again only by another."""


TRIED = [
    step
    for step in STEPS
    if all_asked_for()
    or step
    in (
        "after claiming",
        "before the first request of a lot",
        "before the request",
        "after the answer",
        "in the settling transaction",
    )
]
"""The short run has those around the request: before, at and after each of our notes."""


def every_fault() -> Faults:
    return Faults(
        too_many=Fault(next=EVERY_FAULT),
        error_before=StatusFault(next=EVERY_FAULT),
        error_after=Fault(next=EVERY_FAULT),
        cut_before=Fault(next=EVERY_FAULT),
        cut_after=Fault(next=EVERY_FAULT),
        accept_and_never_answer=TimedFault(next=EVERY_FAULT, seconds=3),
        slow=TimedFault(next=EVERY_FAULT, seconds=1.5),
        receipts_late=TimedFault(probability=0.2, seconds=1),
        receipts_doubled=Fault(probability=0.3),
        receipts_reordered=Fault(probability=0.3),
        receipts_lost=Fault(probability=0.3),
    )


def assert_everything_settled(desk: SmsDesk, campaign_id: str, recipients: int) -> None:
    counts = desk.counts(campaign_id).states
    assert sum(counts.values()) == recipients, counts
    assert counts["accepted"] + counts["sent"] + counts["delivered"] == recipients, counts
    assert desk.taken_by_carrier() == {phone(number): 1 for number in range(recipients)}


def test_workers_killed_between_any_two_steps_lose_and_double_nothing(
    database: Database, tmp_path: Path
) -> None:
    # Each dies with no more than three lots of three begun, and of a claim it leaves the rest.
    recipients = 9 * len(TRIED)
    with sms_desk(database) as desk:
        desk.environment |= {"SEND_PACE": "150"}
        campaign_id = desk.run_campaign(desk.import_debtors(tmp_path, recipients))
        for step in TRIED:
            dying = desk.start_worker(step)
            dying.join(LONGEST_WAIT)
            assert dying.exitcode == -signal.SIGKILL, step
            assert sum(desk.counts(campaign_id).states.values()) == recipients, step
            assert max(desk.taken_by_carrier().values(), default=0) <= 1, step
        desk.environment |= {"SEND_PACE": "200"}
        with desk.workers(1):
            desk.wait_until_done(campaign_id)
        assert_everything_settled(desk, campaign_id, recipients)


@pytest.mark.parametrize("seed", [1, 2] if all_asked_for() else [1])
@pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"] if all_asked_for() else ["postgresql"], indirect=True
)
def test_workers_killed_at_random_lose_and_double_nothing_whatever_the_carrier_does(
    database: Database, tmp_path: Path, seed: int
) -> None:
    rng = Random(seed)  # noqa: S311 - the same moments in every run
    recipients = 40
    with sms_desk(database, every_fault(), rng=rng) as desk:
        desk.environment |= {"SEND_PACE": "15"}
        campaign_id = desk.run_campaign(desk.import_debtors(tmp_path, recipients))
        with desk.workers(3) as processes:
            for turn in range(3):
                time.sleep(0.5 + rng.random())
                victim = turn % len(processes)
                processes[victim].kill()
                processes[victim].join()
                processes[victim] = desk.start_worker()
            desk.wait_until_done(campaign_id)
        assert_everything_settled(desk, campaign_id, recipients)


@pytest.mark.whole_run
def test_workers_whose_clocks_are_wrong_lose_and_double_nothing(
    database: Database, tmp_path: Path
) -> None:
    recipients = 20
    clocks = [WrongClock(ahead=180), WrongClock(jump=3600, after=2), WrongClock(ahead=-3600)]
    faults = Faults(
        cut_after=Fault(next=5), error_after=Fault(next=5), receipts_lost=Fault(probability=1.0)
    )
    with sms_desk(database, faults) as desk:
        desk.environment |= {"SEND_PACE": "15"}
        # As long as the list may lag: who judges earlier doubles.
        desk.carrier.list_lag = 1.5
        desk.environment |= {"RECONCILE_AFTER": "3"}
        campaign_id = desk.run_campaign(desk.import_debtors(tmp_path, recipients))
        with desk.workers(3, clocks):
            desk.wait_until_done(campaign_id)
        assert_everything_settled(desk, campaign_id, recipients)

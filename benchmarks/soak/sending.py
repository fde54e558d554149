"""Sending under faults: workers are killed, clocks are wrong and jump, the carrier does its worst.

Each round is a campaign with real worker processes and a real carrier over HTTP. What is promised:
everybody gets one message, and nobody two.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

from benchmarks.soak.budget import Budget
from benchmarks.soak.report import Row
from simulator.messages.faults import Fault, Faults, StatusFault, TimedFault
from tests.crash.dying_worker import WrongClock
from tests.support.database import Database
from tests.support.running_desk import SmsDesk, phone, sms_desk

WHAT = """
Each round is a campaign of 60 at 30 messages a second, with three worker processes. One clock is
three minutes fast, one an hour slow, one jumps by an hour either way; twelve times, a tenth of a
second to a second and a half apart, a worker is killed with `kill -9`. The carrier's list lags by
1.5 of the 3 seconds of `RECONCILE_AFTER`, it refuses for now, answers 500, cuts and hangs before
and after it has taken a message, and loses, doubles, delays and reorders receipts.
"""
RECIPIENTS = 60
WORKERS = 3
KILLS = 12
STRIKES = 4
"""How often each fault strikes in a round, at most once for one message."""
PATIENCE_SECONDS = 120.0

Databases = Callable[[], AbstractContextManager[Database]]


def run(kind: str, databases: Databases, rng: Random, budget: Budget) -> Row:
    """Run rounds until that is over, each on an empty database; the last is finished."""
    figures: Counter[str] = Counter()
    breaches: list[str] = []
    while not budget.is_over(figures["kills"]):
        figures["rounds"] += 1
        with databases() as database, tempfile.TemporaryDirectory() as folder:
            broken = _round(database, Path(folder), rng, figures)
        breaches += [f"round {figures['rounds']}: {each}" for each in broken]
    names = ("rounds", "messages", "kills", "requests to send", "lost", "doubled")
    return Row(kind, {name: figures[name] for name in names}, breaches)


def _faults() -> Faults:
    return Faults(
        too_many=Fault(next=STRIKES),
        error_before=StatusFault(next=STRIKES),
        error_after=Fault(next=STRIKES),
        cut_before=Fault(next=STRIKES),
        cut_after=Fault(next=STRIKES),
        accept_and_never_answer=TimedFault(next=STRIKES, seconds=3),
        slow=TimedFault(next=STRIKES, seconds=1.5),
        receipts_late=TimedFault(probability=0.2, seconds=1),
        receipts_doubled=Fault(probability=0.3),
        receipts_reordered=Fault(probability=0.3),
        receipts_lost=Fault(probability=0.6),
    )


def _clocks(rng: Random) -> list[WrongClock]:
    jump = rng.choice([3600.0, -3600.0])
    return [
        WrongClock(ahead=180),
        WrongClock(ahead=-3600),
        WrongClock(jump=jump, after=rng.uniform(1, 4)),
    ]


def _round(database: Database, folder: Path, rng: Random, figures: Counter[str]) -> list[str]:
    with sms_desk(database, _faults(), Random(rng.random())) as desk:  # noqa: S311
        desk.environment |= {"SEND_PACE": "30", "RECONCILE_AFTER": "3"}
        desk.carrier.list_lag = 1.5
        campaign_id = desk.run_campaign(desk.import_debtors(folder, RECIPIENTS))
        clocks = _clocks(rng)
        with desk.workers(WORKERS, clocks) as processes:
            for _ in range(KILLS):
                time.sleep(rng.uniform(0.1, 1.5))
                victim = rng.randrange(WORKERS)
                processes[victim].kill()
                processes[victim].join()
                processes[victim] = desk.start_worker(clock=clocks[victim])
                figures["kills"] += 1
            is_done = _wait_until_done(desk, campaign_id)
        return _judge(desk, campaign_id, is_done, figures)


def _wait_until_done(desk: SmsDesk, campaign_id: str) -> bool:
    ends = time.monotonic() + PATIENCE_SECONDS
    while desk.state(campaign_id) != "done":
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def _judge(desk: SmsDesk, campaign_id: str, is_done: bool, figures: Counter[str]) -> list[str]:
    states = desk.counts(campaign_id).states
    taken = desk.taken_by_carrier()
    lost = sum(taken[phone(number)] == 0 for number in range(RECIPIENTS))
    doubled = sum(many > 1 for many in taken.values())
    figures["messages"] += RECIPIENTS
    figures["requests to send"] += sum(each.method == "POST" for each in desk.carrier.requests)
    figures["lost"] += lost
    figures["doubled"] += doubled
    told = {state: many for state, many in states.items() if many}
    breaches = [f"{lost} got nothing ({told})"] if lost else []
    breaches += [f"{doubled} got more than one ({told})"] if doubled else []
    if not is_done:
        breaches.append(f"not done after {PATIENCE_SECONDS:.0f} seconds ({told})")
    if sum(states.values()) != RECIPIENTS:
        breaches.append(f"the counts do not add up ({told})")
    return breaches

"""Sending under faults: workers are killed, clocks are wrong and jump, the carrier does its worst.

Each round is a campaign with real worker processes and a real carrier over HTTP. What is promised:
everybody gets one message, and nobody two.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from threading import Event

import click

from benchmarks.soak.history import history, keeping
from benchmarks.soak.report import Row
from benchmarks.soak.tally import FAULTS, KILLS, Tally
from simulator.messages.faults import Fault, Faults, StatusFault, TimedFault
from tests.crash.dying_worker import WrongClock
from tests.support.carriers.running_desk import SmsDesk, phone, sms_desk
from tests.support.databases.database import Database

WHAT = """
Several desks at once, half of them on SQLite, half on PostgreSQL. Each round is a campaign of 60 at
30 messages a second, with three worker processes. One clock is three minutes fast, one an hour
slow, one jumps by an hour either way; twelve times, a tenth of a second to a second and a half
apart, a worker is killed with `kill -9`. The carrier's list lags by 1.5 of the 5 seconds of
`RECONCILE_AFTER`, it refuses for now, answers 500, cuts and hangs before and after it has taken a
message, and loses, doubles, delays and reorders receipts. A fault is counted when it strikes; of a
message whose receipts are lost nothing else about receipts counts. A round's choices follow from
the seed, the database and the round's number.

What no client of such an API can know: a request that was given up may lie in the carrier's own
queue, and one that it takes only after its list was asked, or so shortly before that the list does
not show it yet, comes twice. Therefore `RECONCILE_AFTER` is two minutes at least with a real
carrier; of whoever gets two messages, or none, the run prints the whole history.
"""
RECIPIENTS = 60
WORKERS = 3
KILLS_A_ROUND = 12
STRIKES = 4
"""How often each fault strikes in a round, at most once for one message."""
PATIENCE_SECONDS = 600.0
"""A machine that is busy with much else needs it; one that is not ends within a few."""

Databases = Callable[[], AbstractContextManager[Database]]
Desk = tuple[str, Databases]
"""A desk: the name of its kind of database, and what gives it an empty one each round."""


def run(desks: Sequence[Desk], tally: Tally, seed: int, after_round: Callable[[], None]) -> None:
    """Run rounds on every desk at once until the tally has enough; those begun are finished.

    ``after_round`` is called after each, one at a time or several at once. Raises what a round
    raises that is no breach.
    """
    with ThreadPoolExecutor(len(desks)) as pool:
        running = [pool.submit(_rounds, desk, tally, seed, after_round) for desk in desks]
        try:
            for each in running:
                _await(each, tally)
        finally:
            tally.stopping.set()


def _await(rounds: "Future[None]", tally: Tally) -> None:
    try:
        rounds.result()
    except (EOFError, OSError):
        # Who stops a whole group of processes stops also the one that starts the workers.
        if not tally.stopping.is_set():
            raise


def rows(tally: Tally) -> list[Row]:
    """The table so far, one row a database."""
    return [
        Row(kind, {"rounds": counts["rounds"], **_columns(counts)}, tally.breaches[kind])
        for kind, counts in sorted(tally.figures.items(), reverse=True)
    ]


def _columns(counts: Counter[str]) -> dict[str, int]:
    names = ("messages", "requests to send", *FAULTS)
    ends = ("messages lost", "messages doubled")
    faults = sum(counts[name] for name in FAULTS)
    return {name: counts[name] for name in names} | {
        "faults in all": faults,
        **{name: counts[name] for name in ends},
    }


def _rounds(desk: Desk, tally: Tally, seed: int, after_round: Callable[[], None]) -> None:
    kind, databases = desk
    while (number := tally.next_round(kind)) is not None:
        rng = Random(f"{seed} {kind} {number}")  # noqa: S311 - to be repeated
        figures: Counter[str] = Counter()
        with databases() as database, tempfile.TemporaryDirectory() as folder:
            broken = _round(database, Path(folder), rng, figures, tally.stopping)
        if broken is None:
            return
        tally.add(kind, figures, [f"round {number}: {each}" for each in broken])
        after_round()


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


def _round(
    database: Database, folder: Path, rng: Random, figures: Counter[str], stopping: Event
) -> list[str] | None:
    """One campaign; its breaches, or ``None`` where the run was stopped before it was over."""
    with (
        sms_desk(database, _faults(), Random(rng.random())) as desk,  # noqa: S311
        keeping(database.engine),
    ):
        # What the settings ask for: the list's lag, two seconds for dates in whole ones, and what a
        # carrier that shares the processors needs for a request that was given up.
        desk.environment |= {"SEND_PACE": "30", "RECONCILE_AFTER": "5", "CLAIM_LEASE": "2"}
        desk.carrier.list_lag = 1.5
        campaign_id = desk.run_campaign(desk.import_debtors(folder, RECIPIENTS))
        clocks = _clocks(rng)
        with desk.workers(WORKERS, clocks) as processes:
            for _ in range(KILLS_A_ROUND):
                if stopping.wait(rng.uniform(0.1, 1.5)):
                    return None
                victim = rng.randrange(WORKERS)
                processes[victim].kill()
                processes[victim].join()
                processes[victim] = desk.start_worker(clock=clocks[victim])
                figures[KILLS] += 1
            is_done = _wait_until_done(desk, campaign_id, stopping)
        return None if is_done is None else _judge(desk, campaign_id, is_done, figures)


def _wait_until_done(desk: SmsDesk, campaign_id: str, stopping: Event) -> bool | None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while desk.state(campaign_id) != "done":
        if time.monotonic() > ends:
            return False
        if stopping.wait(0.2):
            return None
    return True


def _tell(desk: SmsDesk, number: int, messages: int) -> None:
    """Print all that happened to one recipient, for whoever looks for the cause."""
    events = history(desk.database.engine, desk.carrier, phone(number))
    lines = [f"  {event.at} {event.what}" for event in events]
    click.echo("\n".join([f"recipient {number} got {messages}:", *lines]), err=True)


def _judge(desk: SmsDesk, campaign_id: str, is_done: bool, figures: Counter[str]) -> list[str]:
    states = desk.counts(campaign_id).states
    taken = desk.taken_by_carrier()
    people = [phone(number) for number in range(RECIPIENTS)]
    lost = sum(taken[each] == 0 for each in people)
    doubled = sum(taken[each] > 1 for each in people)
    for number, each in enumerate(people):
        if taken[each] != 1:
            _tell(desk, number, taken[each])
    figures["messages"] += RECIPIENTS
    figures["requests to send"] += sum(each.method == "POST" for each in desk.carrier.requests)
    figures["messages lost"] += lost
    figures["messages doubled"] += doubled
    struck = desk.carrier.struck.copy()
    for column, names in FAULTS.items():
        figures[column] += sum(struck[name] for name in names)
    told = {state: many for state, many in states.items() if many}
    breaches = [f"{lost} got nothing ({told})"] if lost else []
    breaches += [f"{doubled} got more than one ({told})"] if doubled else []
    if not is_done:
        breaches.append(f"not done after {PATIENCE_SECONDS:.0f} seconds ({told})")
    if sum(states.values()) != RECIPIENTS:
        breaches.append(f"the counts do not add up ({told})")
    return breaches

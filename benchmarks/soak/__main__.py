"""Every subject, one after the other: ``python -m benchmarks.soak``."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from threading import Event, Lock, Thread
from types import FrameType

import click

from backend.db.transactions import open_database
from benchmarks.soak import network, report, sending, several_hosts
from benchmarks.soak.budget import Budget
from benchmarks.soak.tally import Tally
from tests.support.databases.database import Database, PostgresServer, migrated, postgres_server

SENDING = "Sending"
HOSTS = "Several hosts"
SUBJECTS = {SENDING: 5.0, HOSTS: 1.0}
"""Each with its usual minutes."""
DESKS_A_PROCESSOR = 2
"""A desk waits most of the time: for the carrier's list, and between two kills."""
PROGRESS_SECONDS = 15.0
_MIGRATING = Lock()
"""Alembic keeps what it works on in variables of its modules: one desk at a time."""


@contextmanager
def _sqlite(empty: Path) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        file = shutil.copy(empty, Path(folder) / "records.db")
        engine = open_database(url := f"sqlite:///{file}")
        try:
            yield Database(url, engine)
        finally:
            engine.dispose()


@contextmanager
def _postgresql(server: PostgresServer) -> Iterator[Database]:
    with server.database() as url, ExitStack() as stack:
        with _MIGRATING:
            database = stack.enter_context(migrated(url))
        yield database


@contextmanager
def _desks(number: int) -> Iterator[list[sending.Desk]]:
    """So many desks, on SQLite and on PostgreSQL in turn; each has a server of its own there."""
    with ExitStack() as stack:
        empty = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "empty.db"
        with migrated(f"sqlite:///{empty}"):
            pass
        desks: list[sending.Desk] = []
        for place in range(number):
            if place % 2:
                server = stack.enter_context(postgres_server())
                desks.append(("PostgreSQL", partial(_postgresql, server)))
            else:
                desks.append(("SQLite", partial(_sqlite, empty)))
        yield desks


@contextmanager
def _stopped_by_signals(stopping: Event) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_sending(budget: Budget, seed: int, desks: int) -> bool:
    """Run it, keep the page up to date after each round, and tell how far it is."""
    tally = Tally(budget)
    began = time.monotonic()
    writing = Lock()
    over = Event()

    def write(end: str) -> bool:
        with writing:
            took = timedelta(seconds=time.monotonic() - began)
            return report.put(SENDING, sending.WHAT, sending.rows(tally), seed, took, end)

    def tell() -> None:
        while not over.wait(PROGRESS_SECONDS):
            click.echo(_progress(tally, time.monotonic() - began), err=True)

    cut_off = "The run was cut off before its end; these are the rounds that were over by then."
    telling = Thread(target=tell, daemon=True)
    telling.start()
    try:
        with _stopped_by_signals(tally.stopping), _desks(desks) as places:
            sending.run(places, tally, seed, partial(write, cut_off))
    finally:
        over.set()
        telling.join()
    click.echo(_progress(tally, time.monotonic() - began), err=True)
    if not tally.figures:
        raise click.ClickException("Stopped before the first round was over.")
    if budget.is_over(tally.faults):
        return write("")
    write(cut_off)
    raise click.ClickException(cut_off)


def _progress(tally: Tally, seconds: float) -> str:
    goal = f" of {tally.budget.faults:,}" if tally.budget.faults else ""
    rounds = sum(counts["rounds"] for counts in tally.figures.values())
    broken = sum(map(len, tally.breaches.values()))
    return (
        f"{seconds / 60:6.1f} min: {tally.faults:,}{goal} faults in {rounds} rounds, "
        f"{60 * tally.faults / seconds:.0f} a minute, {broken} promises broken"
    )


def _run_hosts(budget: Budget, seed: int) -> bool:
    if not network.is_possible():
        raise click.ClickException("Several hosts need Linux, root, and unshare, nsenter and ip.")
    began = time.monotonic()
    row = several_hosts.run(budget, Random(seed))  # noqa: S311 - to be repeated
    took = timedelta(seconds=time.monotonic() - began)
    return report.put(HOSTS, several_hosts.WHAT, [row], seed, took)


@click.command()
@click.option(
    "--minutes",
    type=click.FloatRange(0.1, 600),
    help="Of each subject; else 5 of sending, 1 of several hosts.",
)
@click.option(
    "--faults",
    type=click.IntRange(1),
    help="Of sending, on both databases together, so many faults instead of so many minutes.",
)
@click.option(
    "--desks",
    type=click.IntRange(2, 50),
    default=DESKS_A_PROCESSOR * (os.cpu_count() or 1),
    show_default=True,
    help="Of sending, how many send at once.",
)
@click.option("--seed", type=int, help="Repeat a run's choices; else a new one is drawn.")
@click.option("--only", type=click.Choice(list(SUBJECTS)), multiple=True, help="These alone.")
def main(
    minutes: float | None, faults: int | None, desks: int, seed: int | None, only: tuple[str, ...]
) -> None:
    """Run each subject and write docs/reliability.md.

    Ends with 1 when anything promised was broken. A run that is stopped (SIGTERM, or Ctrl-C) or
    killed has written what the rounds before came to.
    """
    seed = SystemRandom().randrange(1_000_000) if seed is None else seed
    runs: dict[str, Callable[[], bool]] = {
        SENDING: lambda: _run_sending(
            Budget(60 * (minutes or SUBJECTS[SENDING]), faults), seed, desks
        ),
        HOSTS: lambda: _run_hosts(Budget(60 * (minutes or SUBJECTS[HOSTS])), seed),
    }
    # In this order whatever the order of the options.
    chosen = [subject for subject in SUBJECTS if subject in (only or SUBJECTS)]
    results = [runs[subject]() for subject in chosen]
    held = all(results)
    click.echo(f"{report.PAGE}: {'no promise was broken' if held else 'PROMISES WERE BROKEN'}")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()

"""Every subject, one after the other: ``python -m benchmarks.soak``."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom

import click

from benchmarks.soak import network, report, sending, several_hosts
from benchmarks.soak.budget import Budget
from tests.support.database import Database, migrated, postgres_server


@contextmanager
def _sqlite() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated(f"sqlite:///{Path(folder) / 'records.db'}") as database,
    ):
        yield database


def _sending(minutes: float, faults: int | None, seed: int) -> list[report.Row]:
    with postgres_server() as server:

        @contextmanager
        def postgresql() -> Iterator[Database]:
            with server.database() as url, migrated(url) as database:
                yield database

        return [
            sending.run(kind, databases, Random(seed), Budget(minutes * 60, faults))  # noqa: S311
            for kind, databases in (("SQLite", _sqlite), ("PostgreSQL", postgresql))
        ]


def _hosts(minutes: float, faults: int | None, seed: int) -> list[report.Row]:
    if not network.is_possible():
        raise click.ClickException("Several hosts need Linux, root, and unshare, nsenter and ip.")
    return [several_hosts.run(Budget(minutes * 60, faults), Random(seed))]  # noqa: S311


Run = Callable[[float, int | None, int], list[report.Row]]

SUBJECTS: dict[str, tuple[str, float, Run]] = {
    "Sending": (sending.WHAT, 5.0, _sending),
    "Several hosts": (several_hosts.WHAT, 1.0, _hosts),
}
"""By the heading of its section: what a subject does, its usual minutes, and its run."""


@click.command()
@click.option(
    "--minutes",
    type=click.FloatRange(0.1, 600),
    help="Of each subject on each database; else 5 of sending, 1 of several hosts.",
)
@click.option("--faults", type=click.IntRange(1), help="So many faults each, however long.")
@click.option("--seed", type=int, help="Repeat a run's choices; else a new one is drawn.")
@click.option("--only", type=click.Choice(list(SUBJECTS)), multiple=True, help="These alone.")
def main(
    minutes: float | None, faults: int | None, seed: int | None, only: tuple[str, ...]
) -> None:
    """Run each subject and write docs/reliability.md.

    Ends with 1 when anything promised was broken.
    """
    seed = SystemRandom().randrange(1_000_000) if seed is None else seed
    held = True
    for subject in only or SUBJECTS:
        what, usual_minutes, run = SUBJECTS[subject]
        began = time.monotonic()
        rows = run(minutes or usual_minutes, faults, seed)
        took = timedelta(seconds=time.monotonic() - began)
        held = report.put(subject, what, rows, seed, took) and held
        for row in rows:
            click.echo(f"{subject} on {row.database}: {row.figures} {row.breaches or 'held'}")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()

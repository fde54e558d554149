"""Every subject on both databases, one after the other: ``python -m benchmarks.soak``."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random, SystemRandom

import click

from benchmarks.soak import report, sending
from tests.support.database import Database, PostgresServer, migrated, postgres_server

Run = Callable[[str, sending.Databases, Random, float], report.Row]

SUBJECTS: dict[str, tuple[str, Run]] = {"Sending": (sending.WHAT, sending.run)}
"""By the heading of its section: what a subject does, and its run on one kind of database."""


@contextmanager
def _sqlite() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated(f"sqlite:///{Path(folder) / 'records.db'}") as database,
    ):
        yield database


@contextmanager
def _on(server: PostgresServer) -> Iterator[Database]:
    with server.database() as url, migrated(url) as database:
        yield database


@click.command()
@click.option("--minutes", type=click.FloatRange(0.1, 600), default=5.0, show_default=True)
@click.option("--seed", type=int, help="Repeat a run's choices; else a new one is drawn.")
@click.option("--only", type=click.Choice(list(SUBJECTS)), multiple=True, help="These alone.")
def main(minutes: float, seed: int | None, only: tuple[str, ...]) -> None:
    """Run each subject for so many minutes on each database and write docs/reliability.md.

    Ends with 1 when anything promised was broken.
    """
    seed = SystemRandom().randrange(1_000_000) if seed is None else seed
    held = True
    with postgres_server() as server:
        for subject in only or SUBJECTS:
            what, run = SUBJECTS[subject]
            began = time.monotonic()
            rows = [
                run(kind, databases, Random(seed), minutes * 60)  # noqa: S311 - to be repeated
                for kind, databases in (("SQLite", _sqlite), ("PostgreSQL", partial(_on, server)))
            ]
            took = timedelta(seconds=time.monotonic() - began)
            held = report.put(subject, what, rows, seed, took) and held
            for row in rows:
                click.echo(f"{subject} on {row.database}: {row.figures} {row.breaches or 'held'}")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()

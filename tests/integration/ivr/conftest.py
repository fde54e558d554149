"""Services that several tests share, each time with the records as they were at first."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.calls.telephone import Clock, Exchange


class SharedExchanges:
    """One service for all calls that need the same settings, as one takes many calls in life.

    To start one for each call would take longer than the call.
    """

    def __init__(self, records: Path, folder: Path, stack: ExitStack) -> None:
        self._records = records
        self._folder = folder
        self._stack = stack
        self._running: dict[object, Exchange] = {}

    def at(self, local: str, *, time_passes: bool, settings: dict[str, Any]) -> Exchange:
        """A service at this time in Budapest, with the utility's records and nothing else."""
        key = repr((time_passes, sorted(settings.items())))
        file = self._folder / f"{len(self._running)}.db"
        if key not in self._running:
            shutil.copy(self._records, file)
            exchange = Exchange(
                f"sqlite:///{file}", Clock.at(local), settings=settings, time_passes=time_passes
            )
            self._running[key] = self._stack.enter_context(exchange)
            return exchange
        exchange = self._running[key]
        file = Path(exchange.database_url.removeprefix("sqlite:///"))
        with (
            closing(sqlite3.connect(self._records)) as first,
            closing(sqlite3.connect(file)) as now,
        ):
            first.backup(now)
        exchange.clock.set(local)
        exchange.far_end = "answered"
        return exchange


@pytest.fixture(scope="module")
def shared_exchanges(
    sqlite_utility: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedExchanges]:
    with ExitStack() as stack:
        yield SharedExchanges(sqlite_utility, tmp_path_factory.mktemp("shared"), stack)

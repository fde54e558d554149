"""A loss of power on SQLite: of the write-ahead log only what was flushed is still there."""

import os
import shutil
import sqlite3
from pathlib import Path
from threading import Event

import pytest

from backend.db import durability


class PowerSupply:
    """Watches what this process flushes of a database's log, and cuts the power.

    What the system has written of the rest by chance does not count. SQLite itself flushes when it
    moves the log into the database, which such short tests never make it do.
    """

    def __init__(self, database_url: str, patch: pytest.MonkeyPatch) -> None:
        self._file = Path(database_url.removeprefix("sqlite:///"))
        self._log = self._file.with_name(f"{self._file.name}-wal")
        self._flush = durability._flush_file
        self.flushes = 0
        self._flushed = Event()
        self._kept = 0
        patch.setattr(durability, "_flush_file", self._watched)

    def wait_for_flush(self) -> None:
        """Wait until this process has flushed for the first time."""
        assert self._flushed.wait(timeout=10)

    def cut(self, folder: Path) -> str:
        """The address of the database as it is found when the power has come back."""
        folder.mkdir()
        shutil.copy(self._file, folder)
        (folder / self._log.name).write_bytes(self._log.read_bytes()[: self._kept])
        found = folder / self._file.name
        with sqlite3.connect(found) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        return f"sqlite:///{found}"

    def _watched(self, descriptor: int) -> None:
        self._flush(descriptor)
        self.flushes += 1
        self._kept = os.fstat(descriptor).st_size
        self._flushed.set()

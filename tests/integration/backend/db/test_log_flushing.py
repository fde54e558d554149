"""SQLite's log is on the disk soon after a commit that nobody waits for, once for many."""

import os
import subprocess
import sys
import time
from queue import Queue
from threading import Thread

import pytest
from sqlalchemy import text

from backend.db import durability
from backend.db.sqlite import log_flushing
from backend.db.sqlite.log_flushing import LogFlushing
from backend.db.transactions import write
from common.errors import DatabaseUnreachableError
from settings import HERE
from tests.support.databases.database import Database
from tests.support.databases.log_files import no_thread

PATIENCE = 10

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Disk:
    """Notes each flush, which fails while it is ``broken``."""

    def __init__(self) -> None:
        self.is_broken = False
        self.asked: Queue[None] = Queue()

    def flush(self, descriptor: int) -> None:
        self.asked.put(None)
        if self.is_broken:
            raise OSError(5, os.strerror(5))
        os.fsync(descriptor)


@pytest.fixture
def disk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Disk:
    with write(database.engine, durable=False) as connection:
        connection.execute(text("CREATE TABLE something (it)"))
    disk = Disk()
    monkeypatch.setattr(durability, "_flush_file", disk.flush)
    monkeypatch.setattr(log_flushing, "SOON_SECONDS", 0.05)
    return disk


def test_all_that_was_committed_meanwhile_is_flushed_at_once(
    database: Database, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_flushing, "SOON_SECONDS", 0.5)
    flushing = LogFlushing(database.engine)
    for _ in range(50):
        flushing.soon()
    assert disk.asked.empty()
    disk.asked.get(timeout=PATIENCE)
    assert disk.asked.empty()


def test_what_is_committed_after_a_flush_is_flushed_as_well(database: Database, disk: Disk) -> None:
    flushing = LogFlushing(database.engine)
    for _ in range(2):
        flushing.soon()
        disk.asked.get(timeout=PATIENCE)


def test_after_a_flush_that_failed_everybody_waits_for_the_disk_until_it_works_again(
    database: Database, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    flushing = LogFlushing(database.engine)
    disk.is_broken = True
    flushing.soon()
    ends = time.monotonic() + PATIENCE
    while "the log is not flushed" not in caplog.text:
        assert time.monotonic() < ends
    with pytest.raises(DatabaseUnreachableError):
        flushing.soon()
    disk.is_broken = False
    disk.asked = Queue()
    flushing.soon()
    disk.asked.get_nowait()


def test_where_the_system_gives_no_more_threads_it_is_flushed_at_once(
    database: Database, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushing = LogFlushing(database.engine)
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", no_thread)
        flushing.soon()
        disk.asked.get_nowait()
    flushing.soon()
    disk.asked.get(timeout=PATIENCE)


COMMITS = """
import os, sys
from threading import Thread
from backend.db import durability
from backend.db.sqlite.log_flushing import LogFlushing
from backend.db.transactions import open_database
durability._flush_file = lambda _log: print("flushed")
engine = open_database(sys.argv[1])
engine.connect()
request = Thread(target=LogFlushing(engine).soon, daemon=True)
request.start()
request.join()
"""
"""As the service does: its requests' threads end with the process."""


def test_a_process_that_ends_flushes_before(database: Database) -> None:
    with write(database.engine, durable=False) as connection:
        connection.execute(text("CREATE TABLE something (it)"))
    command = [sys.executable, "-c", COMMITS, database.url]
    done = subprocess.run(command, check=True, timeout=30, cwd=HERE, capture_output=True, text=True)
    assert done.stdout == "flushed\n"

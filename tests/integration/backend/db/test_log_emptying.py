"""SQLite's log is emptied soon after something was erased, and nobody waits for it."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import event

from backend.db.sqlite import log_emptying
from backend.db.sqlite.log_emptying import LogEmptying
from backend.db.sqlite.writers_turn import WritersTurn
from settings import HERE
from tests.support.databases.database import Database
from tests.support.databases.log_files import becomes_empty, no_thread

REST = 0.05

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def writer(database: Database) -> Iterator[sqlite3.Connection]:
    file = str(database.engine.url.database)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE something (it)")
        yield writer


def log_of(database: Database) -> Path:
    return Path(f"{database.engine.url.database}-wal")


@pytest.mark.usefixtures("writer")
def test_all_that_was_erased_meanwhile_is_emptied_at_once(database: Database) -> None:
    loans: list[object] = []
    event.listen(database.engine, "checkout", lambda *_: loans.append(_))
    emptying = LogEmptying(database.engine, REST)
    for _ in range(50):
        emptying.soon()
    assert becomes_empty(log_of(database))
    assert len(loans) == len(["moved", "moved", "emptied"])


def test_it_is_tried_again_after_somebody_has_written(
    database: Database, writer: sqlite3.Connection
) -> None:
    tried: list[object] = []
    event.listen(database.engine, "checkin", lambda *_: tried.append(_))
    writer.execute("BEGIN IMMEDIATE")
    LogEmptying(database.engine, REST).soon()
    while not tried:
        assert log_of(database).stat().st_size
    writer.execute("ROLLBACK")
    assert becomes_empty(log_of(database))


@pytest.mark.usefixtures("writer")
def test_it_is_tried_again_after_a_writer_that_takes_long(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(log_emptying, "_RETRY_SECONDS", REST)
    tried = Event()
    event.listen(database.engine, "checkin", lambda *_: tried.set())
    # Another process's turn, as an import has it.
    turn = WritersTurn(str(database.engine.url.database), seconds=10)
    with turn:
        LogEmptying(database.engine, REST).soon()
        for _ in range(2):
            assert tried.wait(timeout=10)
            tried.clear()
        assert log_of(database).stat().st_size
    assert becomes_empty(log_of(database))
    assert not caplog.records


@pytest.mark.usefixtures("writer")
def test_where_the_system_gives_no_more_threads_the_next_one_has_it_emptied(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptying = LogEmptying(database.engine, REST)
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", no_thread)
        emptying.soon()
    emptying.soon()
    assert becomes_empty(log_of(database))


def test_an_engine_that_is_closed_has_nothing_to_empty_any_more(database: Database) -> None:
    emptying = LogEmptying(database.engine, rest_seconds=1000)
    emptying.soon()
    database.engine.dispose()
    # Or the test would end no sooner than that.
    assert emptying._due is None


ERASES = """
import sys
from threading import Thread
from backend.db.sqlite.log_emptying import LogEmptying
from backend.db.transactions import open_database
engine = open_database(sys.argv[1])
request = Thread(target=LogEmptying(engine, rest_seconds=1000).soon, daemon=True)
request.start()
request.join()
"""
"""As the service does: its requests' threads end with the process."""


@pytest.mark.usefixtures("writer")
def test_a_process_that_ends_empties_the_log_before(database: Database) -> None:
    assert log_of(database).stat().st_size
    subprocess.run([sys.executable, "-c", ERASES, database.url], check=True, timeout=30, cwd=HERE)
    assert log_of(database).stat().st_size == 0

"""Writers of several processes and threads take turns before they ask SQLite for its lock."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backend.db.deadline import answer_within
from backend.db.sqlite.writers_turn import SUFFIX, WritersTurn
from backend.db.transactions import open_database, write
from common.errors import DatabaseBusyError, DatabaseMissingError
from settings import HERE

PROCESSES, THREADS, WRITES = 3, 4, 25

WRITER = """
import sqlite3, sys, threading
from backend.db.sqlite.writers_turn import WritersTurn

file, threads, writes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
turn = WritersTurn(file, 60)

def write():
    # Whoever closes a file bars others from opening it for a moment; opening waits for that.
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    connection.execute("SELECT number FROM counter").fetchone()
    # From here on SQLite itself waits for nobody: one writer too many and this raises.
    connection.execute("PRAGMA busy_timeout = 0")
    for _ in range(writes):
        with turn:
            connection.execute("BEGIN IMMEDIATE")
            (number,) = connection.execute("SELECT number FROM counter").fetchone()
            connection.execute("UPDATE counter SET number = ?", [number + 1])
            connection.execute("COMMIT")
    connection.close()

writers = [threading.Thread(target=write) for _ in range(threads)]
for each in writers: each.start()
for each in writers: each.join()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "records.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE counter (number INTEGER NOT NULL)")
        connection.execute("INSERT INTO counter VALUES (0)")
    connection.close()
    return file


def test_no_writer_of_any_process_or_thread_ever_finds_the_file_locked(file: Path) -> None:
    # Kept open: whoever opens a file first or closes it last works on its log.
    kept = sqlite3.connect(file)
    kept.execute("SELECT number FROM counter").fetchone()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), str(THREADS), str(WRITES)], cwd=HERE
        )
        for _ in range(PROCESSES)
    ]
    for each in writers:
        each.wait()
    assert kept.execute("SELECT number FROM counter").fetchone() == (PROCESSES * THREADS * WRITES,)
    kept.close()


def test_a_writer_waits_no_longer_than_its_budget_and_keeps_nobody_from_the_turn(
    file: Path,
) -> None:
    ours, theirs = WritersTurn(str(file), 10), WritersTurn(str(file), 10)
    with theirs, answer_within(0.02), pytest.raises(DatabaseBusyError), ours:
        pass
    with ours, answer_within(0.02), pytest.raises(DatabaseBusyError), theirs:
        pass
    with theirs:
        pass


def test_threads_of_one_process_wait_for_each_other_within_their_budget(file: Path) -> None:
    turn = WritersTurn(str(file), 10)
    refused: list[DatabaseBusyError] = []

    def wait() -> None:
        try:
            with answer_within(0.02), turn:
                pass
        except DatabaseBusyError as error:
            refused.append(error)

    with turn:
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join()
    assert len(refused) == 1
    with turn:
        pass


def test_a_turn_that_is_given_up_in_an_error_is_free(file: Path) -> None:
    ours, theirs = WritersTurn(str(file), 10), WritersTurn(str(file), 0.02)
    with pytest.raises(LookupError), ours:
        raise LookupError
    with theirs:
        pass


def test_where_the_locks_file_cannot_be_the_databases_own_lock_has_to_do(file: Path) -> None:
    Path(f"{file}{SUFFIX}").mkdir()
    engine = open_database(f"sqlite:///{file}")
    with write(engine) as connection:
        connection.exec_driver_sql("UPDATE counter SET number = 7")
    engine.dispose()


def test_the_locks_file_is_for_the_databases_owner_only_and_made_for_a_database_only(
    file: Path, tmp_path: Path
) -> None:
    with WritersTurn(str(file), 1):
        made = Path(f"{file}{SUFFIX}").stat()
    assert (made.st_mode & 0o777, made.st_uid) == (0o600, file.stat().st_uid)
    engine = open_database(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(DatabaseMissingError), write(engine):
        pass
    assert not (tmp_path / f"none.db{SUFFIX}").exists()


def test_a_turn_that_nobody_holds_any_more_leaves_no_open_file(file: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    turn = WritersTurn(str(file), 1)
    with turn:
        pass
    del turn
    assert len(os.listdir("/dev/fd")) == before

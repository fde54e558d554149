"""The log is moved to the database beside the calls, and does not grow for ever."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from backend.db.sqlite import checkpoints, sqlite_engine
from backend.db.sqlite.checkpoints import checkpoint, empty_in_turn
from backend.db.sqlite.sqlite_engine import PAGE_BYTES, move_log
from backend.db.transactions import read, write
from tests.support.databases.database import Database

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def log_of(engine: Engine) -> Path:
    return Path(f"{engine.url.database}-wal")


@pytest.fixture
def engine(database: Database) -> Engine:
    with write(database.engine) as connection:
        connection.execute(text("CREATE TABLE something (it)"))
        connection.execute(text("INSERT INTO something VALUES ('written')"))
    return database.engine


@on_sqlite
def test_the_log_is_moved_and_kept_while_it_is_short(engine: Engine) -> None:
    checkpoint(engine)
    assert b"written" in Path(str(engine.url.database)).read_bytes()
    assert log_of(engine).stat().st_size > 0


@on_sqlite
def test_a_log_that_has_grown_long_begins_anew_as_soon_as_nobody_reads_from_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_LONG_PAGES", 1)
    size = log_of(engine).stat().st_size
    with read(engine) as reader:
        reader.execute(text("SELECT * FROM something")).all()
        insert(engine)
        checkpoint(engine)
        insert(engine)
        assert log_of(engine).stat().st_size > size
    size = log_of(engine).stat().st_size
    checkpoint(engine)
    insert(engine)
    assert log_of(engine).stat().st_size == size
    assert move_log(engine) < size // PAGE_BYTES // 2


@on_sqlite
def test_a_log_that_one_transaction_has_made_too_long_is_cut_when_it_begins_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_engine, "LOG_PAGES", 4)
    engine.dispose()
    with write(engine) as connection:
        connection.execute(text("INSERT INTO something VALUES (randomblob(100000))"))
    insert(engine)
    insert(engine)
    assert log_of(engine).stat().st_size < 6 * PAGE_BYTES


@on_sqlite
def test_what_a_process_that_was_killed_has_left_is_emptied_at_the_start(engine: Engine) -> None:
    assert empty_in_turn(engine)
    assert log_of(engine).stat().st_size == 0


def insert(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(text("INSERT INTO something VALUES ('written')"))

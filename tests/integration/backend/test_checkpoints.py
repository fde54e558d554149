"""The log is moved to the database beside the calls, and does not grow for ever."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from backend.db.sqlite import checkpoints
from backend.db.sqlite.checkpoints import checkpoint
from backend.db.transactions import read, write
from tests.support.database import Database

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
def test_a_log_that_has_grown_long_is_emptied_as_soon_as_nobody_reads_from_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "LOG_PAGES", 4)
    with read(engine) as reader:
        reader.execute(text("SELECT * FROM something")).all()
        checkpoint(engine)
        assert log_of(engine).stat().st_size > 0
    checkpoint(engine)
    assert log_of(engine).stat().st_size == 0

"""The files of SQLite: private, made only when asked for, and without what was erased."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import event, text

from backend.calls.call_ends import LATE_ANSWER
from backend.db.move import count_rows
from backend.db.schema import newest, require_newest, upgrade
from backend.db.sqlite.log_emptying import LogEmptying
from backend.db.sqlite.sqlite_engine import empty_log
from backend.db.transactions import open_database, write
from cli import commands
from common.errors import DatabaseMissingError, DiskFullError, NotMigratedError
from ivr import call_endings
from messages.delivery.task_queue import open_engine
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database, migrated
from tests.support.databases.log_files import becomes_empty
from tests.support.databases.records import budapest

pytestmark = pytest.mark.both_databases

NOW = budapest("2026-11-20T10:00")
SITE, PIN = "20293811", "210"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


@pytest.mark.usefixtures("open_umask")
def test_the_files_and_the_folder_that_we_make_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with migrated(f"sqlite:///{folder}/records.db") as database:
        open_engine(database.url, None)
        names = {path.name: rights(path) for path in folder.iterdir()}
    assert rights(folder) == "0o700"
    assert {"records.db", "records.db-wal", "records.db-shm", "records-engine.db"} <= set(names)
    assert set(names.values()) == {"0o600"}


@pytest.mark.usefixtures("open_umask")
def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    upgrade(f"sqlite:///{tmp_path}/records.db")
    assert rights(tmp_path) == "0o750"


@on_sqlite
def test_what_was_typed_is_in_no_file_once_the_call_has_ended(
    utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_endings, "LogEmptying", partial(LogEmptying, rest_seconds=0.05))
    file = Path(str(utility.engine.url.database))
    reading = "41539"

    def everything() -> bytes:
        return b"".join(path.read_bytes() for path in file.parent.glob("records.db*"))

    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for keys in ["5", "1", SITE, "48213377#", f"{reading}#"]:
            call.type(keys)
        assert f'"{reading}"'.encode() in everything()
        call.hang_up()
        # At a question the answer may be on its way still; the next call's end comes later.
        exchange.clock.now += LATE_ANSWER + timedelta(seconds=1)
        exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER).hang_up()
        assert becomes_empty(file.with_name("records.db-wal"))
        assert f'"{reading}"'.encode() not in everything()


@on_sqlite
def test_the_log_is_left_to_the_next_time_while_somebody_writes(database: Database) -> None:
    with write(database.engine) as connection:
        connection.execute(text("CREATE TABLE something (it)"))
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not empty_log(database.engine)
    other.execute("ROLLBACK")
    other.close()
    assert empty_log(database.engine)


@pytest.mark.parametrize(
    "command",
    ["requests", "stats --since 2026-11-01", "task list", "stop add 06301234567", "import .", ""],
)
def test_a_command_in_the_wrong_folder_says_where_it_looked_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    words = (command or "user add anna --role admin").split()
    if words[0] == "stop":
        words += ["--reason", "opted_out", "--by", "anna"]
    if words[0] == "import":
        (tmp_path / "customers.csv").write_text("customer_id\n")
    said = CliRunner().invoke(commands, words)
    assert said.exit_code != 0
    assert f'There is no database at "{tmp_path}/var/zoldszam.db"' in str(said.output)
    assert "neither DATABASE_URL nor --database names another" in str(said.output)
    assert not (tmp_path / "var").exists()


def test_a_database_that_is_named_and_missing_is_told_by_its_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_database("sqlite:///elsewhere/records.db")
    with pytest.raises(DatabaseMissingError) as caught:
        require_newest(engine)
    assert str(caught.value) == (
        f'There is no database at "{tmp_path}/elsewhere/records.db", which DATABASE_URL or '
        "--database names. Change to the right folder, name the right one, or make this one: "
        "zoldszam db upgrade"
    )


def test_a_database_that_is_newer_than_the_program_is_told_as_such(database: Database) -> None:
    def upgraded_to(revision: str | None) -> None:
        with write(database.engine) as connection:
            new = text("UPDATE alembic_version SET version_num = :revision, works_from = :oldest")
            connection.execute(new, {"revision": revision, "oldest": oldest})

    oldest: str | None = "9999"
    try:
        upgraded_to("9999")
        for use in (require_newest, upgrade):
            with pytest.raises(NotMigratedError, match=r"newer than this program.* 9999") as caught:
                use(database.engine)
            assert "db upgrade" not in str(caught.value)
        upgraded_to("0001")
        with pytest.raises(NotMigratedError, match="zoldszam db upgrade"):
            require_newest(database.engine)
        # A program of this age still works with it.
        oldest = newest()
        upgraded_to("9999")
        for use in (require_newest, upgrade):
            use(database.engine)
        with pytest.raises(NotMigratedError, match="newer than this program"):
            count_rows(database.engine)
    finally:
        oldest = "0026"
        upgraded_to(newest())


@on_sqlite
def test_a_full_disk_is_told_as_a_full_disk_by_whatever_writes(
    utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fill(connection: sqlite3.Connection, *_: object) -> None:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(utility.engine, "connect", fill)
    utility.engine.dispose()
    with (
        pytest.raises(DiskFullError, match="The disk of the database is full"),
        write(utility.engine) as connection,
    ):
        connection.execute(text("CREATE TABLE something AS SELECT zeroblob(1000000)"))
    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        event.listen(exchange.app.extensions["engine"], "connect", fill)
        heard = ""
        for _ in range(40):
            heard = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER).last_heard
            if "Rendszerünk átmenetileg" in heard:
                break
    assert "Rendszerünk átmenetileg" in heard
    assert "The disk of the database is full" in caplog.text

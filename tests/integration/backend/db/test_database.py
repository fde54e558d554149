"""What both databases promise: whole transactions, aware times, addresses in any usual form."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from backend.db.kept_connections import single_statements, transaction_on
from backend.db.schema import upgrade
from backend.db.tables.records import calls, sites
from backend.db.transactions import open_database, read, write
from common.errors import ConfigurationError, ConnectionLostError, DatabaseUnreachableError
from tests.support.databases.database import Database

pytestmark = pytest.mark.both_databases

CALL = {"call_sid": "CA1", "reference": "12345678", "tree_hash": "t"}


def begin(database: Database, began_at: datetime) -> None:
    with write(database.engine) as connection:
        connection.execute(insert(calls), {**CALL, "began_at": began_at})


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    given = datetime(2026, 11, 21, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=5)))
    begin(database, given)
    with read(database.engine) as connection:
        stored = connection.execute(select(calls.c.began_at)).scalar_one()
        since = select(calls.c.call_sid).where(calls.c.began_at >= given)
        later = select(calls.c.call_sid).where(calls.c.began_at > given)
        assert connection.execute(since).scalars().all() == ["CA1"]
        assert connection.execute(later).scalars().all() == []
    assert stored == given
    assert stored.isoformat() == "2026-11-20T20:30:00.000005+00:00"


def test_a_naive_moment_never_reaches_the_database(database: Database) -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001 - that is what is refused
    with pytest.raises(StatementError, match="has no time zone; store aware moments only"):
        begin(database, naive)


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError), write(database.engine) as connection:  # noqa: PT012
        connection.execute(insert(calls), {**CALL, "began_at": datetime.now(UTC)})
        raise RuntimeError
    with read(database.engine) as connection:
        assert connection.execute(select(calls)).all() == []


def test_a_reader_sees_nothing_of_an_unfinished_writer_and_does_not_wait(
    database: Database,
) -> None:
    with write(database.engine) as writer:
        writer.execute(insert(calls), {**CALL, "began_at": datetime.now(UTC)})
        with read(database.engine) as reader:
            assert reader.execute(select(calls)).all() == []
    with read(database.engine) as reader:
        assert len(reader.execute(select(calls)).all()) == 1


def test_references_are_kept_by_the_database(database: Database) -> None:
    lost = {
        "site_id": "20293811",
        "customer_id": "nobody",
        "service": "electricity",
        "address": "",
        "billing": "partial",
        "partial_billing": "active",
    }
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), write(database.engine) as connection:
        connection.execute(insert(sites), lost)


@contextmanager
def webhook_of(engine: Engine) -> Iterator[Connection]:
    with single_statements(engine) as connection, transaction_on(engine, connection):
        yield connection


@pytest.mark.parametrize("begin_transaction", [webhook_of, write])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_that_was_left_open_too_long_tells_that_the_connection_is_lost(
    database: Database, begin_transaction: Callable[[Engine], AbstractContextManager[Connection]]
) -> None:
    """As when its process was stopped for a while."""
    there = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    limit = text("SET LOCAL idle_in_transaction_session_timeout = '10ms'")
    with pytest.raises(ConnectionLostError), begin_transaction(database.engine) as connection:  # noqa: PT012
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        connection.execute(limit)
        while True:
            with read(database.engine) as other:
                if not other.scalar(there, {"pid": pid}):
                    break
        connection.execute(select(calls))
    begin(database, datetime.now(UTC))


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/a/b/records.db")
    assert (tmp_path / "a" / "b" / "records.db").is_file()


def test_a_writer_in_another_process_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.db.sqlite.sqlite_engine.BUSY_SECONDS", 0.1)
    path = tmp_path / "records.db"
    upgrade(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine = open_database(f"sqlite:///{path}")
    try:
        with pytest.raises(DatabaseUnreachableError, match="database is locked"), write(engine):
            pass
        with read(engine) as connection:
            assert connection.execute(select(calls)).all() == []
        other.execute("ROLLBACK")
        with write(engine):
            pass
    finally:
        other.close()
        engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_postgresql_address_leads_to_psycopg(scheme: str) -> None:
    engine = open_database(f"{scheme}://user:secret@host/name")
    assert engine.dialect.driver == "psycopg"
    assert engine.url.password == "secret"


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "nonsense", "", "sqlite://", "sqlite:///:memory:"]
)
def test_any_other_address_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL .* (Write|or) "):
        open_database(url)

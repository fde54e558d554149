"""Storing a campaign: all of it or nothing, nobody held up before, memory that does not grow."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select, text

from backend.db.tables.messages import exclusions, outbox
from backend.db.transactions import open_database, read, write
from backend.records.suppression.stops import add_stop
from common.errors import ConnectionLostError, RecordsError
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import DebtRegister
from tests.support.databases.database import Database, PostgresServer
from tests.support.databases.recipients import (
    MESSAGE,
    NOW,
    POLICY,
    add_customers,
    add_debts,
    debt,
    mobile,
    outcome,
    stored_rows,
    write_campaign,
)
from tests.support.runs.examples import all_asked_for

PROJECT = Path(__file__).parents[3]


def many_debts(database: Database, first: int, last: int, padding: str = "") -> None:
    """One debt a customer; every third number is a landline, in no order."""
    numbers = range(first, last)
    add_customers(database, [f"C-{number}" for number in numbers])
    add_debts(
        database,
        [
            debt(
                f"K-{number}{padding}",
                f"C-{number}",
                f"+3612{number:06d}" if number % 3 == 0 else mobile(number * 7_919 % 10_000_000),
            )
            for number in numbers
        ],
    )


@pytest.mark.both_databases
def test_the_campaign_comes_with_all_its_rows_and_their_columns(database: Database) -> None:
    many_debts(database, 1, 7)
    told: list[tuple[str, int, int]] = []
    register = DebtRegister()
    with selected(
        database.engine, register, POLICY, NOW, lambda *step: told.append(step)
    ) as selection:
        campaign_id = selection.store(write_campaign)
    with read(database.engine) as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.number)).mappings().all()
        left_out = connection.execute(select(exclusions).order_by(exclusions.c.line)).all()
    assert {row["campaign_id"] for row in rows} == {campaign_id}
    assert {(row["state"], row["attempt"], row["attempted_at"]) for row in rows} == {
        ("queued", 0, None)
    }
    assert sorted((row["line"], row["case_id"], row["customer_id"]) for row in rows) == [
        (number, f"K-{number}", f"C-{number}") for number in (1, 2, 4, 5)
    ]
    assert all(one["phone"] < next_one["phone"] for one, next_one in pairwise(rows))
    assert left_out == [
        (campaign_id, 3, "K-3", "landline"),
        (campaign_id, 6, "K-6", "landline"),
    ]
    assert told[-3:] == [("storing", 0, 2), ("storing", 1, 2), ("storing", 2, 2)]


@pytest.mark.both_databases
def test_nobody_waits_while_recipients_are_chosen(database: Database) -> None:
    many_debts(database, 1, 5)
    with selected(database.engine, DebtRegister(), POLICY, NOW) as selection:
        with write(database.engine) as connection:
            add_stop(connection, mobile(1), "opted_out", "sms", NOW)
        assert selection.reminded_with(MESSAGE, NOW) == 0
        with write(database.engine) as connection:
            add_stop(connection, mobile(2), "opted_out", "sms", NOW)
        selection.store(write_campaign)


def test_a_selection_that_nobody_stores_leaves_nothing(database: Database) -> None:
    many_debts(database, 1, 5)
    with selected(database.engine, DebtRegister(), POLICY, NOW) as selection:
        assert selection.recipients == 3
    assert stored_rows(database) == 0
    assert (selection.rows, selection.recipients) == (4, 3)


@pytest.mark.both_databases
def test_two_selections_side_by_side_do_not_meet(database: Database) -> None:
    many_debts(database, 1, 5)
    with (
        selected(database.engine, DebtRegister(), POLICY, NOW) as one,
        selected(database.engine, DebtRegister(), POLICY, NOW, kind="service") as other,
    ):
        first, second = one.store(write_campaign), other.store(write_campaign)
    assert outcome(database, first) == outcome(database, second)


def test_what_breaks_while_the_campaign_is_written_leaves_nothing(database: Database) -> None:
    many_debts(database, 1, 5)

    def fail(connection: Connection) -> str:
        write_campaign(connection)
        raise RecordsError("Not so.")

    with selected(database.engine, DebtRegister(), POLICY, NOW) as selection:
        with pytest.raises(RecordsError, match="Not so"):
            selection.store(fail)
        assert stored_rows(database) == 0
        campaign_id = selection.store(write_campaign)
    assert len(outcome(database, campaign_id)) == 4


@contextmanager
def little_room(database: Database) -> Iterator[Engine]:
    """An engine on a store that has room for the campaign, but not for its outbox."""
    engine = open_database(database.url)
    if database.kind == "sqlite":

        @event.listens_for(engine, "connect")
        def _limit(connection: sqlite3.Connection, _entry: object) -> None:
            [pages] = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 8}")

    else:
        full = "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'"
        with write(engine) as connection:
            connection.execute(
                text(
                    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN IF NEW.number > 700 THEN {full}; END IF; RETURN NEW; END $$"
                )
            )
            connection.execute(
                text(
                    "CREATE TRIGGER full_disk BEFORE INSERT ON outbox "
                    "FOR EACH ROW EXECUTE FUNCTION full_disk()"
                )
            )
    try:
        yield engine
    finally:
        if database.kind == "postgresql":
            with write(engine) as connection:
                connection.execute(text("DROP TRIGGER full_disk ON outbox"))
                connection.execute(text("DROP FUNCTION full_disk()"))
        engine.dispose()


@pytest.mark.both_databases
def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(database: Database) -> None:
    many_debts(database, 1, 3000)
    with (
        little_room(database) as engine,
        selected(engine, DebtRegister(), POLICY, NOW) as selection,
    ):
        with pytest.raises(RecordsError) as caught:
            selection.store(write_campaign)
        assert str(caught.value) == (
            "The disk of the database is full. Free some space and try again. Nothing was stored."
        )
        assert stored_rows(database) == 0
    # With space again the same selection can be stored.
    with selected(database.engine, DebtRegister(), POLICY, NOW) as selection:
        selection.store(write_campaign)
    assert stored_rows(database) == 3000


def test_no_room_for_the_temporary_tables_is_told_too(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "records.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    many_debts(Database(str(engine.url), engine), 1, 3000)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _limit(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("PRAGMA temp.max_page_count = 40")

    with (
        pytest.raises(RecordsError, match="The disk of the database is full"),
        selected(engine, DebtRegister(), POLICY, NOW),
    ):
        pass
    engine.dispose()


END_ALL_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def test_a_server_that_goes_away_is_told(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        database = Database(url, open_database(url))
        many_debts(database, 1, 5)
        with selected(database.engine, DebtRegister(), POLICY, NOW) as selection:
            with write(database.engine) as connection:
                connection.execute(text(END_ALL_OTHERS))
            with pytest.raises(ConnectionLostError, match="closed the connection"):
                selection.store(write_campaign)
        database.engine.dispose()
        assert stored_rows(database) == 0
        database.engine.dispose()


MEASURE = """
import sys
from backend.db.transactions import open_database
from messages.campaigns.recipients import temp_tables
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import DebtRegister, RecipientsFile
from tests.support.databases.recipients import NOW, POLICY, Path, write_campaign

temp_tables.CACHE_KIB = 1024  # What the caches may take is constant, and more than these few rows.
url, *files = sys.argv[1:]
engine = open_database(url)
for file in files:
    with selected(engine, RecipientsFile(Path(file)), POLICY, NOW) as selection:
        selection.store(write_campaign)
    status = Path("/proc/self/status").read_text()
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    print(peak, selection.rows)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no peak memory to be read")
@pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"] if all_asked_for() else ["sqlite"], indirect=True
)
def test_memory_does_not_grow_with_the_rows(database: Database, tmp_path: Path) -> None:
    """Neither of recipients nor of the others: long case ids would show it soon."""
    rows, long = 6_000, "-" * 2_000
    many_debts(database, 1, rows + 1, long)
    files = []
    for count in (2_000, rows):
        lines = (f"K-{number}{long};" for number in range(1, count + 1))
        files.append(tmp_path / f"{count}.csv")
        files[-1].write_text("\n".join(["case_id;phone", *lines]), encoding="utf-8")
    command = [sys.executable, "-c", MEASURE, database.url, *map(str, files)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    (few, _), (many, counted) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert counted == rows
    assert many - few < 6_000, "KiB more, where the rows that came on top are 8,000"

"""The schema: migrations make exactly the tables that the program works with, on both databases."""

from collections.abc import Mapping
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ClauseElement, Connection, inspect, select, text
from sqlalchemy.dialects import sqlite

from backend.db import migrations
from backend.db.schema import newest, require_newest, upgrade
from backend.db.tables.messages import inbound_messages, outbox, users
from backend.db.tables.notices import notices
from backend.db.tables.records import CONDITION, create_index
from backend.db.transactions import open_database, read, write
from common.errors import NotMigratedError
from tests.support.databases.database import Database

BOTH = pytest.mark.both_databases


@BOTH
def test_the_migrations_make_the_tables_of_the_program(database: Database) -> None:
    with read(database.engine) as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": _is_ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, notices.metadata) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_partial_indexes_are_of_the_rows_that_the_tables_name(database: Database) -> None:
    """Alembic compares columns only; PostgreSQL tells conditions in words of its own."""
    declared = {
        index.name: _text(index.info.get(CONDITION))
        for table in notices.metadata.tables.values()
        for index in table.indexes
    }
    with read(database.engine) as connection:
        found = {
            index["name"]: _text(index["dialect_options"].get("sqlite_where"))
            for table in notices.metadata.tables
            for index in inspect(connection).get_indexes(table)
        }
    assert found == declared
    assert any(declared.values())


@BOTH
def test_an_index_that_is_made_again_is_of_the_same_rows(database: Database) -> None:
    with write(database.engine) as connection:
        before = _indexes(connection)
        for table in notices.metadata.tables.values():
            for index in table.indexes:
                index.drop(connection)
                create_index(connection, index)
        assert _indexes(connection) == before


def _indexes(connection: Connection) -> set[tuple[str | None, str, str | None]]:
    """Their names, columns and conditions."""
    kind, found = connection.dialect.name, inspect(connection)
    return {
        (index["name"], str(index["column_names"]), _shown(index["dialect_options"], kind))
        for table in notices.metadata.tables
        for index in found.get_indexes(table)
    }


def _shown(options: Mapping[str, object], kind: str) -> str | None:
    condition = options.get(f"{kind}_where")
    return None if condition is None else str(condition)


def _text(condition: ClauseElement | None) -> str | None:
    if condition is None:
        return None
    as_in_an_index = {"include_table": False, "literal_binds": True}
    return str(condition.compile(dialect=sqlite.dialect(), compile_kwargs=as_in_an_index))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what workers' engine keeps in the same PostgreSQL database."""
    return kind != "table" or not (name or "").startswith("huey_")


@BOTH
def test_an_empty_database_is_refused_until_it_is_migrated(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    try:
        with pytest.raises(NotMigratedError, match="Run: zoldszam db upgrade"):
            require_newest(engine)
        upgrade(engine)
        require_newest(engine)
    finally:
        engine.dispose()


def test_the_newest_revision_is_that_of_the_last_file() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]


@BOTH
def test_two_upgrades_at_the_same_time_both_end_well(empty_database_url: str) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            upgrade(empty_database_url)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    engine = open_database(empty_database_url)
    require_newest(engine)
    engine.dispose()


def upgrade_to(connection: Connection, revision: str) -> None:
    """Bring the schema to an older revision than the newest."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def test_replies_stay_when_a_reply_may_be_a_topic(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    with write(engine) as connection:
        upgrade_to(connection, "0003")
        connection.execute(
            text(
                "INSERT INTO inbound_messages VALUES "
                "('SM1', '2026-11-23 09:00:00', '+36301234567', 'Jó napot!', 'other', false)"
            )
        )
    upgrade(engine)
    with write(engine) as connection:
        row = connection.execute(select(inbound_messages)).one()
        assert tuple(row)[2:7] == ("+36301234567", "Jó napot!", "other", False, 0)
        topic = row._asdict() | {"message_sid": "SM2", "meaning": "topic"}
        connection.execute(inbound_messages.insert().values(topic))
    engine.dispose()


_WAITING = """
INSERT INTO customers VALUES ('C1', 'Minta', '', NULL, NULL, 'hu', false, NULL, false);
INSERT INTO debts VALUES ('D1', 'C1', '+36301111111', 'open', '2026-01-15');
INSERT INTO debts VALUES ('D2', 'C1', NULL, 'open', '2026-01-15');
INSERT INTO campaigns (campaign_id, name, kind, template, template_version, message, segments,
    state, source, source_rows, recipients, created_at, created_by)
VALUES ('FILE', 'x', 'debt', 't', 1, 'x', 1, 'running', 'cases.csv', 3, 3,
    '2026-11-23 09:00:00', 'anna');
INSERT INTO campaigns (campaign_id, name, kind, template, template_version, message, segments,
    state, source, source_rows, recipients, created_at, created_by)
VALUES ('REGISTER', 'x', 'debt', 't', 1, 'x', 1, 'running', 'debt register', 1, 1,
    '2026-11-23 09:00:00', 'anna');
INSERT INTO outbox (campaign_id, line, case_id, customer_id, phone, state) VALUES
    ('FILE', 2, 'D1', 'C1', '+36301111111', 'queued'),
    ('FILE', 3, 'D2', 'C1', '+36302222222', 'queued'),
    ('FILE', 4, 'D1', 'C1', '+36303333333', 'delivered'),
    ('REGISTER', 1, 'D2', 'C1', '+36302222222', 'claimed')
"""


@BOTH
def test_messages_that_wait_are_told_whether_their_number_is_the_cases_own(
    empty_database_url: str,
) -> None:
    engine = open_database(empty_database_url)
    with write(engine) as connection:
        upgrade_to(connection, "0006")
        for statement in _WAITING.split(";"):
            connection.execute(text(statement))
    upgrade(engine)
    with read(engine) as connection:
        rows = connection.execute(select(outbox.c.phone_is_of_case).order_by(outbox.c.number))
        assert list(rows.scalars()) == [True, False, False, True]
    engine.dispose()


def test_users_who_were_deleted_before_are_disabled_and_keep_their_names(
    empty_database_url: str,
) -> None:
    engine = open_database(empty_database_url)
    acts = [
        ("add", "anna", "sender"), ("add", "bela", "approver"), ("remove", "anna", None),
        ("remove", "bela", None), ("add", "Bela", "admin"), ("add", "cili", "viewer"),
        ("add", "Anna", "approver"), ("remove", "Anna", None),
    ]  # fmt: skip
    with write(engine) as connection:
        upgrade_to(connection, "0006")
        for name, role in (("Bela", "admin"), ("cili", "viewer")):
            connection.execute(
                text(
                    "INSERT INTO users (name, role, password_hash, password_is_one_time, "
                    "created_at) VALUES (:name, :role, 'x', false, '2026-11-23 09:00:00')"
                ),
                {"name": name, "role": role},
            )
        for minute, (act, name, role) in enumerate(acts, 10):
            connection.execute(
                text(
                    'INSERT INTO acts (at, "by", act, subject, detail) '
                    "VALUES (:at, 'command line', :act, :name, :role)"
                ),
                {"at": f"2026-11-23 09:{minute}:00", "act": f"user {act}", "name": name}
                | {"role": role},
            )
    upgrade(engine)
    with read(engine) as connection:
        found = {row.name: row for row in connection.execute(select(users))}
    assert set(found) == {"Anna", "Bela", "cili"}
    assert (found["Bela"].disabled_at, found["cili"].disabled_at) == (None, None)
    assert found["Anna"].role == "approver"
    assert found["Anna"].disabled_at.minute == 17
    engine.dispose()

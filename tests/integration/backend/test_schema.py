"""The schema: migrations make exactly the tables that the program works with, on both databases."""

from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from backend import migrations
from backend.database import open_database, read, write
from backend.errors import NotMigratedError
from backend.message_tables import inbound_messages  # its tables belong to the schema
from backend.notice_tables import notices
from backend.schema import require_newest, upgrade
from tests.database import Database


def test_the_migrations_make_the_tables_of_the_program(database: Database) -> None:
    with read(database.engine) as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": _is_ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, notices.metadata) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what workers' engine keeps in the same PostgreSQL database."""
    return kind != "table" or not (name or "").startswith("huey_")


def test_an_empty_database_is_refused_until_it_is_migrated(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    try:
        with pytest.raises(NotMigratedError, match="Run: zoldszam db upgrade"):
            require_newest(engine)
        upgrade(engine)
        require_newest(engine)
    finally:
        engine.dispose()


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


def test_replies_stay_when_a_reply_may_be_a_topic(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            text(
                "INSERT INTO inbound_messages VALUES "
                "('SM1', '2026-11-23 09:00:00', '+36301234567', 'Jó napot!', 'other', false)"
            )
        )
    upgrade(engine)
    with write(engine) as connection:
        row = connection.execute(select(inbound_messages)).one()
        assert tuple(row)[2:] == ("+36301234567", "Jó napot!", "other", False, 0)
        topic = row._asdict() | {"message_sid": "SM2", "meaning": "topic"}
        connection.execute(inbound_messages.insert().values(topic))
    engine.dispose()

"""A first import into empty records builds indexes and foreign keys at its end, and all of them."""

from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text

from backend.db.tables.records import customers
from backend.db.transactions import read, write
from backend.imports import first_fill
from backend.imports.file_formats import FILES
from backend.imports.first_fill import indexes_built_last
from backend.imports.importer import import_directory
from tests.support.databases.database import UTILITY, Database
from tests.support.databases.import_files import RECORDS, contents

MANY = {"customers.csv": first_fill.MANY}


def built(connection: Connection) -> list[tuple[Any, ...]]:
    """The indexes and foreign keys of the records."""
    found = inspect(connection)
    return [
        (
            table.name,
            sorted((each["name"], each["column_names"]) for each in found.get_indexes(table.name)),
            sorted((key["name"], key["options"]) for key in found.get_foreign_keys(table.name)),
        )
        for table in RECORDS
    ]


@pytest.mark.both_databases
def test_nothing_of_the_schema_is_lost_and_the_same_rows_come_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read(database.engine) as connection:
        before = built(connection)
    monkeypatch.setattr(first_fill, "MANY", 1)
    import_directory(database.engine, UTILITY)
    first = contents(database)
    import_directory(database.engine, UTILITY)
    assert contents(database) == first
    with read(database.engine) as connection:
        assert built(connection) == before


@pytest.mark.both_databases
def test_only_empty_records_that_nobody_uses_do_without_indexes(database: Database) -> None:
    with write(database.engine) as connection:
        with indexes_built_last(connection, FILES, {"customers.csv": 1}) as few:
            assert not few
        with indexes_built_last(connection, FILES, MANY) as empty:
            assert empty
            assert not inspect(connection).get_indexes("customers")
    if database.kind == "postgresql":
        with read(database.engine) as other, write(database.engine) as connection:
            other.execute(select(customers))
            with indexes_built_last(connection, FILES, MANY) as used:
                assert not used
    import_directory(database.engine, UTILITY)
    with (
        write(database.engine) as connection,
        indexes_built_last(connection, FILES, MANY) as known,
    ):
        assert not known


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_may_not_change_the_schema_imports_as_ever(database: Database) -> None:
    with write(database.engine) as connection:
        connection.execute(text("CREATE ROLE clerk"))
        connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk"))
        connection.execute(text("SET LOCAL ROLE clerk"))
        with indexes_built_last(connection, FILES, MANY) as changed:
            assert not changed
        connection.execute(text("RESET ROLE"))
        connection.execute(text("DROP OWNED BY clerk; DROP ROLE clerk"))


@pytest.mark.both_databases
def test_references_are_looked_up_again_by_every_other_connection(database: Database) -> None:
    import_directory(database.engine, UTILITY)
    with read(database.engine) as connection:
        assert any(keys for _, _, keys in built(connection))
        if database.kind == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1

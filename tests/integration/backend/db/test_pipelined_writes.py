"""What is kept back in a webhook's transaction happens with it, in its order, or not at all."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select

from backend.db.driver import driver_of
from backend.db.failures import conflicts
from backend.db.kept_connections import single_statements, transaction_on
from backend.db.prepared import Prepared
from backend.db.tables.records import identification_failures
from backend.db.transactions import read
from tests.support.calls.telephone import Clock
from tests.support.databases.database import Database

AT = Clock.at("2026-11-20 10:00")()

_COLUMNS = ("at", "call_sid", "caller_key", "site_key", "only_asked")
_ADD = Prepared(identification_failures.insert(), *_COLUMNS)
_FOUND = select(identification_failures.c.call_sid).order_by(identification_failures.c.number)
_FIND = Prepared(_FOUND)

pytestmark = pytest.mark.both_databases


def _note(connection: Connection, call_sid: str, *, fails: bool = False) -> None:
    site = None if fails else "a site"
    _ADD.later(
        connection, at=AT, call_sid=call_sid, caller_key=None, site_key=site, only_asked=False
    )


def _stored(database: Database) -> list[str]:
    with read(database.engine) as connection:
        return list(connection.scalars(_FOUND))


def _by_the_driver(connection: Connection) -> list[str]:
    return [row.call_sid for row in _FIND.rows(connection)]


def _by_sqlalchemy(connection: Connection) -> list[str]:
    return list(connection.scalars(_FOUND))


@pytest.mark.parametrize("find", [_by_the_driver, _by_sqlalchemy])
def test_a_statement_sees_all_that_was_kept_back_before_it(
    database: Database, find: Callable[[Connection], list[str]]
) -> None:
    with single_statements(database.engine) as connection:
        with transaction_on(database.engine, connection):
            _note(connection, "CA1")
            _note(connection, "CA2")
            assert find(connection) == ["CA1", "CA2"]
            assert _stored(database) == []
            _note(connection, "CA3")
        assert driver_of(connection).is_idle()
    assert _stored(database) == ["CA1", "CA2", "CA3"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_where_sqlalchemy_has_begun_before_nothing_is_kept_back(database: Database) -> None:
    with single_statements(database.engine) as connection:
        assert _by_sqlalchemy(connection) == []
        with transaction_on(database.engine, connection):
            _note(connection, "CA1")
            assert _by_sqlalchemy(connection) == ["CA1"]
            _note(connection, "CA2")
    assert _stored(database) == ["CA1", "CA2"]


def test_what_is_kept_back_at_the_end_is_committed(database: Database) -> None:
    for number in range(2):
        with (
            single_statements(database.engine) as connection,
            transaction_on(database.engine, connection),
        ):
            _note(connection, f"CA{number}")
    assert _stored(database) == ["CA0", "CA1"]


def test_what_is_kept_back_is_gone_with_the_transaction(database: Database) -> None:
    with single_statements(database.engine) as connection:
        transaction = transaction_on(database.engine, connection)
        transaction.__enter__()
        _note(connection, "CA1")
        transaction.__exit__(ValueError, ValueError(), None)
        assert driver_of(connection).is_idle()
        with transaction_on(database.engine, connection):
            _note(connection, "CA2")
    assert _stored(database) == ["CA2"]


@pytest.mark.parametrize("find", [_by_the_driver, _by_sqlalchemy, None])
def test_a_failure_of_what_was_kept_back_undoes_the_transaction(
    database: Database, find: Callable[[Connection], list[str]] | None
) -> None:
    def fail() -> None:
        with (
            single_statements(database.engine) as connection,
            transaction_on(database.engine, connection),
        ):
            _note(connection, "CA1")
            _note(connection, "CA2", fails=True)
            if find is not None:
                find(connection)

    with pytest.raises(conflicts()) as raised:
        fail()
    assert "site_key" in str(raised.value)
    assert _stored(database) == []
    with single_statements(database.engine) as connection:
        assert _by_the_driver(connection) == []


def test_outside_a_transaction_of_its_own_nothing_is_kept_back(database: Database) -> None:
    with single_statements(database.engine) as connection:
        _note(connection, "CA1")
        assert _stored(database) == ["CA1"]
    with database.engine.begin() as connection:
        _note(connection, "CA2")
    assert _stored(database) == ["CA1", "CA2"]


def test_a_transaction_in_which_nothing_was_done_leaves_the_connection_idle(
    database: Database,
) -> None:
    with single_statements(database.engine) as connection:
        with transaction_on(database.engine, connection):
            assert not driver_of(connection).is_idle()
        assert driver_of(connection).is_idle()

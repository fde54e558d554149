"""What is kept back in a webhook's transaction happens with it, in its order, or not at all."""

from collections.abc import Callable

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import Connection, select

from backend.calls import transcripts
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


def _ahead(connection: Connection) -> Callable[[], list[str]]:
    return _FIND.ahead(connection, lambda rows: [row.call_sid for row in rows])


@pytest.mark.parametrize("find", [_by_the_driver, _by_sqlalchemy])
def test_what_is_read_ahead_is_read_before_the_statements_after_it(
    database: Database, find: Callable[[Connection], list[str]]
) -> None:
    with single_statements(database.engine) as connection:
        _by_the_driver(connection)
        before = _ahead(connection)
        with transaction_on(database.engine, connection):
            _note(connection, "CA1")
            between = _ahead(connection)
            _note(connection, "CA2")
            assert find(connection) == ["CA1", "CA2"]
            assert _ahead(connection)() == ["CA1", "CA2"]
        assert before() == []
        assert between() == ["CA1"]
        assert _ahead(connection)() == ["CA1", "CA2"]
    assert _stored(database) == ["CA1", "CA2"]


def _is_there(connection: Connection) -> bool:
    """End a transaction by asking whether it has noted anything."""
    driver = driver_of(connection)
    places = "?" if driver.name == "sqlite" else "$1"
    found = f"FROM identification_failures WHERE call_sid = {places}"
    sql = {"sqlite": f"DELETE {found}", "postgresql": f"SELECT 1 / count(*) {found}"}
    return driver.run_last(sql[driver.name], ["CA1"])


def test_the_last_statement_may_commit_and_is_rolled_back_where_it_changes_nothing(
    database: Database,
) -> None:
    with single_statements(database.engine) as connection:
        for is_noted in (False, True):
            transaction = transaction_on(database.engine, connection)
            transaction.__enter__()
            _note(connection, "CA2")
            if is_noted:
                _note(connection, "CA1")
            assert _is_there(connection) is is_noted
            error = None if is_noted else ValueError()
            transaction.__exit__(error and ValueError, error, None)
            assert driver_of(connection).is_idle()
            assert ("CA2" in _stored(database)) is is_noted


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_last_statement_that_fails_tells_the_servers_log_no_value(database: Database) -> None:
    typed = '[["keys","20293811"]]'
    with database.engine.connect() as connection:
        driver = driver_of(connection)
        values = ("CA1", 0, AT, "5.3.1", typed)
        sql = transcripts._ADD_LAST_TURN["postgresql"]
        with pytest.raises(DivisionByZero) as raised:
            driver.rows(sql, (*values[1:], values[0]))
        driver.rollback()
    told = raised.value.diag
    assert told.message_primary == "division by zero"
    assert [told.message_detail, told.context, told.message_hint] == [None, None, None]


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

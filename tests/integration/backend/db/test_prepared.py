"""Prepared statements give what the same statements give through SQLAlchemy."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from backend.db.failures import conflicts
from backend.db.prepared import Prepared
from backend.db.tables.records import requests
from backend.db.transactions import upsert, write
from tests.support.databases.database import Database

_COLUMNS = ("receipt", "kind", "site_id", "data", "effective_from", "channel", "created_at")
_ROW = {
    "receipt": "12345678",
    "kind": "meter_reading",
    "site_id": None,
    "data": {"serial": "á", "value": 1},
    "effective_from": date(2026, 11, 21),
    "channel": "ivr",
    "created_at": datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=1))),
    "flags": ["replacement"],
}
_ALL = select(requests, requests.c.exported_at.is_(None).label("waits")).where(
    requests.c.receipt == bindparam("receipt"),
    requests.c.created_at > bindparam("since", type_=requests.c.created_at.type),
    requests.c.channel == "ivr",
)
_SINCE = datetime(2026, 11, 21, 8, 59, tzinfo=UTC)


@pytest.mark.both_databases
def test_values_are_converted_alike_both_ways(database: Database) -> None:
    add = Prepared(insert(requests), *_COLUMNS, "flags")
    by_driver, by_core = dict(_ROW), {**_ROW, "receipt": "87654321"}
    with write(database.engine) as connection:
        assert add.run(connection, **by_driver) == 1
        connection.execute(insert(requests), by_core)
        for receipt in ("12345678", "87654321"):
            wanted = {"receipt": receipt, "since": _SINCE}
            (row,) = Prepared(_ALL).rows(connection, **wanted)
            core = connection.execute(_ALL, wanted).one()
            assert row._asdict() == core._asdict()
            assert row.data == _ROW["data"]
            assert row.created_at == _ROW["created_at"]
            assert row.created_at.tzinfo is UTC
            assert row.waits is True


@pytest.mark.both_databases
def test_a_row_that_is_there_is_left_alone_or_a_conflict(database: Database) -> None:
    returning = requests.c.number
    careful = Prepared(
        lambda dialect: upsert(dialect, requests).on_conflict_do_nothing().returning(returning),
        *_COLUMNS,
        "flags",
    )
    with write(database.engine) as connection:
        assert len(careful.rows(connection, **_ROW)) == 1
        assert careful.rows(connection, **_ROW) == []
    with pytest.raises(conflicts()), write(database.engine) as connection:
        Prepared(insert(requests), *_COLUMNS, "flags").run(connection, **_ROW)


@pytest.mark.both_databases
def test_how_many_rows_were_changed_is_told(database: Database) -> None:
    change = Prepared(
        update(requests)
        .where(requests.c.receipt == bindparam("which"))
        .values(exported_at=bindparam("at"))
    )
    forget = Prepared(delete(requests).where(requests.c.receipt == bindparam("which")))
    with write(database.engine) as connection:
        connection.execute(insert(requests), _ROW)
        assert change.run(connection, which="none", at=_SINCE) == 0
        assert change.run(connection, which="12345678", at=_SINCE) == 1
        assert connection.scalars(select(requests.c.exported_at)).one() == _SINCE
        assert forget.run(connection, which="12345678") == 1


def test_a_naive_moment_is_refused_here_too(database: Database) -> None:
    with write(database.engine) as connection, pytest.raises(ValueError, match="no time zone"):
        Prepared(_ALL).rows(connection, receipt="1", since=datetime(2026, 11, 21))  # noqa: DTZ001


@pytest.mark.both_databases
def test_a_statement_is_prepared_again_when_the_driver_has_let_the_server_forget_all(
    database: Database,
) -> None:
    wanted = {"receipt": "12345678", "since": _SINCE}
    known = Prepared(_ALL)
    with database.engine.connect() as connection:
        for _ in range(3):
            assert known.rows(connection, **wanted) == []
            # The sixth time psycopg prepares it, and at the rollback it deallocates everything.
            for _ in range(7):
                connection.execute(_ALL, wanted)
            connection.rollback()

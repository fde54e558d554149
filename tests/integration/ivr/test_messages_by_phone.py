"""Stopping text messages by telephone: at once, and without keeping the number that called."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.db.tables.messages import tasks
from backend.db.tables.records import metadata
from backend.db.transactions import read, write
from backend.records.suppression.stops import stops_of
from tests.support.calls.telephone import LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.databases.message_rows import add_campaign, add_row, row_of

STRANGER = "+36301112223"


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-20 10:00")) as exchange:
        yield exchange


def dial(exchange: Exchange, caller: str, keys: str) -> None:
    call = exchange.carrier.dial(from_=caller, to=LINE_NUMBER)
    for group in keys.split():
        call.type(group)
    call.hang_up()


def tables_with(database: Database, text: str) -> set[str]:
    with read(database.engine) as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if text in repr(connection.execute(select(table)).all())
        }


def test_a_wrong_addressee_who_calls_gets_nothing_more_and_is_known_to_a_colleague_only(
    exchange: Exchange, utility: Database
) -> None:
    with write(utility.engine) as connection:
        add_campaign(connection)
        waiting = add_row(connection, phone=STRANGER)
    dial(exchange, STRANGER, "6 6 1")
    with read(utility.engine) as connection:
        assert [stop.reason for stop in stops_of(connection, STRANGER)] == ["wrong_addressee"]
        assert row_of(connection, waiting).state == "suppressed"
        assert connection.scalars(select(tasks.c.kind)).all() == ["verify_wrong_addressee"]
    assert tables_with(utility, STRANGER.removeprefix("+36")) == {"outbox", "tasks"}


def test_a_customers_no_stops_the_recorded_number_and_the_calling_one(
    exchange: Exchange, utility: Database
) -> None:
    dial(exchange, STRANGER, "6 5 20292222 48212222# 2 1")
    with read(utility.engine) as connection:
        for phone in (STRANGER, "+36301234570"):
            assert [stop.reason for stop in stops_of(connection, phone)] == ["opted_out"]
    assert tables_with(utility, STRANGER.removeprefix("+36")) == set()


def test_a_landline_that_calls_is_not_written_among_the_stops(
    exchange: Exchange, utility: Database
) -> None:
    dial(exchange, "+3612345678", "6 5 20292222 48212222# 2 1")
    with read(utility.engine) as connection:
        assert stops_of(connection, "+3612345678") == []
        assert stops_of(connection, "+36301234570") != []


def test_a_number_to_call_back_is_kept_with_its_request_only(
    exchange: Exchange, utility: Database
) -> None:
    dial(exchange, STRANGER, "6 4 1 3 1")
    assert tables_with(utility, STRANGER.removeprefix("+36")) == {"requests"}

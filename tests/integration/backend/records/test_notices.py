"""Notices, closed desks and extra windows: who is told what, from when, and until when."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert

from backend.db.tables.records import customers, sites
from backend.db.transactions import read, write
from backend.records.notices import desk_closures, extra_windows, service_notices
from backend.rules.areas import concerns
from common.errors import NoticeError
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.databases.records import DESKS, budapest

NOON = budapest("2026-11-21T12:00")
CALLER = "+36301234567"


@pytest.fixture
def neighbour(database: Database) -> Database:
    """A customer in Szentendre, 2000, whose calling number is known."""
    person = {
        "customer_id": "C1", "name": "Minta Ügyfél 1", "address": "", "phone": CALLER,
        "language": "hu", "direct_debit": False, "protected": False,
    }  # fmt: skip
    site = {
        "site_id": "20293811", "customer_id": "C1", "service": "electricity",
        "address": "2000 Szentendre, Minta utca 1.", "billing": "self_reading",
        "partial_billing": "active",
    }  # fmt: skip
    with write(database.engine) as connection:
        connection.execute(insert(customers), person)
        connection.execute(insert(sites), site)
    return database


def outage(
    database: Database, area: str, begins: datetime = NOON, ends: datetime | None = None
) -> int:
    with write(database.engine) as connection:
        places = ("Szentendrén", "in Szentendre")
        return service_notices.add_notice(
            connection, "outage", area, places, begins, ends, colleague(connection), now=NOON
        )


def heard(database: Database, caller: str | None = CALLER, now: datetime = NOON) -> list[int]:
    with read(database.engine) as connection:
        return [each.number for each in service_notices.notices_for(connection, caller, now)]


@pytest.mark.both_databases
@pytest.mark.parametrize(("area", "told"), [("2000", 1), ("20", 1), ("11,20", 1), ("21", 0)])
def test_an_outage_is_told_to_its_area_only(neighbour: Database, area: str, told: int) -> None:
    outage(neighbour, area)
    assert len(heard(neighbour)) == told


def test_an_outage_everywhere_is_told_to_callers_that_nobody_knows(neighbour: Database) -> None:
    number = outage(neighbour, "*")
    outage(neighbour, "2000")
    assert heard(neighbour, None) == [number]
    assert heard(neighbour, "+36309999999") == [number]


def test_it_is_told_from_its_beginning_until_supply_is_back(neighbour: Database) -> None:
    number = outage(neighbour, "2000", ends=NOON + timedelta(hours=2))
    assert heard(neighbour, now=NOON - timedelta(minutes=1)) == []
    assert heard(neighbour, now=NOON + timedelta(minutes=119)) == [number]
    assert heard(neighbour, now=NOON + timedelta(hours=2)) == []


def test_planned_work_is_told_before_it_begins(neighbour: Database) -> None:
    tomorrow = NOON + timedelta(days=1)
    with write(neighbour.engine) as connection:
        number = service_notices.add_notice(
            connection, "maintenance", "2000", ("Szentendrén", "in Szentendre"),
            tomorrow, tomorrow + timedelta(hours=4), colleague(connection), now=NOON,
        )  # fmt: skip
    assert heard(neighbour) == [number]


def test_a_notice_that_was_ended_is_told_no_more_and_cannot_be_ended_twice(
    neighbour: Database,
) -> None:
    number = outage(neighbour, "2000")
    with write(neighbour.engine) as connection:
        service_notices.end_notice(connection, number, colleague(connection), NOON)
    assert heard(neighbour) == []
    with write(neighbour.engine) as connection, pytest.raises(NoticeError, match="no open notice"):
        service_notices.end_notice(connection, number, colleague(connection), NOON)


@pytest.mark.parametrize("area", ["", "Budapest", "0123", "20000", "20;21"])
def test_an_area_that_is_none_is_refused(database: Database, area: str) -> None:
    with pytest.raises(NoticeError, match="postcodes"):
        outage(database, area)


def test_a_place_with_figures_cannot_be_said(database: Database) -> None:
    places = ("a 12-es úton", "on road twelve")
    with write(database.engine) as connection, pytest.raises(NoticeError, match="cannot be said"):
        service_notices.add_notice(
            connection, "outage", "*", places, NOON, None, colleague(connection), now=NOON
        )


def test_a_desk_is_closed_for_a_while(database: Database) -> None:
    with write(database.engine) as connection:
        number = desk_closures.close_desk(
            connection,
            DESKS,
            "general",
            NOON,
            NOON + timedelta(hours=1),
            colleague(connection),
            now=NOON,
        )
        assert desk_closures.is_closed(connection, "general", NOON)
        assert not desk_closures.is_closed(connection, "billing", NOON)
        assert not desk_closures.is_closed(connection, "general", NOON + timedelta(hours=1))
        desk_closures.open_desk(connection, number, colleague(connection), NOON)
        assert not desk_closures.is_closed(connection, "general", NOON)


def test_an_extra_window_belongs_to_its_area(database: Database) -> None:
    first, last = date(2026, 12, 28), date(2027, 1, 3)
    with write(database.engine) as connection:
        extra_windows.add_window(connection, "20", first, last, colleague(connection), now=NOON)
        [extra] = extra_windows.windows_since(connection, first)
        assert (extra.opens, extra.closes) == (first, last)
        assert concerns(extra.area, ["2000 Szentendre, Minta utca 1."])
        assert not concerns(extra.area, ["1111 Budapest"])
        assert not concerns(extra.area, [""])
        assert extra_windows.windows_since(connection, last + timedelta(days=1)) == []

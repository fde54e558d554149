"""Readings given by telephone: the last one of a window counts, every one is kept."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from backend.context import CallContext
from backend.db.tables.records import readings, windows
from backend.db.transactions import read, write
from backend.interface.answers import Site, Window
from backend.interface.commands import RecordReadings, RegisterReading
from backend.interface.queries import FindRecordedReading
from backend.records.requests.meter_readings import RefusedReadingError
from backend.records.sites import find_site
from backend.service import answer, submit
from tests.support.databases.database import Database
from tests.support.databases.records import budapest, context, ledger

SITE, SERIAL = "20293811", "48213377"
NOVEMBER = Window(date(2026, 11, 18), date(2026, 11, 24))
DECEMBER = Window(date(2026, 12, 18), date(2026, 12, 24))


def reading(
    value: int, *, read_on: str = "2026-11-21", window: Window = NOVEMBER
) -> RecordReadings:
    return RecordReadings(
        SITE,
        "C-1001",
        SERIAL,
        (RegisterReading("1.8.0", value),),
        date.fromisoformat(read_on),
        window,
    )


def give(
    database: Database, command: RecordReadings, asked: CallContext | None = None
) -> tuple[str, ...]:
    with write(database.engine) as connection:
        return submit(connection, command, asked or context()).receipts


def history(database: Database) -> list[dict[str, Any]]:
    with read(database.engine) as connection:
        rows = connection.execute(select(readings).order_by(readings.c.value)).mappings()
        return [dict(row) for row in rows]


def site_on(database: Database, day: str) -> Site:
    with read(database.engine) as connection:
        site = find_site(connection, SITE, "electricity", date.fromisoformat(day))
    assert site is not None
    return site


def test_a_reading_is_a_request_with_exactly_its_value(utility: Database) -> None:
    [receipt] = give(utility, reading(41_530))
    [request] = ledger(utility.engine)
    assert request.receipt == receipt
    assert request.kind == "meter_reading"
    assert request.data == {"serial": SERIAL, "register": "1.8.0", "value": 41_530}
    assert request.effective_from == date(2026, 11, 21)
    assert request.flags == ()


def test_whether_a_window_has_a_reading_is_known(utility: Database) -> None:
    receipts = give(utility, reading(41_530))
    with read(utility.engine) as connection:
        asked = context()
        assert answer(connection, FindRecordedReading(SITE, SERIAL, NOVEMBER), asked) == receipts
        assert answer(connection, FindRecordedReading(SITE, SERIAL, DECEMBER), asked) == ()


@pytest.mark.both_databases
def test_the_registers_of_a_meter_are_stored_together_each_with_its_receipt(
    utility: Database,
) -> None:
    both = (RegisterReading("1.8.1", 12_100, ("high",)), RegisterReading("1.8.2", 8_050))
    command = RecordReadings("20293899", "C-1002", "48213401", both, date(2026, 11, 21), NOVEMBER)
    receipts = give(utility, command)
    assert len(set(receipts)) == 2
    requests = ledger(utility.engine)
    assert [request.receipt for request in requests] == list(receipts)
    assert [request.data["register"] for request in requests] == ["1.8.1", "1.8.2"]
    assert [request.flags for request in requests] == [("high",), ()]


@pytest.mark.both_databases
def test_a_later_reading_in_the_window_replaces_the_first_which_is_kept(utility: Database) -> None:
    [first] = give(utility, reading(41_530))
    [second] = give(utility, reading(41_540), context("2026-11-22T09:00"))
    earlier, later = history(utility)
    assert earlier["superseded_by"] == second
    assert earlier["superseded_at"] == budapest("2026-11-22T09:00")
    assert later["superseded_by"] is None
    assert [request.receipt for request in ledger(utility.engine)] == [first, second]
    assert ledger(utility.engine)[1].flags == ("replacement",)


def test_a_third_reading_replaces_the_second(utility: Database) -> None:
    for value in (41_530, 41_540, 41_550):
        give(utility, reading(value))
    valid = [row["value"] for row in history(utility) if row["superseded_at"] is None]
    assert valid == [41_550]


def test_the_next_window_starts_anew(utility: Database) -> None:
    give(utility, reading(41_530))
    december = reading(41_800, read_on="2026-12-20", window=DECEMBER)
    give(utility, december, context("2026-12-20T10:00"))
    assert [row["superseded_at"] for row in history(utility)] == [None, None]
    assert ledger(utility.engine)[1].flags == ()


def test_a_reading_of_the_running_window_is_judged_by_the_billed_one(utility: Database) -> None:
    give(utility, reading(41_530))
    register = site_on(utility, "2026-11-22").meters[0].registers[0]
    assert (register.last_value, register.last_read_on) == (41_250, date(2026, 10, 20))


def test_a_reading_of_the_next_window_is_judged_by_the_one_before(utility: Database) -> None:
    give(utility, reading(41_500))
    give(utility, reading(41_530))
    register = site_on(utility, "2026-12-18").meters[0].registers[0]
    assert (register.last_value, register.last_read_on) == (41_530, date(2026, 11, 21))


def test_of_several_windows_the_newest_counts(utility: Database) -> None:
    with write(utility.engine) as connection:
        january = {"opens": date(2027, 1, 18), "closes": date(2027, 1, 24)}
        connection.execute(windows.insert(), {"site_id": SITE, **january})
    give(utility, reading(41_530))
    give(utility, reading(41_800, read_on="2026-12-20", window=DECEMBER))
    meters = site_on(utility, "2027-01-20").meters
    assert [each.last_value for each in meters[0].registers] == [41_800]


@pytest.mark.parametrize(
    "command",
    [
        reading(100_000),
        reading(-1),
        RecordReadings(
            SITE, "C-1001", "0", (RegisterReading("1.8.0", 1),), date(2026, 11, 21), NOVEMBER
        ),
        RecordReadings(
            SITE,
            "C-1001",
            SERIAL,
            (RegisterReading("1.8.0", 41_530), RegisterReading("1.8.2", 1)),
            date(2026, 11, 21),
            NOVEMBER,
        ),
    ],
)
def test_what_the_meter_cannot_show_is_refused_whole(
    utility: Database, command: RecordReadings
) -> None:
    with pytest.raises(RefusedReadingError, match="has no register"):
        give(utility, command)
    assert ledger(utility.engine) == []
    assert history(utility) == []

"""The demonstration utility: it comes in by the ordinary import and shows every case."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.tables.records import debts
from backend.db.transactions import read, write
from backend.imports.demo_data import write_demo
from backend.imports.importer import import_directory
from backend.interface.answers import Identified, ReadingState
from backend.interface.queries import FindReadingState, Identify
from backend.rules.reading_windows import open_on
from backend.service import answer
from tests.support.databases.database import Database
from tests.support.databases.records import context

SCENARIO_DAY = date(2026, 11, 21)


def site(database: Database, query: Identify) -> Identified:
    with write(database.engine) as connection:
        found = answer(connection, query, context())
    assert isinstance(found, Identified)
    return found


def test_on_the_day_of_the_scenarios_the_demonstration_is_their_fixture(
    database: Database, tmp_path: Path
) -> None:
    write_demo(tmp_path, SCENARIO_DAY)
    report = import_directory(database.engine, tmp_path)
    assert report.warnings == ()
    found = site(database, Identify("20293811", "48213377")).site
    assert found is not None
    [register] = found.meters[0].registers
    assert (register.digits, register.last_value, register.daily_average) == (5, 41_250, 9)
    assert register.last_read_on == date(2026, 10, 20)
    two_meters = site(database, Identify("20293899")).site
    assert two_meters is not None
    assert [len(meter.registers) for meter in two_meters.meters] == [2, 1]
    with read(database.engine) as connection:
        state = answer(connection, FindReadingState("20293811"), context())
        assert isinstance(state, ReadingState)
        assert open_on(state.windows, date(2026, 11, 18)) is not None
        assert open_on(state.windows, date(2026, 11, 17)) is None
        assert open_on(state.windows, date(2026, 11, 24)) is not None
        other = answer(connection, FindReadingState("20290000"), context())
        assert other == ReadingState("partial", ())
        statuses = set(connection.execute(select(debts.c.status)).scalars())
    assert statuses == {"open", "paid", "disputed", "agreed", "proceedings", "assigned"}


@pytest.mark.parametrize("today", [SCENARIO_DAY, date(2028, 2, 29), date(2031, 1, 1)])
def test_windows_are_open_whenever_it_runs(database: Database, tmp_path: Path, today: date) -> None:
    write_demo(tmp_path, today)
    import_directory(database.engine, tmp_path)
    with read(database.engine) as connection:
        for site_id, is_open in (("20293811", True), ("20290034", False)):
            state = answer(connection, FindReadingState(site_id), context())
            assert isinstance(state, ReadingState)
            assert (open_on(state.windows, today) is not None) is is_open


def test_it_may_be_loaded_again_on_another_day(database: Database, tmp_path: Path) -> None:
    for days in range(0, 40, 13):
        write_demo(tmp_path, SCENARIO_DAY + timedelta(days=days))
        import_directory(database.engine, tmp_path)

"""Readings in windows that overlap: no earlier period's reading is lost, none is judged wrongly."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from backend.db.tables.records import readings, windows
from backend.db.transactions import write
from backend.interface.answers import Site, Window
from backend.interface.commands import RecordReadings, RegisterReading
from backend.records.notices.extra_windows import add_window
from backend.records.sites import find_site
from backend.service import submit
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.databases.records import budapest, context
from tests.support.runs.examples import examples
from tests.unit.backend.test_reading_periods import day, extra_windows, own_windows, window

SITE, SERIAL = "20293811", "48213377"
BILLED = 41_250


@contextmanager
def with_windows(
    database: Database, own: list[Window], extra: list[Window]
) -> Iterator[Connection]:
    """The site with these windows only, until the transaction is rolled back."""
    with database.engine.connect() as connection:
        connection.begin()
        connection.execute(delete(windows))
        for each in own:
            span = {"opens": each.opens, "closes": each.closes}
            connection.execute(windows.insert(), {"site_id": SITE, **span})
        for each in extra:
            add_window(
                connection,
                "11",
                each.opens,
                each.closes,
                colleague(connection),
                now=budapest(f"{day(0)}T00:00"),
            )
        yield connection
        connection.rollback()


def site_on(connection: Connection, today: date) -> Site:
    site = find_site(connection, SITE, "electricity", today)
    assert site is not None
    return site


def give(connection: Connection, value: int, today: date) -> None:
    site = site_on(connection, today)
    assert site.window is not None
    values = (RegisterReading("1.8.0", value),)
    command = RecordReadings(SITE, site.customer_id, SERIAL, values, today, site.window)
    assert submit(connection, command, context()).receipts


def valid(connection: Connection) -> list[tuple[date, int]]:
    rows = select(readings.c.read_on, readings.c.value).where(readings.c.superseded_at.is_(None))
    return [(row.read_on, row.value) for row in connection.execute(rows.order_by("read_on"))]


def judged_by(connection: Connection, today: date) -> tuple[date, int]:
    [register] = site_on(connection, today).meters[0].registers
    return register.last_read_on, register.last_value


def test_a_reading_in_an_extra_window_is_judged_by_that_of_the_sites_own(
    utility: Database,
) -> None:
    own, extra = window(17, 23), window(57, 63)
    with with_windows(utility, [own], [extra]) as connection:
        give(connection, 41_500, day(19))
        assert judged_by(connection, day(58)) == (day(19), 41_500)


def test_a_reading_of_an_extra_window_outlives_that_of_the_sites_own_window(
    utility: Database,
) -> None:
    extra, own = window(57, 63), window(61, 67)
    with with_windows(utility, [own], [extra]) as connection:
        give(connection, 41_500, day(58))
        assert judged_by(connection, day(62)) == (day(58), 41_500)
        give(connection, 41_530, day(62))
        assert valid(connection) == [(day(58), 41_500), (day(62), 41_530)]


def test_a_reading_that_is_recorded_late_does_not_replace_one_of_the_next_window(
    utility: Database,
) -> None:
    first, second = window(17, 19), window(20, 23)
    with with_windows(utility, [first, second], []) as connection:
        begun = site_on(connection, day(19))
        give(connection, 41_500, day(20))
        values = (RegisterReading("1.8.0", 41_480),)
        assert begun.window == first
        late = RecordReadings(SITE, "C-1001", SERIAL, values, day(19), first)
        assert submit(connection, late, context()).receipts
        assert valid(connection) == [(day(19), 41_480), (day(20), 41_500)]


def test_a_reading_that_another_call_gave_meanwhile_is_not_replaced_unseen(
    utility: Database,
) -> None:
    values = (RegisterReading("1.8.0", 41_530),)
    november = Window(date(2026, 11, 18), date(2026, 11, 24))
    command = RecordReadings(SITE, "C-1001", SERIAL, values, date(2026, 11, 21), november, ())
    with write(utility.engine) as connection:
        assert submit(connection, command, context()).receipts
        assert submit(connection, command, context()).receipts == ()
        assert len(valid(connection)) == 1


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    own=own_windows(),
    extra=extra_windows(),
    entries=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9)), max_size=8),
)
def test_with_any_windows_each_period_keeps_its_last_reading_and_judges_by_the_one_before(
    utility: Database, own: list[Window], extra: list[Window], entries: list[tuple[int, int]]
) -> None:
    with with_windows(utility, own, extra) as connection:
        value = BILLED
        given_so_far: list[tuple[date, int, Window]] = []
        for number, used in sorted(entries):
            today = day(number)
            period = site_on(connection, today).window
            assert (period is not None) == _is_in_any([*own, *extra], today)
            if period is None:
                continue
            earlier = [each for each in given_so_far if each[2] != period]
            expected = earlier[-1][:2] if earlier else (date(2026, 10, 20), BILLED)
            assert judged_by(connection, today) == expected
            value += used
            give(connection, value, today)
            given_so_far = [*earlier, (today, value, period)]
            assert valid(connection) == [each[:2] for each in given_so_far]


def _is_in_any(spans: list[Window], today: date) -> bool:
    one = timedelta(days=1)
    return any(span.opens - one < today < span.closes + one for span in spans)

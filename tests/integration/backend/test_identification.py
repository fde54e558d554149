"""Who is calling: the right pair is let in, and guessing ends soon, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.context import CallContext, IdentificationLimits
from backend.database import read, write
from backend.desk import Identified, Register
from backend.queries import Identify
from backend.store import answer
from backend.tables import identification_failures
from tests.database import Database
from tests.records import SECRET, context

SITE = "20293811"
SERIAL = "48213377"
RIGHT = Identify(SITE, SERIAL)
WRONG = Identify(SITE, "11111111")

MANY = IdentificationLimits(per_call=99, per_caller=99, per_site=99)


def identify(database: Database, query: Identify, asked: CallContext) -> Identified:
    with write(database.engine) as connection:
        found = answer(connection, query, asked)
    assert isinstance(found, Identified)
    return found


def failures(database: Database) -> int:
    with read(database.engine) as connection:
        return len(connection.execute(select(identification_failures)).all())


def test_the_right_pair_brings_the_site_with_its_meters(utility: Database) -> None:
    site = identify(utility, RIGHT, context()).site
    assert site is not None
    assert site.site_id == SITE
    assert site.billing == "self_reading"
    assert site.partial_kwh_per_month == 270
    [meter] = site.meters
    assert meter.serial == SERIAL
    [register] = meter.registers
    assert register.last_value == 41_250
    assert register.daily_average == 9
    assert register.max_amperes == 32
    assert failures(utility) == 0


def test_registers_come_in_obis_order_under_their_meter(utility: Database) -> None:
    site = identify(utility, Identify("20293899"), context()).site
    assert site is not None
    names = {meter.serial: [each.register for each in meter.registers] for meter in site.meters}
    assert names == {"0048213402": ["1.8.0"], "48213401": ["1.8.1", "1.8.2"]}
    assert isinstance(site.meters[0].registers[0], Register)


@pytest.mark.parametrize("typed", ["48213402", "0048213402", "00048213402"])
def test_leading_noughts_of_a_serial_do_not_matter(utility: Database, typed: str) -> None:
    assert identify(utility, Identify("20293899", typed), context()).site is not None


def test_any_meter_of_the_site_identifies_it(utility: Database) -> None:
    assert identify(utility, Identify("20293899", "48213401"), context()).site is not None


def test_letters_of_a_serial_need_not_be_typed(utility: Database) -> None:
    query = Identify("30290001", "1", "heat")
    assert identify(utility, query, context()).site is not None


@pytest.mark.parametrize("typed", ["", "0", "000"])
def test_noughts_alone_are_no_serial(utility: Database, typed: str) -> None:
    assert identify(utility, Identify(SITE, typed), context()).site is None


def test_a_site_of_another_service_is_not_found(utility: Database) -> None:
    assert identify(utility, Identify("30290001"), context()).site is None
    assert identify(utility, Identify(SITE, None, "heat"), context()).site is None
    assert identify(utility, Identify("30290001", None, "heat"), context()).site is not None


@pytest.mark.parametrize(
    "query",
    [WRONG, Identify("99999999", SERIAL), Identify("99999999"), Identify("30290001", SERIAL)],
)
def test_whatever_is_wrong_gets_the_same_answer_and_is_counted(
    utility: Database, query: Identify
) -> None:
    answers = [identify(utility, query, context()) for _ in range(3)]
    assert answers == [Identified(None), Identified(None), Identified(None, locked=True)]
    assert failures(utility) == 3


def test_after_three_failures_in_a_call_even_the_right_pair_is_refused(utility: Database) -> None:
    for _ in range(2):
        assert not identify(utility, WRONG, context()).locked
    assert identify(utility, WRONG, context()).locked
    assert identify(utility, RIGHT, context()) == Identified(None, locked=True)
    # Attempts while locked do not count.
    assert failures(utility) == 3


def test_two_failures_in_a_call_leave_the_third_attempt(utility: Database) -> None:
    identify(utility, WRONG, context())
    identify(utility, WRONG, context())
    assert identify(utility, RIGHT, context()).site is not None


def test_a_caller_is_locked_for_an_hour_after_ten_failures(utility: Database) -> None:
    for number in range(10):
        wrong = Identify(f"1000000{number}", SERIAL)
        found = identify(utility, wrong, context("2026-11-21T10:00", call_sid=f"CA{number}"))
        assert found.locked == (number == 9)
    assert identify(utility, RIGHT, context("2026-11-21T10:59", call_sid="CB")).locked
    assert identify(utility, RIGHT, context("2026-11-21T10:59", call_sid="CC", caller="+3612")).site
    assert identify(utility, RIGHT, context("2026-11-21T11:00", call_sid="CD")).site


def test_a_site_is_locked_for_a_day_after_ten_failures_from_anywhere(utility: Database) -> None:
    for number in range(10):
        asked = context(call_sid=f"CA{number}", caller=f"+3630000000{number}")
        assert identify(utility, WRONG, asked).locked == (number == 9)
    owner = "+36209999999"
    assert identify(utility, RIGHT, context("2026-11-22T09:59", call_sid="CB", caller=owner)).locked
    # Also where the id alone would do.
    assert identify(
        utility, Identify(SITE), context("2026-11-22T09:59", call_sid="CC", caller=owner)
    ).locked
    assert identify(
        utility, Identify("20293899"), context("2026-11-22T09:59", call_sid="CD", caller=owner)
    ).site
    assert identify(utility, RIGHT, context("2026-11-22T10:00", call_sid="CE", caller=owner)).site


def test_withheld_numbers_do_not_lock_one_another(utility: Database) -> None:
    limits = IdentificationLimits(per_call=3, per_caller=2, per_site=99)
    for number in range(6):
        asked = context(call_sid=f"CA{number}", caller=None, limits=limits)
        assert not identify(utility, WRONG, asked).locked
    assert identify(utility, RIGHT, context(call_sid="CB", caller=None, limits=limits)).site


def test_the_limits_are_settings(utility: Database) -> None:
    limits = IdentificationLimits(
        per_call=99, per_caller=99, per_site=2, site_within=timedelta(minutes=5)
    )
    identify(utility, WRONG, context("2026-11-21T10:00", limits=limits))
    assert identify(utility, WRONG, context("2026-11-21T10:04", limits=limits)).locked
    assert identify(utility, RIGHT, context("2026-11-21T10:05", limits=limits)).site


def test_the_count_holds_neither_number_nor_id(utility: Database) -> None:
    identify(utility, WRONG, context(caller="+36301234567"))
    with read(utility.engine) as connection:
        [row] = connection.execute(select(identification_failures)).all()
    stored = repr(tuple(row))
    for secret in ("301234567", SITE, "11111111", SECRET.decode()):
        assert secret not in stored


def test_a_rolled_back_webhook_leaves_no_count(utility: Database) -> None:
    with pytest.raises(RuntimeError), write(utility.engine) as connection:  # noqa: PT012
        answer(connection, WRONG, context())
        raise RuntimeError
    assert failures(utility) == 0

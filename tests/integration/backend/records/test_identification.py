"""Who is calling: the right pair is let in, and guessing ends soon, on both databases."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from backend.context import CallContext, IdentificationLimits
from backend.db.tables.records import identification_failures
from backend.db.transactions import read, write
from backend.interface.answers import FoundReceipt, Identified, ReadingState, Register
from backend.interface.queries import FindReadingState, FindReceipt, Identify
from backend.records.work_list.task_list import list_tasks
from backend.rules.confirmation_numbers import new_receipt
from backend.service import answer
from tests.support.databases.database import Database
from tests.support.databases.records import SECRET, context

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


@pytest.mark.both_databases
def test_a_site_is_locked_for_an_hour_after_ten_failures_from_anywhere(utility: Database) -> None:
    for number in range(10):
        asked = context(call_sid=f"CA{number}", caller=f"+3630000000{number}")
        assert identify(utility, WRONG, asked).locked == (number == 9)
    owner = "+36209999999"
    assert identify(utility, RIGHT, context("2026-11-21T10:59", call_sid="CB", caller=owner)).locked
    # Also where the id alone would do.
    assert identify(
        utility, Identify(SITE), context("2026-11-21T10:59", call_sid="CC", caller=owner)
    ).locked
    assert identify(
        utility, Identify("20293899"), context("2026-11-21T10:59", call_sid="CD", caller=owner)
    ).site
    assert identify(utility, RIGHT, context("2026-11-21T11:00", call_sid="CE", caller=owner)).site


def test_after_ten_failures_a_site_is_tried_once_an_hour_until_they_are_a_day_old(
    utility: Database,
) -> None:
    for number in range(10):
        identify(utility, WRONG, context(call_sid=f"CA{number}", caller=f"+3630000000{number}"))
    assert identify(
        utility, WRONG, context("2026-11-21T11:00", call_sid="CB", caller="+361")
    ).locked
    assert identify(
        utility, RIGHT, context("2026-11-21T11:59", call_sid="CC", caller="+362")
    ).locked
    first = context("2026-11-22T10:00", call_sid="CD", caller="+363")
    second = context("2026-11-22T10:00", call_sid="CE", caller="+364")
    assert not identify(utility, WRONG, first).locked
    assert identify(utility, RIGHT, second).site


def test_withheld_numbers_count_as_one_caller_with_a_limit_of_its_own(utility: Database) -> None:
    limits = IdentificationLimits(per_caller=2, per_site=99, unproven=6)
    for number in range(6):
        asked = context(call_sid=f"CA{number}", caller=None, limits=limits)
        assert identify(utility, WRONG, asked).locked == (number == 5)
    assert identify(utility, RIGHT, context(call_sid="CB", caller=None, limits=limits)).locked
    assert identify(utility, RIGHT, context(call_sid="CC", limits=limits)).site


def test_strangers_do_not_lock_a_customers_own_number_out(utility: Database) -> None:
    for number in range(4):
        for _ in range(3):
            identify(utility, WRONG, context(call_sid=f"CA{number}", caller=None))
    stranger = context(call_sid="CB", caller="+36209999999")
    assert identify(utility, RIGHT, stranger) == Identified(None, locked=True)
    own = context(call_sid="CC", caller="+36301234567")
    assert identify(utility, WRONG, own) == Identified(None)
    assert identify(utility, RIGHT, own).site is not None


def test_strangers_do_not_lock_a_number_out_that_has_proven_the_site_before(
    utility: Database,
) -> None:
    tenant = "+36709999999"
    before = context("2026-11-01T10:00", call_sid="C1", caller=tenant)
    assert identify(utility, RIGHT, before).site
    assert identify(utility, Identify("20293899"), before).site
    for number in range(10):
        stranger = context(call_sid=f"CA{number}", caller=f"+361234560{number}")
        identify(utility, WRONG, stranger)
        identify(utility, Identify("20293899", "1"), stranger)
    assert identify(utility, RIGHT, context(call_sid="CB", caller=tenant)).site
    # The id alone is no proof.
    other = Identify("20293899", "48213401")
    assert identify(utility, other, context(call_sid="CC", caller=tenant)).locked


def test_a_known_number_is_locked_by_its_own_failures(utility: Database) -> None:
    for number in range(10):
        identify(utility, WRONG, context(call_sid=f"CA{number}"))
    assert identify(utility, RIGHT, context(call_sid="CB")).locked
    assert identify(utility, RIGHT, context("2026-11-21T11:00", call_sid="CC")).site


def test_a_locked_site_opens_one_task_and_one_line_in_the_log(
    utility: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(12):
        for subject in (WRONG, Identify("99999999", "1")):
            identify(utility, subject, context(call_sid=f"CA{number}", caller=f"+36123456{number}"))
    with read(utility.engine) as connection:
        opened = [(each.kind, each.subject, each.phone) for each in list_tasks(connection)]
    assert opened == [("identification_locked", SITE, "+36301234567")]
    assert [record.getMessage() for record in caplog.records] == [
        "call CA9: a site is locked, see its task"
    ]


def test_a_success_lets_the_call_begin_anew(utility: Database) -> None:
    for _ in range(3):
        identify(utility, WRONG, context())
        identify(utility, WRONG, context())
        assert identify(utility, RIGHT, context()).site is not None


def test_right_ids_asked_about_are_no_failures_of_the_call(utility: Database) -> None:
    # As a house manager asks for one closed window after another.
    for site_id in ("20293811", "20293899", "20291111", "20294444"):
        assert not ask_state(utility, site_id, context()).locked
    for _ in range(2):
        assert not identify(utility, WRONG, context()).locked
    assert identify(utility, RIGHT, context()).site is not None


def test_ten_right_ids_do_not_lock_a_companys_switchboard(utility: Database) -> None:
    for number in range(10):
        asked = context(call_sid=f"CA{number}")
        assert ask_state(utility, "20294444", asked).billing == "self_reading"
        assert identify(utility, Identify("20290000"), asked).site is not None
    assert identify(utility, RIGHT, context(call_sid="CB")).site is not None


@pytest.mark.parametrize("caller", [None, "+36301234567"])
def test_ids_that_nobody_proves_are_told_thirty_times_an_hour(
    utility: Database, caller: str | None
) -> None:
    for number in range(30):
        asked = context(call_sid=f"CA{number}", caller=caller)
        assert identify(utility, Identify("20290000"), asked).site is not None
        # The same id in the same call is told of once.
        assert ask_state(utility, "20290000", asked).billing == "partial"
    late = context(call_sid="CB", caller=caller)
    assert ask_state(utility, "20293811", late) == ReadingState()
    assert identify(utility, Identify(SITE), late) == Identified(None, locked=True)
    # Who proves to be a site's is let in.
    assert identify(utility, RIGHT, late).site is not None
    assert ask_state(utility, SITE, context("2026-11-21T11:00", caller=caller)).windows


def test_receipts_cannot_be_guessed_from_withheld_numbers(utility: Database) -> None:
    guesses = [new_receipt(Random(number)) for number in range(36)]  # noqa: S311 - no secret
    told = []
    for number, guess in enumerate(guesses):
        asked = context(call_sid=f"CA{number // 3}", caller=None)
        with write(utility.engine) as connection:
            found = answer(connection, FindReceipt(guess), asked)
        assert isinstance(found, FoundReceipt)
        told.append(found.locked)
    assert told.index(True) == 2  # the call's third
    assert told[30:] == [True] * 6
    assert failures(utility) == 30


def ask_state(database: Database, site_id: str, asked: CallContext) -> ReadingState:
    with write(database.engine) as connection:
        state = answer(connection, FindReadingState(site_id), asked)
    assert isinstance(state, ReadingState)
    return state


def test_the_limits_are_settings(utility: Database) -> None:
    limits = IdentificationLimits(
        per_call=99, per_caller=99, per_site=2, site_within=timedelta(minutes=5)
    )
    times = ("2026-11-21T10:00", "2026-11-21T10:04", "2026-11-21T10:05")
    first, second, third = (context(at, limits=limits, caller="+3612345678") for at in times)
    identify(utility, WRONG, first)
    assert identify(utility, WRONG, second).locked
    assert identify(utility, RIGHT, third).site


def test_the_count_holds_neither_number_nor_id(utility: Database) -> None:
    identify(utility, WRONG, context(caller="+36301234567"))
    with read(utility.engine) as connection:
        [row] = connection.execute(select(identification_failures)).all()
    stored = repr(tuple(row))
    for secret in ("301234567", SITE, "11111111", SECRET.decode()):
        assert secret not in stored


@pytest.mark.both_databases
def test_a_rolled_back_webhook_leaves_no_count(utility: Database) -> None:
    with pytest.raises(RuntimeError), write(utility.engine) as connection:  # noqa: PT012
        answer(connection, WRONG, context())
        raise RuntimeError
    assert failures(utility) == 0

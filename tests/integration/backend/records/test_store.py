"""What callers ask and submit, on both databases."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import select

from backend.context import CallContext
from backend.db.tables.records import customers, sites
from backend.db.transactions import read, write
from backend.interface.answers import Mandate, Opening, ReadingState, Window
from backend.interface.commands import (
    ChangePartialConsumption,
    ChangePaymentDay,
    Command,
    Quantity,
    RestartPartialBilling,
    SuspendPartialBilling,
    SwitchToSelfReading,
)
from backend.interface.queries import (
    Answer,
    AskOpening,
    FindMandate,
    FindReadingState,
    FindRecordedReading,
    Query,
)
from backend.records.requests.account_changes import RefusedChangeError
from backend.records.requests.ledger import verify_receipt
from backend.rules.confirmation_numbers import is_valid
from backend.service import answer, submit
from common.errors import ConfigurationError
from tests.support.databases.database import Database
from tests.support.databases.records import budapest, context, ledger

SITE, CUSTOMER = "20293811", "C-1001"
TODAY = date(2026, 11, 21)


def ask(database: Database, query: Query[Answer], asked: CallContext | None = None) -> Answer:
    with write(database.engine) as connection:
        return answer(connection, query, asked or context())


def hand_in(
    database: Database, command: Command, asked: CallContext | None = None
) -> tuple[str, ...]:
    with write(database.engine) as connection:
        return submit(connection, command, asked or context()).receipts


def payment_day(database: Database, customer: str) -> int | None:
    with read(database.engine) as connection:
        query = select(customers.c.payment_day).where(customers.c.customer_id == customer)
        return connection.execute(query).scalar_one()


def partial_billing(database: Database) -> str:
    with read(database.engine) as connection:
        query = select(sites.c.partial_billing).where(sites.c.site_id == SITE)
        return str(connection.execute(query).scalar_one())


def test_a_site_tells_its_windows_oldest_first(utility: Database) -> None:
    november = Window(date(2026, 11, 18), date(2026, 11, 24))
    december = Window(date(2026, 12, 18), date(2026, 12, 24))
    state = ask(utility, FindReadingState(SITE))
    assert isinstance(state, ReadingState)
    assert state.billing == "self_reading"
    assert state.windows[-2:] == (november, december)


def test_a_site_without_windows_is_found_but_not_by_another_service(
    utility: Database,
) -> None:
    assert ask(utility, FindReadingState("20290000")) == ReadingState("partial", ())
    assert ask(utility, FindReadingState("30290001")) == ReadingState()
    assert ask(utility, FindReadingState("99999999")) == ReadingState()


def test_only_who_pays_by_direct_debit_has_a_mandate(utility: Database) -> None:
    assert ask(utility, FindMandate("C-1001")) == Mandate(10)
    assert ask(utility, FindMandate("C-1003")) is None
    assert ask(utility, FindMandate("nobody")) is None


def test_a_desk_is_asked_at_the_moment_of_the_call(utility: Database) -> None:
    query = AskOpening("collections")
    assert ask(utility, query, context("2026-11-20T15:59")) == Opening(open=True)
    assert ask(utility, query, context("2026-11-20T16:00")) == Opening(open=False)
    with pytest.raises(ConfigurationError, match='There is no desk "nowhere"'):
        ask(utility, AskOpening("nowhere"))


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-12-24T10:00", "christmas_eve"),
        ("2026-12-25T10:00", "christmas"),
        ("2027-03-15T10:00", "national_day"),
        ("2027-03-29T10:00", "easter_monday"),
        ("2026-12-12T10:00", ""),
        ("2026-11-22T10:00", ""),
    ],
)
def test_a_desk_that_is_closed_for_a_holiday_says_which(
    utility: Database, at: str, reason: str
) -> None:
    assert ask(utility, AskOpening("collections"), context(at)) == Opening(False, reason)


def test_a_new_payment_day_is_stored_with_a_request(utility: Database) -> None:
    [receipt] = hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 27))
    assert is_valid(receipt)
    assert payment_day(utility, CUSTOMER) == 27
    [request] = ledger(utility.engine)
    assert request.as_json() == {
        "receipt": receipt,
        "kind": "payment_day",
        "customer_id": CUSTOMER,
        "site_id": SITE,
        "data": {"day": 27},
        "effective_from": None,
        "channel": "ivr",
        "call_sid": "CA1",
        "created_at": "2026-11-21T09:00:00+00:00",
        "flags": [],
    }


def test_the_same_payment_day_writes_nothing(utility: Database) -> None:
    assert hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 10)) == ()
    assert ledger(utility.engine) == []


def test_a_customer_without_a_day_gets_one(utility: Database) -> None:
    with write(utility.engine) as connection:
        connection.execute(customers.update().values(payment_day=None))
    assert len(hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 1))) == 1
    assert payment_day(utility, CUSTOMER) == 1


def test_without_direct_debit_there_is_no_day_to_change(utility: Database) -> None:
    assert hand_in(utility, ChangePaymentDay("20290000", "C-1003", 5)) == ()
    assert payment_day(utility, "C-1003") is None


@pytest.mark.parametrize("day", [0, 28, 31])
def test_a_day_that_the_rule_forbids_is_refused_at_the_last_door(
    utility: Database, day: int
) -> None:
    with pytest.raises(RefusedChangeError, match="is not a payment day from 1 to 27"):
        hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, day))
    assert ledger(utility.engine) == []


@pytest.mark.both_databases
def test_a_suspension_works_at_once_and_only_once(utility: Database) -> None:
    [receipt] = hand_in(utility, SuspendPartialBilling(SITE, CUSTOMER, TODAY))
    assert partial_billing(utility) == "suspended"
    assert hand_in(utility, SuspendPartialBilling(SITE, CUSTOMER, TODAY)) == ()
    [request] = ledger(utility.engine)
    assert request.receipt == receipt
    assert request.kind == "partial_billing_suspension"
    assert request.effective_from == TODAY
    assert request.data == {}


def test_a_restart_needs_a_suspension(utility: Database) -> None:
    assert hand_in(utility, RestartPartialBilling(SITE, CUSTOMER, TODAY)) == ()
    hand_in(utility, SuspendPartialBilling(SITE, CUSTOMER, TODAY))
    assert len(hand_in(utility, RestartPartialBilling(SITE, CUSTOMER, TODAY))) == 1
    assert partial_billing(utility) == "active"
    kinds = [request.kind for request in ledger(utility.engine)]
    assert kinds == ["partial_billing_suspension", "partial_billing_restart"]


@pytest.mark.both_databases
def test_each_quantity_is_a_request_and_the_present_one_works_on(utility: Database) -> None:
    command = ChangePartialConsumption(
        "20293899",
        "C-1002",
        (Quantity("48213401", 210), Quantity("0048213402", 90)),
        date(2027, 1, 1),
        ("low",),
    )
    receipts = hand_in(utility, command)
    requests = ledger(utility.engine)
    assert [request.receipt for request in requests] == list(receipts)
    assert [request.data for request in requests] == [
        {"kwh_per_month": 210, "serial": "48213401"},
        {"kwh_per_month": 90, "serial": "0048213402"},
    ]
    assert {request.effective_from for request in requests} == {date(2027, 1, 1)}
    assert {request.flags for request in requests} == {("low",)}
    with read(utility.engine) as connection:
        query = select(sites.c.partial_kwh_per_month).where(sites.c.site_id == "20293899")
        assert connection.execute(query).scalar_one() == 400


def test_the_quantity_of_a_site_with_one_meter_names_no_serial(utility: Database) -> None:
    command = ChangePartialConsumption(SITE, CUSTOMER, (Quantity(None, 210),), date(2027, 1, 1))
    hand_in(utility, command)
    assert ledger(utility.engine)[0].data == {"kwh_per_month": 210}


@pytest.mark.parametrize("quantity", [0, 100_000])
def test_a_quantity_out_of_bounds_stores_none_of_them(utility: Database, quantity: int) -> None:
    quantities = (Quantity(None, 210), Quantity(None, quantity))
    command = ChangePartialConsumption(SITE, CUSTOMER, quantities, date(2027, 1, 1))
    with pytest.raises(RefusedChangeError, match="from 1 to 99,999 kWh"):
        hand_in(utility, command)
    assert ledger(utility.engine) == []


def test_the_wish_for_self_reading_is_a_request_for_staff(utility: Database) -> None:
    assert len(hand_in(utility, SwitchToSelfReading("20290000", "C-1003"))) == 1
    assert hand_in(utility, SwitchToSelfReading(SITE, CUSTOMER)) == ()
    [request] = ledger(utility.engine)
    assert (request.kind, request.data) == ("self_reading_switch", {})
    assert request.effective_from is None


def test_a_receipt_leads_to_its_request_and_a_slip_to_none(utility: Database) -> None:
    [receipt] = hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 12))
    slip = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    with read(utility.engine) as connection:
        found = verify_receipt(connection, receipt)
        assert found is not None
        assert found.data == {"day": 12}
        assert found.created_at == budapest("2026-11-21T10:00")
        assert verify_receipt(connection, slip) is None


@pytest.mark.both_databases
def test_a_receipt_that_is_taken_is_drawn_again(utility: Database) -> None:
    def same_luck() -> CallContext:
        return context(rng=Random(1))  # noqa: S311 - it must repeat

    [first] = hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 11), same_luck())
    [second] = hand_in(utility, ChangePaymentDay(SITE, CUSTOMER, 12), same_luck())
    assert first != second
    assert [request.data["day"] for request in ledger(utility.engine)] == [11, 12]


def test_a_meter_without_a_reading_has_none_recorded(utility: Database) -> None:
    november = Window(date(2026, 11, 18), date(2026, 11, 24))
    assert ask(utility, FindRecordedReading(SITE, "48213377", november)) == ()

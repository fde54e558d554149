"""Call-backs, receipts, customer codes and last readings, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from backend.context import CallContext, IdentificationLimits
from backend.db.tables.records import customers, identification_failures, requests, sites
from backend.db.transactions import write
from backend.interface.answers import (
    CallingNumber,
    FoundReceipt,
    Identified,
    LastReading,
    RecordedRequest,
    Window,
)
from backend.interface.commands import (
    ChangePartialConsumption,
    ChangePaymentDay,
    Command,
    Quantity,
    RecordHotWater,
    RegisterReading,
    RequestCallback,
    RestartPartialBilling,
    SuspendPartialBilling,
)
from backend.interface.queries import (
    Answer,
    AskCallingNumber,
    FindConnectionTariff,
    FindPreviousReadings,
    FindReceipt,
    FindWindows,
    IdentifyByCode,
    Query,
)
from backend.records.requests.callback_requests import RefusedCallbackError
from backend.rules.confirmation_numbers import check_digit
from backend.service import answer, submit
from tests.support.databases.database import Database
from tests.support.databases.records import context, ledger

MOBILE = "+36301234567"
NOBODYS = f"1234567{check_digit('1234567')}"


def ask(database: Database, query: Query[Answer], asked: CallContext | None = None) -> Answer:
    with write(database.engine) as connection:
        return answer(connection, query, asked or context())


def hand_in(
    database: Database, command: Command, asked: CallContext | None = None
) -> tuple[str, ...]:
    with write(database.engine) as connection:
        return submit(connection, command, asked or context()).receipts


def test_the_calling_number_is_told_when_it_may_be_called_back(utility: Database) -> None:
    told = {
        caller: ask(utility, AskCallingNumber(), context(caller=caller))
        for caller in (MOBILE, "+3612345678", "+447911123456", "+3690123456", None)
    }
    assert told == {
        MOBILE: CallingNumber(MOBILE, mobile=True),
        "+3612345678": CallingNumber("+3612345678"),
        "+447911123456": CallingNumber(None),
        "+3690123456": CallingNumber(None),
        None: CallingNumber(None),
    }


@pytest.mark.both_databases
def test_a_call_back_is_entered_once_while_it_waits(utility: Database) -> None:
    [receipt] = hand_in(utility, RequestCallback(MOBILE, "morning"))
    assert hand_in(utility, RequestCallback(MOBILE, "afternoon")) == ()
    assert hand_in(utility, RequestCallback("+3612345678", "any"))
    first, second = ledger(utility.engine)
    assert (first.receipt, first.kind, first.customer_id) == (receipt, "callback", None)
    assert first.data == {"phone": MOBILE, "time_of_day": "morning"}
    assert second.data == {"phone": "+3612345678", "time_of_day": "any"}
    with write(utility.engine) as connection:
        connection.execute(update(requests).values(exported_at=datetime(2026, 11, 22, tzinfo=UTC)))
    assert hand_in(utility, RequestCallback(MOBILE, "any"))


def test_no_colleague_is_made_to_dial_a_premium_number(utility: Database) -> None:
    with pytest.raises(RefusedCallbackError):
        hand_in(utility, RequestCallback("+3690123456", "any"))
    assert ledger(utility.engine) == []


def test_a_receipt_tells_kind_and_day_and_nothing_personal(utility: Database) -> None:
    command = SuspendPartialBilling("20293811", "C-1001", date(2026, 11, 21))
    [suspended] = hand_in(utility, command)
    [changed] = hand_in(utility, ChangePaymentDay("20293811", "C-1001", 12))
    assert ask(utility, FindReceipt(suspended)) == FoundReceipt(
        RecordedRequest("partial_billing_suspension", date(2026, 11, 21))
    )
    assert ask(utility, FindReceipt(changed)) == FoundReceipt(RecordedRequest("payment_day", None))


def test_a_receipt_tells_that_a_later_request_of_the_same_kind_holds_instead(
    utility: Database,
) -> None:
    def is_replaced(receipt: str) -> bool:
        found = ask(utility, FindReceipt(receipt))
        assert isinstance(found, FoundReceipt)
        assert found.request is not None
        return found.request.replaced

    [day] = hand_in(utility, ChangePaymentDay("20293811", "C-1001", 12))
    today = date(2026, 11, 21)
    [suspended] = hand_in(utility, SuspendPartialBilling("20293811", "C-1001", today))
    assert not is_replaced(day)
    assert not is_replaced(suspended)
    [restarted] = hand_in(utility, RestartPartialBilling("20293811", "C-1001", today))
    [later_day] = hand_in(utility, ChangePaymentDay("20293811", "C-1001", 13))
    told = [is_replaced(each) for each in (day, suspended, restarted, later_day)]
    assert told == [True, True, False, False]


@pytest.mark.both_databases
def test_a_quantity_is_replaced_by_one_for_the_same_meter_from_the_same_day_or_before(
    utility: Database,
) -> None:
    def change(quantities: tuple[Quantity, ...], month: int) -> tuple[str, ...]:
        valid_from = date(2026, month, 1)
        command = ChangePartialConsumption("20293899", "C-1002", quantities, valid_from)
        return hand_in(utility, command)

    both = (Quantity("48213401", 100), Quantity("0048213402", 50))
    first, second = change(both, 11)
    third, fourth = change(both, 12)
    [fifth] = change((Quantity("48213401", 90),), 12)
    told = {}
    for receipt in (first, second, third, fourth, fifth):
        found = ask(utility, FindReceipt(receipt))
        assert isinstance(found, FoundReceipt)
        assert found.request is not None
        told[receipt] = found.request.replaced
    assert [receipt for receipt, replaced in told.items() if replaced] == [third]


def test_receipts_cannot_be_tried(utility: Database) -> None:
    [receipt] = hand_in(utility, RequestCallback(MOBILE, "any"))
    answers = [ask(utility, FindReceipt(NOBODYS)) for _ in range(3)]
    assert answers == [
        FoundReceipt(None),
        FoundReceipt(None),
        FoundReceipt(None, locked=True),
    ]
    assert ask(utility, FindReceipt(receipt)) == FoundReceipt(None, locked=True)
    # What was tried counts for whoever calls again, and for identification as well.
    limits = IdentificationLimits(per_call=99, per_caller=3)
    again = context(call_sid="CB", limits=limits)
    assert ask(utility, FindReceipt(receipt), again) == FoundReceipt(None, locked=True)
    code = IdentifyByCode("U1234", "72010002")
    assert ask(utility, code, again) == Identified(None, locked=True)


def test_code_and_serial_bring_the_site_of_the_meter(utility: Database) -> None:
    for code, serial, site in (
        ("U1234", "72010002", "30290002"),
        ("U12345", "72010003", "30290003"),
        ("U12345", "72010004", "30290003"),
        ("U12345", "0072010005", "30290004"),
    ):
        found = ask(utility, IdentifyByCode(code, serial))
        assert isinstance(found, Identified)
        assert found.site is not None
        assert (found.site.site_id, found.site.customer_id) == (site, code)


def test_a_wrong_code_or_serial_gets_the_same_answer_and_is_counted(utility: Database) -> None:
    for number, (code, serial) in enumerate(
        (
            ("U1234", "72010003"),
            ("U12345", "72010002"),
            ("U9999", "72010002"),
            ("1234", "72010002"),
            ("U4321", "0"),
            # A customer of electricity has no code.
            ("C-1001", "48213377"),
        )
    ):
        asked = context(call_sid=f"CA{number}", caller=f"+3630000000{number}")
        answers = [ask(utility, IdentifyByCode(code, serial), asked) for _ in range(3)]
        assert answers == [Identified(None), Identified(None), Identified(None, locked=True)]
    with write(utility.engine) as connection:
        counted = connection.execute(select(identification_failures)).all()
    assert len(counted) == 18
    assert "U1234" not in repr(counted)


@pytest.mark.both_databases
def test_a_code_is_locked_for_an_hour_after_ten_failures_from_anywhere(utility: Database) -> None:
    for number in range(10):
        asked = context(call_sid=f"CA{number}", caller=f"+3630000000{number}")
        wrong = ask(utility, IdentifyByCode("U1234", "1"), asked)
        assert wrong == Identified(None, locked=number == 9)
    owner = context("2026-11-21T10:59", call_sid="CB", caller="+36209999999")
    right = IdentifyByCode("U1234", "72010002")
    assert ask(utility, right, owner) == Identified(None, locked=True)


def test_who_has_no_hot_water_meter_proves_to_be_a_customer_by_an_invoice(
    utility: Database,
) -> None:
    only_heated = {
        "customer_id": "U2001", "name": "Minta", "address": "", "language": "hu",
        "direct_debit": False, "protected": False, "invoice_numbers": "TH-2026/200077 300088",
    }  # fmt: skip
    site = {
        "site_id": "30290009", "customer_id": "U2001", "service": "heat", "address": "",
        "billing": "partial", "partial_billing": "active",
    }  # fmt: skip
    with write(utility.engine) as connection:
        connection.execute(customers.insert(), [only_heated])
        connection.execute(sites.insert(), [site])
    for number in ("2026200077", "300088"):
        found = ask(utility, IdentifyByCode("U2001", number, or_invoice=True))
        assert isinstance(found, Identified)
        assert found.site is not None
        assert (found.site.site_id, found.site.meters) == ("30290009", ())
    for code, number in (("U2001", "200077"), ("U1234", "300088"), ("U12345", "300088")):
        wrong = IdentifyByCode(code, number, or_invoice=True)
        assert ask(utility, wrong, context(call_sid=f"CA{code}")) == Identified(None)


def test_an_invoice_is_no_proof_where_the_meter_is_asked_for(utility: Database) -> None:
    invoice = "2026100234"
    assert ask(utility, IdentifyByCode("U1234", invoice)) == Identified(None)
    found = ask(utility, IdentifyByCode("U1234", invoice, or_invoice=True))
    assert isinstance(found, Identified)
    assert found.site is not None
    assert found.site.site_id == "30290002"


@pytest.mark.both_databases
def test_of_previous_readings_the_newest_three_are_told_one_a_day(utility: Database) -> None:
    for month, value in ((8, 105), (9, 111), (10, 121), (11, 126)):
        _hand_in_hot_water(utility, value, date(2026, month, 20), last=30)
    found = ask(utility, FindPreviousReadings("30290002", "72010002", "hot_water"))
    # The utility read 120 on the same day in October; the customer's own stands for it.
    assert found == (
        LastReading(126, date(2026, 11, 20)),
        LastReading(121, date(2026, 10, 20)),
        LastReading(111, date(2026, 9, 20)),
    )


def _hand_in_hot_water(utility: Database, value: int, day: date, last: int) -> None:
    window = Window(day.replace(day=1), day.replace(day=last))
    reading = (RegisterReading("hot_water", value),)
    hand_in(utility, RecordHotWater("30290002", "U1234", "72010002", reading, day, window))


def test_the_last_reading_is_the_newest_whoever_gave_it(utility: Database) -> None:
    previous = FindPreviousReadings("30290002", "72010002", "hot_water")
    billed = LastReading(120, date(2026, 10, 20))
    assert ask(utility, previous) == (billed,)
    for value in (125, 126):
        _hand_in_hot_water(utility, value, date(2026, 11, 21), last=30)
    assert ask(utility, previous) == (LastReading(126, date(2026, 11, 21)), billed)
    assert ask(utility, FindPreviousReadings("30290002", "0", "hot_water")) == ()
    kinds = [(request.kind, request.data["register"]) for request in ledger(utility.engine)]
    assert kinds == [("hot_water_reading", "hot_water")] * 2
    assert ledger(utility.engine)[1].flags == ("replacement",)


def test_an_identified_sites_windows_are_told_without_counting(utility: Database) -> None:
    november = Window(date(2026, 11, 18), date(2026, 11, 24))
    assert ask(utility, FindWindows("30290003")) == (november,)
    month = Window(date(2026, 11, 1), date(2026, 11, 30))
    assert ask(utility, FindWindows("30290002")) == (month,)
    assert ask(utility, FindWindows("99999999")) == ()
    with write(utility.engine) as connection:
        assert connection.execute(select(identification_failures)).all() == []


def test_without_tariffs_no_connection_fee_is_told(utility: Database) -> None:
    assert ask(utility, FindConnectionTariff()) is None

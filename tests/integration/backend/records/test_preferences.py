"""E-invoices, text messages and wrong numbers: what works at once and what waits for staff."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from backend.context import CallContext
from backend.db.tables.messages import outbox, tasks
from backend.db.tables.records import customers, debts, requests
from backend.db.transactions import read, write
from backend.imports.importer import import_directory
from backend.interface.commands import ChooseEInvoice, ChooseReminders, Command, ReportWrongNumber
from backend.records.suppression.stops import Stop, stops_of
from backend.service import submit
from tests.support.databases.database import UTILITY, Database
from tests.support.databases.message_rows import add_campaign, add_row, row_of
from tests.support.databases.records import budapest, context, ledger

HEAT = ("30290002", "U1234")
SITE = ("20290000", "C-1003")
MOBILE = "+36309999999"
OF_THE_DEBT = "+36301234567"
"""The number on the case of C-1003; it is C-1001's as well."""


def hand_in(
    database: Database, command: Command, asked: CallContext | None = None
) -> tuple[str, ...]:
    with write(database.engine) as connection:
        return submit(connection, command, asked or context()).receipts


def stops(database: Database, phone: str) -> list[Stop]:
    with read(database.engine) as connection:
        return stops_of(connection, phone)


def hand_over(database: Database) -> None:
    with write(database.engine) as connection:
        connection.execute(update(requests).values(exported_at=datetime(2026, 11, 22, tzinfo=UTC)))


def test_an_e_invoice_is_a_wish_for_staff(utility: Database) -> None:
    [receipt] = hand_in(utility, ChooseEInvoice(*HEAT, wanted=True))
    [request] = ledger(utility.engine)
    assert (request.receipt, request.kind) == (receipt, "e_invoice")
    assert (request.site_id, request.customer_id) == HEAT
    assert request.data == {"e_invoice": "yes"}


@pytest.mark.both_databases
def test_the_same_wish_is_entered_once_while_it_waits(utility: Database) -> None:
    assert hand_in(utility, ChooseEInvoice(*HEAT, wanted=True))
    assert hand_in(utility, ChooseEInvoice(*HEAT, wanted=True)) == ()
    # Another customer's, another kind, and a change of mind are others.
    assert hand_in(utility, ChooseEInvoice("30290003", "U12345", wanted=True))
    assert hand_in(utility, ChooseReminders(*HEAT, wanted=True, mobile=None))
    assert hand_in(utility, ChooseEInvoice(*HEAT, wanted=False))
    assert hand_in(utility, ChooseEInvoice(*HEAT, wanted=True))
    hand_over(utility)
    assert hand_in(utility, ChooseEInvoice(*HEAT, wanted=True))
    assert len(ledger(utility.engine)) == 6


def test_who_wants_no_messages_is_stopped_at_once_on_every_number(utility: Database) -> None:
    with write(utility.engine) as connection:
        known = {"phone": "+36701111111"}
        connection.execute(update(customers).where(customers.c.customer_id == SITE[1]), known)
        add_campaign(connection)
        waiting = [
            add_row(connection, phone=phone) for phone in (OF_THE_DEBT, known["phone"], MOBILE)
        ]
        others = add_row(connection, phone="+36201234568")
    [receipt] = hand_in(utility, ChooseReminders(*SITE, wanted=False, mobile=MOBILE))
    now = budapest("2026-11-21T10:00")
    for phone in (OF_THE_DEBT, known["phone"], MOBILE):
        assert stops(utility, phone) == [Stop("opted_out", now, "call")]
    with read(utility.engine) as connection:
        rows = [row_of(connection, number) for number in waiting]
        assert {(row.state, row.reason) for row in rows} == {("suppressed", "opted_out")}
        assert row_of(connection, others).state == "queued"
    [request] = ledger(utility.engine)
    assert (request.receipt, request.kind) == (receipt, "sms_preference")
    assert request.data == {"reminders": "no"}


def test_a_stop_by_telephone_outlives_the_next_import(utility: Database) -> None:
    hand_in(utility, ChooseReminders(*SITE, wanted=False, mobile=None))
    import_directory(utility.engine, UTILITY)
    assert [stop.reason for stop in stops(utility, OF_THE_DEBT)] == ["opted_out"]


def test_a_number_without_any_record_is_stopped_when_it_calls(utility: Database) -> None:
    hand_in(utility, ChooseReminders("30290003", "U12345", wanted=False, mobile=MOBILE))
    assert [stop.reason for stop in stops(utility, MOBILE)] == ["opted_out"]


def test_a_repeated_no_stops_what_has_come_since(utility: Database) -> None:
    assert hand_in(utility, ChooseReminders(*SITE, wanted=False, mobile=None))
    with write(utility.engine) as connection:
        connection.execute(update(debts).values(phone=MOBILE))
    assert hand_in(utility, ChooseReminders(*SITE, wanted=False, mobile=None)) == ()
    assert [stop.reason for stop in stops(utility, MOBILE)] == ["opted_out"]


def test_who_wants_messages_again_waits_for_a_colleague(utility: Database) -> None:
    hand_in(utility, ChooseReminders(*SITE, wanted=False, mobile=MOBILE))
    assert hand_in(utility, ChooseReminders(*SITE, wanted=True, mobile=MOBILE))
    assert [stop.reason for stop in stops(utility, MOBILE)] == ["opted_out"]
    assert [request.data for request in ledger(utility.engine)] == [
        {"reminders": "no"},
        {"reminders": "yes"},
    ]


def test_a_wrong_number_is_stopped_and_a_colleague_checks_it(utility: Database) -> None:
    with write(utility.engine) as connection:
        add_campaign(connection, "C0", "done")
        attempted = {"attempted_at": budapest("2026-11-20T10:00"), "state": "delivered"}
        sent = add_row(connection, "C0", MOBILE, **attempted)
        add_campaign(connection)
        waiting = add_row(connection, phone=MOBILE)
    [receipt] = hand_in(utility, ReportWrongNumber(MOBILE))
    assert [stop.reason for stop in stops(utility, MOBILE)] == ["wrong_addressee"]
    with read(utility.engine) as connection:
        [task] = connection.execute(select(tasks)).all()
        assert (task.kind, task.phone) == ("verify_wrong_addressee", MOBILE)
        assert task.outbox_number == sent
        assert row_of(connection, waiting).reason == "wrong_addressee"
    [request] = ledger(utility.engine)
    assert (request.receipt, request.customer_id, request.site_id) == (receipt, None, None)
    assert request.data == {"reminders": "no", "reason": "wrong_addressee"}


def test_the_ledger_does_not_keep_the_number_of_a_stranger(utility: Database) -> None:
    hand_in(utility, ReportWrongNumber(MOBILE))
    with read(utility.engine) as connection:
        rows = connection.execute(select(requests)).all()
    assert MOBILE.removeprefix("+36") not in repr(rows)


def test_a_wrong_number_is_reported_once(utility: Database) -> None:
    assert hand_in(utility, ReportWrongNumber(MOBILE))
    assert hand_in(utility, ReportWrongNumber(MOBILE)) == ()
    with read(utility.engine) as connection:
        assert len(connection.execute(select(tasks)).all()) == 1


def test_a_call_that_is_rolled_back_stops_nothing(utility: Database) -> None:
    with pytest.raises(RuntimeError), write(utility.engine) as connection:  # noqa: PT012
        add_campaign(connection)
        add_row(connection, phone=MOBILE)
        submit(connection, ReportWrongNumber(MOBILE), context())
        raise RuntimeError
    assert stops(utility, MOBILE) == []
    with read(utility.engine) as connection:
        assert connection.execute(select(outbox)).all() == []

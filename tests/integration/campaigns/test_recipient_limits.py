"""Nobody is reminded too often, over all campaigns (C.3), and staff hear of a text sent before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.interface.codes import OutboxState
from messages.campaigns.outbox_states import COUNTS_AS_REMINDED
from messages.campaigns.policy import ReminderLimit, SendingPolicy
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import DebtRegister
from tests.support.databases.database import Database
from tests.support.databases.recipients import (
    MESSAGE,
    NOW,
    POLICY,
    add_customers,
    add_debts,
    add_reminder,
    chosen,
    debt,
    mobile,
)

MOMENT = timedelta(microseconds=1)
SOMEBODY = "C-0"


@pytest.fixture
def debtors(database: Database) -> Database:
    """Debtors 1 to 9, each with a mobile of the same number, and somebody without a debt."""
    numbers = range(1, 10)
    add_customers(database, [SOMEBODY, *(f"C-{number}" for number in numbers)])
    add_debts(database, [debt(f"K-{number}", f"C-{number}", mobile(number)) for number in numbers])
    return database


def too_soon(database: Database, policy: SendingPolicy = POLICY, kind: str = "debt") -> set[int]:
    """The debtors who are left out because they were reminded lately."""
    rows = chosen(database, DebtRegister(), policy, kind)[1]
    return {line for line, what in rows.items() if what == "too_soon"}


@pytest.mark.both_databases
def test_one_reminder_in_seven_days_and_two_in_thirty(debtors: Database) -> None:
    week, month = timedelta(days=7), timedelta(days=30)
    add_reminder(debtors, mobile(1), "C-1", NOW - week + MOMENT)
    add_reminder(debtors, mobile(2), "C-2", NOW - week)
    for number, oldest in ((3, month - MOMENT), (4, month)):
        add_reminder(debtors, mobile(number), f"C-{number}", NOW - timedelta(days=10))
        add_reminder(debtors, mobile(number), f"C-{number}", NOW - oldest)
    assert too_soon(debtors) == {1, 3}
    assert too_soon(debtors, kind="service") == set()
    assert too_soon(debtors, replace(POLICY, limits=())) == set()
    assert too_soon(debtors, replace(POLICY, limits=(ReminderLimit(1, 90),))) == {1, 2, 3, 4}


def test_a_reminder_counts_for_its_number_and_for_its_customer(debtors: Database) -> None:
    lately, before = NOW - timedelta(days=1), NOW - timedelta(days=10)
    add_reminder(debtors, mobile(1), SOMEBODY, lately)
    add_reminder(debtors, mobile(90), "C-2", lately)
    # One to the number and one to the customer are two; one to both is one.
    add_reminder(debtors, mobile(3), SOMEBODY, before)
    add_reminder(debtors, mobile(91), "C-3", before)
    add_reminder(debtors, mobile(4), "C-4", before)
    assert too_soon(debtors) == {1, 2, 3}


def test_what_reached_nobody_does_not_count(debtors: Database) -> None:
    lately = NOW - timedelta(days=1)
    for number, state in enumerate(map(str, OutboxState), 1):
        add_reminder(debtors, mobile(number), f"C-{number}", lately, state)
    counting = {
        number for number, state in enumerate(map(str, OutboxState), 1) if state in _COUNTING
    }
    assert too_soon(debtors) == counting


_COUNTING = set(COUNTS_AS_REMINDED)


def test_only_reminders_that_went_out_to_debtors_count(debtors: Database) -> None:
    lately = NOW - timedelta(days=1)
    add_reminder(debtors, mobile(1), "C-1", None, "claimed")
    add_reminder(debtors, mobile(2), "C-2", lately, kind="service")
    add_reminder(debtors, mobile(3), "C-3", lately, campaign_id="original")
    add_reminder(debtors, mobile(4), None, lately, rehearsal_of="original")
    assert too_soon(debtors) == {3}


def test_staff_hear_how_many_got_exactly_this_text_lately(debtors: Database) -> None:
    month = timedelta(days=30)
    policy = replace(POLICY, limits=())
    add_reminder(debtors, mobile(1), "C-1", NOW - month, campaign_id="original")
    add_reminder(debtors, mobile(90), "C-2", NOW - timedelta(days=1))
    add_reminder(debtors, mobile(2), "C-2", NOW - timedelta(days=2))
    add_reminder(debtors, mobile(3), SOMEBODY, NOW - month - MOMENT)
    add_reminder(debtors, mobile(4), "C-4", NOW - timedelta(days=1), message="Egy másik.")
    add_reminder(debtors, mobile(5), "C-5", NOW - timedelta(days=1), "failed")
    add_reminder(debtors, mobile(6), None, NOW - timedelta(days=1), rehearsal_of="original")
    add_reminder(debtors, mobile(95), SOMEBODY, NOW - timedelta(days=1))
    with selected(debtors.engine, DebtRegister(), policy, NOW) as selection:
        assert selection.reminded_with(MESSAGE, NOW - month) == 2
        assert selection.reminded_with("Egy harmadik.", NOW - month) == 0

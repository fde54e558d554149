"""Pre-send check: whoever may not get the message now, gets none."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from threading import Barrier

import pytest
from sqlalchemy import Connection, delete, update

from backend.db.tables.messages import outbox
from backend.db.tables.records import customers, debts
from backend.db.transactions import write
from backend.interface.codes import MessageKind, StopReason
from backend.records.suppression.stops import add_stop
from backend.rules.contact_hours import ContactHours
from messages.campaigns import lifecycle
from messages.campaigns import outbox as rows
from messages.campaigns.template_saving import save_template
from messages.delivery.in_flight import InFlight
from messages.delivery.sending import send_batch
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.colleagues.staff import NOW, acts_of
from tests.support.databases.recipients import add_reminder, mobile

CALLER = mobile(1)

Happening = Callable[[Connection, int], object]


def debt_is(status: str) -> Happening:
    return lambda connection, number: connection.execute(
        update(debts).where(debts.c.case_id == f"D{number}").values(status=status)
    )


def is_stopped(reason: StopReason) -> Happening:
    return lambda connection, number: add_stop(connection, mobile(number), reason, "staff", NOW)


def debt_has(**values: object) -> Happening:
    return lambda connection, number: connection.execute(
        update(debts).where(debts.c.case_id == f"D{number}").values(values)
    )


HAPPENINGS: dict[str, Happening] = {
    "paid": debt_is("paid"),
    "disputed": debt_is("disputed"),
    "agreed": debt_is("agreed"),
    "in_proceedings": debt_is("proceedings"),
    "assigned": debt_is("assigned"),
    "unknown_case": lambda connection, number: connection.execute(
        delete(debts).where(debts.c.case_id == f"D{number}")
    ),
    "not_overdue": debt_has(overdue_since=date(2026, 11, 24)),
    "no_number": debt_has(phone=None),
    "number_changed": debt_has(phone="+36209999999"),
    "other_customer": debt_has(customer_id="C12"),
    "protected": lambda connection, number: connection.execute(
        update(customers).where(customers.c.customer_id == f"C{number}").values(protected=True)
    ),
    "opted_out": is_stopped("opted_out"),
    "wrong_addressee": is_stopped("wrong_addressee"),
    "unreachable": is_stopped("unreachable"),
}


def change_customer(desk: SendingDesk, customer_id: str = "C1", **values: object) -> None:
    with write(desk.database.engine) as connection:
        mine = update(customers).where(customers.c.customer_id == customer_id)
        connection.execute(mine.values(values))


@pytest.mark.parametrize("at_once", [1, 40])
def test_scenario_36_what_happens_between_selection_and_sending_is_seen_and_nothing_is_sent(
    desk: SendingDesk, at_once: int
) -> None:
    desk.use(policy={"pace": 1_000})
    people = len(HAPPENINGS) + 1
    campaign_id = desk.run(desk.debtors(people))
    with write(desk.database.engine) as connection:
        for number, happens in enumerate(HAPPENINGS.values(), 1):
            happens(connection, number)
    while send_batch(desk.context, campaign_id, InFlight(desk.context, at_once)):
        pass
    assert desk.carrier.creation_requests == 1
    assert desk.taken == [mobile(people)]
    *suppressed, accepted = desk.rows(campaign_id)
    assert accepted.state == "accepted"
    assert [row.reason for row in suppressed] == list(HAPPENINGS)
    for row in suppressed:
        assert (row.state, row.attempt, row.attempted_at) == ("suppressed", 0, None)
        assert row.settled_at is not None
    assert dict(desk.counts(campaign_id).suppressed) == dict.fromkeys(sorted(HAPPENINGS), 1)


def test_scenario_36_what_happens_in_the_middle_of_a_batch_is_seen_too(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(3))
    desk.clock.set("2026-11-23 10:05")

    def pay(_seconds: float) -> bool:
        if len(desk.taken) == 1:
            with write(desk.database.engine) as connection:
                connection.execute(update(debts).values(status="paid"))
        return False

    desk.use(wait=pay)
    send_batch(desk.context, campaign_id)
    assert desk.taken == [CALLER]
    assert dict(desk.counts(campaign_id).suppressed) == {"paid": 2}


def test_the_weightiest_stop_is_the_reason(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    with write(desk.database.engine) as connection:
        for reason in ("unreachable", "opted_out", "wrong_addressee"):
            HAPPENINGS[reason](connection, 1)
    desk.send(campaign_id)
    assert dict(desk.counts(campaign_id).suppressed) == {"wrong_addressee": 1}


def test_scenario_40_reminders_of_other_campaigns_within_the_limits_are_seen(
    desk: SendingDesk,
) -> None:
    too_soon: list[tuple[list[float], str]] = [
        ([6.99], "delivered"),
        ([8, 29.99], "delivered"),
        # What may have arrived counts.
        ([1], "unknown"),
        ([1], "sent"),
        ([1], "accepted"),
        ([1], "claimed"),
    ]
    late_enough: list[tuple[list[float], str]] = [
        ([7.01], "delivered"),
        ([8, 30.01], "delivered"),
        # What surely has not arrived does not count.
        ([1], "failed"),
        ([1], "cancelled"),
    ]
    campaign_id = desk.run(desk.debtors(2 * len(too_soon + late_enough)))
    person = count(1)
    for days, state in too_soon + late_enough:
        by_phone, by_customer = next(person), next(person)
        for ago in days:
            then = desk.clock() - timedelta(days=ago)
            add_reminder(desk.database, mobile(by_phone), None, then, state)
            # The same customer, reminded at another number.
            elsewhere = mobile(1000 + by_customer)
            add_reminder(desk.database, elsewhere, f"C{by_customer}", then, state)
    desk.send(campaign_id)
    reminded = 2 * len(too_soon)
    assert desk.taken == [mobile(each) for each in range(reminded + 1, next(person))]
    assert dict(desk.counts(campaign_id).suppressed) == {"too_soon": reminded}


def test_a_service_message_or_a_rehearsal_counts_in_no_limit(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    yesterday = desk.clock() - timedelta(days=1)
    add_reminder(desk.database, CALLER, "C1", yesterday, kind="service")
    add_reminder(desk.database, CALLER, "C1", yesterday, rehearsal_of=campaign_id)
    desk.send(campaign_id)
    assert desk.taken == [CALLER]


def test_a_service_message_goes_out_whatever_the_debt_but_not_to_who_is_stopped(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(2)
    with write(desk.database.engine) as connection:
        connection.execute(update(customers).values(protected=True))
        connection.execute(update(debts).values(status="paid"))
    add_reminder(desk.database, mobile(2), "C2", desk.clock() - timedelta(days=1))
    campaign_id = desk.run(people, "reading_window_open")
    with write(desk.database.engine) as connection:
        HAPPENINGS["opted_out"](connection, 1)
    desk.send(campaign_id)
    assert desk.taken == [mobile(2)]
    assert dict(desk.counts(campaign_id).suppressed) == {"opted_out": 1}


def test_two_cases_of_one_customer_are_in_two_lots_and_the_second_is_too_soon(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(4))
    with write(desk.database.engine) as connection:
        for table in (debts, outbox):
            same = update(table).where(table.c.case_id == "D3").values(customer_id="C1")
            connection.execute(same)
    desk.use(policy={"pace": 1_000})
    send_batch(desk.context, campaign_id, InFlight(desk.context, 40))
    assert desk.taken == [mobile(1), mobile(2), mobile(4)]
    assert dict(desk.counts(campaign_id).suppressed) == {"too_soon": 1}


def test_of_a_lot_those_before_an_unfit_text_go_out_and_those_behind_it_wait(
    desk: SendingDesk,
) -> None:
    spell_out(desk)
    campaign_id = desk.run(desk.debtors(4), "office")
    change_customer(desk, "C3", name="Minta Gesztenyési")
    desk.use(policy={"pace": 1_000})
    send_batch(desk.context, campaign_id, InFlight(desk.context, 40))
    assert desk.taken == [mobile(1), mobile(2)]
    assert desk.states(campaign_id) == {"accepted": 2, "suppressed": 1, "queued": 1}
    assert desk.find(campaign_id).state == "paused"


def campaigns_at_once(desk: SendingDesk, campaign_ids: list[str]) -> None:
    """Send campaigns in threads that meet before every single message."""
    barrier = Barrier(len(campaign_ids))

    def meet(_seconds: float) -> bool:
        barrier.wait(10)
        return False

    desk.use(wait=meet)
    with ThreadPoolExecutor(len(campaign_ids)) as workers:
        sent = [workers.submit(send_batch, desk.context, each) for each in campaign_ids]
        assert all(each.result(30) for each in sent)


@pytest.mark.both_databases
def test_of_two_campaigns_that_reach_the_same_people_at_once_each_gets_one_message(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(8)
    racing = [desk.run(people), desk.run(people, "debt_contact_2")]
    campaigns_at_once(desk, racing)
    assert sorted(desk.taken) == [mobile(each) for each in people]
    outcomes = [desk.states(each) for each in racing]
    assert sum(each.get("accepted", 0) for each in outcomes) == 8
    assert sum(each.get("suppressed", 0) for each in outcomes) == 8
    for each in racing:
        assert set(desk.counts(each).suppressed) <= {"too_soon"}


@pytest.mark.both_databases
def test_of_two_campaigns_that_reach_one_customer_at_two_numbers_at_once_one_gets_through(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(4)
    racing = [desk.run(people), desk.run(people, "debt_contact_2")]
    with write(desk.database.engine) as connection:
        for row in desk.rows(racing[1]):
            another = update(outbox).where(outbox.c.number == row.number)
            elsewhere = f"+3620{7_000_000 + row.number}"
            connection.execute(another.values(phone=elsewhere, phone_is_of_case=False))
    campaigns_at_once(desk, racing)
    assert len(desk.taken) == 4
    assert sum(desk.states(each).get("suppressed", 0) for each in racing) == 4


@pytest.mark.both_databases
@pytest.mark.parametrize("reason", [None, "paid"])
def test_a_worker_whose_row_another_has_taken_over_neither_sends_nor_suppresses_it(
    desk: SendingDesk, reason: str | None
) -> None:
    campaign_id = desk.run(desk.debtors(1))

    def lose_the_row(_seconds: float) -> bool:
        desk.wait(61)
        with write(desk.database.engine) as connection:
            assert rows.expire_leases(connection, desk.clock()) == (1, 0)
            lease = timedelta(seconds=60)
            assert rows.claim(connection, campaign_id, "another", 1, desk.clock(), lease)
            if reason is not None:
                HAPPENINGS[reason](connection, 1)
        return False

    desk.use(wait=lose_the_row)
    send_batch(desk.context, campaign_id)
    assert desk.carrier.requests == []
    (row,) = desk.rows(campaign_id)
    assert (row.state, row.worker, row.attempt) == ("claimed", "another", 0)


SPELLED_OUT = (
    "Tisztelt Ügyfelünk! Keresse gesztenyési irodánkat: {desk_phone}, {desk_email}. {company}"
)


def spell_out(desk: SendingDesk, text: str = SPELLED_OUT) -> None:
    facts = desk.context.facts(MessageKind.DEBT)
    with write(desk.database.engine) as connection:
        save_template(connection, "office", MessageKind.DEBT, text, (), "anna", desk.clock(), facts)


def test_scenario_37_a_text_that_holds_the_recipients_own_name_is_sent_to_nobody(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    spell_out(desk)
    campaign_id = desk.run(desk.debtors(3), "office")
    change_customer(desk, name="Minta Gesztenyési")
    desk.send(campaign_id)
    assert desk.carrier.creation_requests == 0
    assert desk.states(campaign_id) == {"queued": 2, "suppressed": 1}
    assert dict(desk.counts(campaign_id).suppressed) == {"names_recipient": 1}
    paused = desk.find(campaign_id)
    assert paused.state == "paused"
    assert paused.pause_reason is not None
    assert str(paused.pause_reason) == (
        "the text may not go out: it holds something of the record of case D1 (rule recipient). "
        "Cancel the campaign and make another one"
    )
    assert acts_of(desk.database.engine)[-1] == (
        "worker",
        "campaign pause",
        campaign_id,
        paused.pause_reason.stored(),
    )
    assert "rule recipient" in caplog.text
    assert not {"D1", "Gesztenyési", CALLER} & set(re.findall(r"[\w+]+", caplog.text))


def test_scenario_37_any_token_of_the_record_counts_in_any_spelling(desk: SendingDesk) -> None:
    spell_out(desk, SPELLED_OUT.replace("gesztenyési", "gesztenyésiné-féle"))
    records = [
        {"address": "1111 Mintaváros, Gesztenyési utca"},
        {"name": "Gesztenyesi Minta"},
        {"name": "GESZTENYÉSINÉ Minta"},
        {"email": "gesztenyesi@example.hu"},
    ]
    campaign_id = desk.run(desk.debtors(len(records)), "office")
    with write(desk.database.engine) as connection:
        for number, record in enumerate(records, 1):
            person = update(customers).where(customers.c.customer_id == f"C{number}")
            connection.execute(person.values(record))
    for number in range(1, len(records) + 1):
        desk.send(campaign_id)
        assert dict(desk.counts(campaign_id).suppressed) == {"names_recipient": number}
        assert desk.step(lifecycle.resume, campaign_id, "anna") == "running"
    assert desk.carrier.creation_requests == 0


def test_a_text_whose_contacts_have_changed_is_sent_to_nobody_and_nobody_is_lost(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(2))
    facts = desk.context.facts(MessageKind.DEBT)
    desk.use(facts=lambda _kind: replace(facts, phone="+3613333333"))
    desk.send(campaign_id)
    assert desk.carrier.creation_requests == 0
    assert desk.states(campaign_id) == {"queued": 2}
    reason = str(desk.find(campaign_id).pause_reason)
    assert reason.startswith("the text may not go out: ")
    assert "(rule digits)" in reason
    desk.use(facts=lambda _kind: facts)
    desk.step(lifecycle.resume, campaign_id, "anna")
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 2}


def test_a_number_that_the_file_named_and_the_case_never_had_is_kept_whatever_the_case_gets(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(2))
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(phone_is_of_case=False))
        connection.execute(update(debts).where(debts.c.case_id == "D1").values(phone=None))
        connection.execute(update(debts).where(debts.c.case_id == "D2").values(phone=mobile(9)))
    desk.send(campaign_id)
    assert desk.taken == [mobile(1), mobile(2)]


def test_a_service_message_too_goes_neither_to_a_corrected_number_nor_to_another_customer(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(3), "reading_window_open")
    with write(desk.database.engine) as connection:
        HAPPENINGS["number_changed"](connection, 1)
        connection.execute(update(debts).where(debts.c.case_id == "D2").values(customer_id="C1"))
        HAPPENINGS["not_overdue"](connection, 3)
    desk.send(campaign_id)
    assert desk.taken == [mobile(3)]
    assert dict(desk.counts(campaign_id).suppressed) == {"number_changed": 1, "other_customer": 1}


def test_a_debt_is_overdue_from_its_day_on_as_it_begins_in_budapest(desk: SendingDesk) -> None:
    desk.use(policy={"contact_hours": ContactHours.parse("always")})
    campaign_id = desk.run(desk.debtors(2))
    with write(desk.database.engine) as connection:
        for number, day in ((1, date(2026, 11, 23)), (2, date(2026, 11, 24))):
            debt_has(overdue_since=day)(connection, number)
    desk.clock.set("2026-11-23 23:58")
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]
    assert dict(desk.counts(campaign_id).suppressed) == {"not_overdue": 1}

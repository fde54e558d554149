"""Settling the unknown by the carrier's own list: found, absent, or a matter for a person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from backend.db.tables.messages import outbox
from backend.db.transactions import read, write
from backend.records.work_list.task_list import list_tasks
from messages.campaigns import lifecycle
from messages.campaigns.outbox import expire_leases
from messages.delivery.gateway import CarrierRefusesError, Listing
from messages.delivery.reconciling import MOST_ATTEMPTS, Reconciled, reconcile
from messages.delivery.sending import send_batch
from simulator.messages import CodedFault, Fault, Faults, StatusFault
from tests.support.carriers.sending_desk import SENDER, SendingDesk, gateway
from tests.support.databases.recipients import mobile

TAKEN = Faults(cut_after=Fault(probability=1.0))
LOST = Faults(cut_before=Fault(probability=1.0))
JUDGED_AFTER = 301
"""Seconds after which a list proves something of each of several: its ``Date`` is in whole ones."""


def unknown(desk: SendingDesk, faults: Faults, debtors: int = 1) -> str:
    """A campaign whose messages are all unknown, the fault being over; its id."""
    campaign_id = desk.run(desk.debtors(debtors))
    desk.carrier.faults = faults
    desk.send(campaign_id, batches=1)
    assert desk.states(campaign_id) == {"unknown": debtors}
    desk.carrier.faults = Faults()
    return campaign_id


def test_a_message_that_the_list_has_is_accepted_under_its_id_and_state(
    desk: SendingDesk,
) -> None:
    campaign_id = unknown(desk, TAKEN, 4)
    messages = desk.carrier.messages
    messages[1].status = "delivered"
    messages[2].status = "sent"
    messages[3].status, messages[3].error_code = "undelivered", 30005
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=4)
    found = [(row.state, row.code, row.message_sid) for row in desk.rows(campaign_id)]
    assert found == [
        ("accepted", None, messages[0].sid),
        ("delivered", None, messages[1].sid),
        ("sent", None, messages[2].sid),
        ("failed", 30005, messages[3].sid),
    ]
    assert desk.reconcile() == Reconciled()


def test_a_message_that_the_list_does_not_have_is_queued_again_and_sent_once(
    desk: SendingDesk,
) -> None:
    campaign_id = unknown(desk, LOST, 2)
    reference = desk.rows(campaign_id)[0].reference
    desk.wait(JUDGED_AFTER)
    assert desk.reconcile() == Reconciled(absent=2)
    assert desk.states(campaign_id) == {"queued": 2}
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 2}
    assert desk.taken == [mobile(1), mobile(2)]
    assert desk.rows(campaign_id)[0].reference == reference
    assert desk.find(campaign_id).state == "done"


def test_nothing_is_judged_before_its_time(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, LOST)
    requests = len(desk.carrier.requests)
    desk.wait(299)
    assert desk.reconcile() == Reconciled(undecided=1)
    assert len(desk.carrier.requests) == requests
    desk.wait(1)
    assert desk.reconcile() == Reconciled(absent=1)
    assert desk.states(campaign_id) == {"queued": 1}


def test_a_list_that_shows_messages_late_but_in_time_does_not_mislead(desk: SendingDesk) -> None:
    desk.carrier.list_lag = 295
    campaign_id = unknown(desk, TAKEN)
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_a_row_whose_worker_died_after_the_request_is_found_by_the_list(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.send(campaign_id)
    died = {"state": "claimed", "message_sid": None, "lease_until": desk.clock()}
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(died))
    desk.wait(1)
    assert desk.reconcile() == Reconciled(undecided=1)
    assert desk.states(campaign_id) == {"unknown": 1}
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1)
    assert desk.rows(campaign_id)[0].message_sid == desk.carrier.messages[0].sid


def test_a_row_whose_worker_died_before_the_request_is_queued_again_at_once(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    died = {"state": "claimed", "worker": "dead", "lease_until": desk.clock()}
    with write(desk.database.engine) as connection:
        connection.execute(update(outbox).values(died))
        # A lease that ends at this very moment is still held.
        assert expire_leases(connection, desk.clock()) == (0, 0)
        assert expire_leases(connection, desk.clock() + timedelta(seconds=1)) == (1, 0)
    assert desk.states(campaign_id) == {"queued": 1}


def test_a_list_that_cannot_be_read_is_read_again_a_minute_later(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    campaign_id = unknown(desk, TAKEN, 2)
    right = desk.context.gateway
    desk.wait(300)
    for wrong in ("http://127.0.0.1:9", f"{desk.url}/elsewhere", f"{desk.url}/phone#"):
        desk.use(gateway=gateway(wrong))
        caplog.clear()
        assert desk.reconcile() == Reconciled(undecided=2)
        assert len(caplog.records) == 2
        assert desk.reconcile() == Reconciled(undecided=2)
        assert len(caplog.records) == 2
        assert mobile(1) not in caplog.text
        desk.wait(60)
    assert desk.states(campaign_id) == {"unknown": 2}
    desk.use(gateway=right)
    assert desk.reconcile() == Reconciled(found=2)


@pytest.mark.parametrize("asked", ["find", "check"])
def test_refused_credentials_are_told_in_a_sentence_without_any_number(
    desk: SendingDesk, asked: str
) -> None:
    account = gateway(desk.url, token="revoked")
    with pytest.raises(CarrierRefusesError) as refused:
        account.check() if asked == "check" else account.find(mobile(1))
    assert str(refused.value) == (
        "The carrier refuses our credentials (HTTP 401). Check TWILIO_ACCOUNT_SID and "
        "TWILIO_AUTH_TOKEN; the token may have been revoked."
    )
    assert refused.value.__cause__ is None


def test_refused_credentials_leave_the_unknown_as_it_is(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, TAKEN)
    desk.wait(300)
    desk.use(gateway=gateway(desk.url, token="revoked"))
    with pytest.raises(CarrierRefusesError):
        desk.reconcile()
    assert desk.states(campaign_id) == {"unknown": 1}


def test_the_same_text_sent_earlier_to_the_same_number_is_not_taken_for_it(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(1)
    earlier = desk.run(people)
    desk.send(earlier)
    # One of this account's that is no row of ours, and one that the person wrote themselves.
    message = desk.find(earlier).message
    desk.context.gateway.send(mobile(1), message, "https://desk.example.hu/x", None)
    desk.carrier.reply(mobile(1), SENDER, message)
    desk.clock.set("2026-12-07 10:00")
    campaign_id = desk.draft(people)
    desk.step(lifecycle.approve, campaign_id, "bela")
    desk.start(campaign_id)
    desk.carrier.faults = LOST
    desk.send(campaign_id, batches=1)
    desk.wait(300)
    assert desk.reconcile() == Reconciled(absent=1)


def test_a_message_of_another_campaign_at_the_same_time_is_not_taken_for_it(
    desk: SendingDesk,
) -> None:
    people = desk.debtors(1)
    first = desk.run(people, "reading_window_open")
    second = desk.run(people, "reading_window_open")
    desk.send(first)
    desk.carrier.faults = LOST
    desk.send(second, batches=1)
    desk.wait(JUDGED_AFTER)
    assert desk.reconcile() == Reconciled(absent=1)
    assert desk.rows(first)[0].message_sid == desk.carrier.messages[0].sid


def test_another_text_to_the_same_number_is_not_taken_for_it(desk: SendingDesk) -> None:
    unknown(desk, LOST)
    desk.context.gateway.send(mobile(1), "Something else", "https://desk.example.hu/x", None)
    desk.wait(300)
    assert desk.reconcile() == Reconciled(absent=1)


def test_a_text_that_the_carrier_does_not_keep_is_no_reason_to_send_it_again(
    desk: SendingDesk,
) -> None:
    campaign_id = unknown(desk, TAKEN)
    desk.carrier.messages[0].body = ""
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_a_carriers_clock_that_is_two_minutes_behind_does_not_hide_a_message(
    desk: SendingDesk,
) -> None:
    usual = desk.carrier.clock
    desk.carrier.clock = lambda: usual() - 119
    campaign_id = unknown(desk, TAKEN)
    desk.carrier.clock = usual
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_a_message_that_was_lost_many_times_goes_to_a_person(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults = LOST
    for attempt in range(1, MOST_ATTEMPTS + 1):
        desk.send(campaign_id, batches=1)
        assert desk.rows(campaign_id)[0].attempt == attempt
        desk.wait(300)
        assert desk.reconcile() == (
            Reconciled(absent=1) if attempt < MOST_ATTEMPTS else Reconciled(for_people=1)
        )
    (row,) = desk.rows(campaign_id)
    assert (row.state, row.reason) == ("unknown", "needs_person")
    with read(desk.database.engine) as connection:
        (task,) = list_tasks(connection)
    assert (task.kind, task.outbox_number, task.phone) == ("find_message", row.number, mobile(1))
    # It is nobody's any more: not looked for again, and the campaign does not wait for it.
    desk.wait(300)
    assert desk.reconcile() == Reconciled()
    desk.send(campaign_id)
    assert desk.find(campaign_id).state == "done"
    assert desk.states(campaign_id) == {"unknown": 1}


def test_a_receipt_that_comes_before_the_list_is_asked_settles_it(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, TAKEN)
    desk.receipt(desk.carrier.messages[0], "delivered")
    desk.wait(300)
    assert desk.reconcile() == Reconciled()
    assert desk.states(campaign_id) == {"delivered": 1}


def test_a_receipt_proves_what_the_list_was_too_slow_for(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, TAKEN)
    desk.carrier.list_lag = 10_000
    desk.wait(300)
    assert desk.reconcile() == Reconciled(absent=1)
    desk.receipt(desk.carrier.messages[0], "sent")
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"sent": 1}
    assert len(desk.taken) == 1


@pytest.mark.parametrize(("faults", "after"), [(LOST, "cancelled"), (TAKEN, "accepted")])
def test_the_unknown_of_a_cancelled_campaign_is_cancelled_when_it_is_absent(
    desk: SendingDesk, faults: Faults, after: str
) -> None:
    campaign_id = unknown(desk, faults, 2)
    desk.step(lifecycle.cancel, campaign_id, "anna")
    assert desk.states(campaign_id) == {"unknown": 2}
    desk.wait(JUDGED_AFTER)
    desk.reconcile()
    assert desk.states(campaign_id) == {after: 2}
    assert desk.send(campaign_id) == 0


def test_the_absent_of_a_paused_campaign_waits_in_the_queue(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, LOST)
    desk.step(lifecycle.pause, campaign_id, "anna")
    desk.wait(300)
    desk.reconcile()
    assert desk.send(campaign_id) == 0
    assert desk.states(campaign_id) == {"queued": 1}


class MeetingGateway:
    """The real list, at which two reconcilers wait for each other before they judge."""

    def __init__(self, desk: SendingDesk) -> None:
        self._real = desk.context.gateway
        self._barrier = Barrier(2)
        self.sender = self._real.sender
        self.send = self._real.send
        self.check = self._real.check
        self.carrier_time = self._real.carrier_time

    def find(self, to: str) -> Listing:
        listed = self._real.find(to)
        self._barrier.wait(10)
        return listed


@pytest.mark.both_databases
@pytest.mark.parametrize(("faults", "state"), [(TAKEN, "accepted"), (LOST, "queued")])
def test_two_reconcilers_at_once_come_to_one_result(
    desk: SendingDesk, faults: Faults, state: str
) -> None:
    campaign_id = unknown(desk, faults, 3)
    desk.wait(JUDGED_AFTER)
    meeting = MeetingGateway(desk)
    context = replace(desk.context, gateway=meeting)
    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(reconcile, desk.database.engine, meeting, context.policy, context.clock)
            for _ in range(2)
        ]
        for each in runs:
            each.result(30)
    assert desk.states(campaign_id) == {state: 3}
    desk.send(campaign_id)
    assert sorted(desk.taken) == [mobile(1), mobile(2), mobile(3)]


@pytest.mark.both_databases
def test_a_slow_reconciler_does_not_undo_a_second_attempt(desk: SendingDesk) -> None:
    campaign_id = unknown(desk, LOST)
    desk.wait(300)
    real = desk.context.gateway

    class Slow(MeetingGateway):
        def find(self, to: str) -> Listing:
            listed = real.find(to)
            # Meanwhile another has judged it absent, and it was sent again and is unknown again.
            assert desk.reconcile() == Reconciled(absent=1)
            desk.carrier.faults = TAKEN
            send_batch(desk.context, campaign_id)
            return listed

    reconcile(desk.database.engine, Slow(desk), desk.context.policy, desk.clock)
    assert desk.states(campaign_id) == {"unknown": 1}
    assert len(desk.taken) == 1
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1)


def test_a_slow_reconciler_whose_list_was_too_early_leaves_the_time_of_a_second_attempt(
    desk: SendingDesk,
) -> None:
    campaign_id = unknown(desk, LOST)
    desk.wait(300)
    real = desk.context.gateway

    class Early(MeetingGateway):
        def find(self, to: str) -> Listing:
            # Its list was made just before one could prove anything.
            listed = replace(real.find(to), as_of=desk.clock() - timedelta(seconds=1))
            assert desk.reconcile() == Reconciled(absent=1)
            desk.carrier.faults = TAKEN
            send_batch(desk.context, campaign_id)
            return listed

    engine, policy = desk.database.engine, desk.context.policy
    reconcile(engine, Early(desk), policy, desk.clock)
    desk.carrier.list_lag = 100
    # One whose clock is fast asks at once; the list does not have the second attempt's message yet.
    reconcile(engine, real, policy, lambda: desk.clock() + timedelta(hours=1))
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]


@pytest.mark.parametrize(("taken_after", "messages"), [(0, 1), (199, 1), (201, 2), (320, 2)])
def test_a_request_that_was_given_up_is_doubled_only_when_it_is_taken_too_late_for_the_list(
    desk: SendingDesk, taken_after: int, messages: int
) -> None:
    desk.carrier.list_lag = 100
    campaign_id = unknown(desk, LOST)
    given_up = next(each.form for each in desk.carrier.requests if each.method == "POST")
    taken_at = desk.clock() + timedelta(seconds=taken_after)
    judged_at = desk.clock() + timedelta(seconds=300)
    for moment in sorted([taken_at, judged_at]):
        desk.wait((moment - desk.clock()).total_seconds())
        if moment == taken_at:
            desk.carrier.create(given_up)
        else:
            desk.reconcile()
            desk.send(campaign_id)
    assert desk.taken == [mobile(1)] * messages


def test_codes_and_errors_of_the_list_do_not_break_the_run(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(2))
    desk.carrier.faults.error_before = StatusFault(recipients=(mobile(1),))
    desk.carrier.faults.refuse = CodedFault(code=21612, recipients=(mobile(2),))
    desk.send(campaign_id)
    desk.wait(300)
    assert desk.reconcile() == Reconciled(absent=1)
    assert desk.states(campaign_id) == {"queued": 1, "failed": 1}

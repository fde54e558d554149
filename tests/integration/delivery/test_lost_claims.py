"""Workers that lose their rows to others while they wait, and what they may still do."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.db.transactions import write
from backend.interface.codes import MessageKind
from messages.campaigns import outbox as rows
from messages.delivery.gateway import Outcome
from simulator.messages import CodedFault
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile


def asked(desk: SendingDesk) -> int:
    """How many messages the carrier was asked to send."""
    return sum(each.method == "POST" for each in desk.carrier.requests)


class Meanwhile:
    """The real gateway, and what happens while it waits for the answer."""

    def __init__(self, desk: SendingDesk, happens: Callable[[], object]) -> None:
        self._real = desk.context.gateway
        self._happens = happens
        self.sender = self._real.sender
        self.find = self._real.find
        self.check = self._real.check
        self.carrier_time = self._real.carrier_time

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        outcome = self._real.send(to, text, callback, valid_for)
        self._happens()
        return outcome


@pytest.mark.both_databases
def test_a_message_whose_claim_was_lost_while_the_carrier_took_it_is_accepted(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))

    def lose_the_claim() -> None:
        desk.wait(61)
        with write(desk.database.engine) as connection:
            assert rows.expire_leases(connection, desk.clock()) == (0, 1)
        assert desk.states(campaign_id) == {"unknown": 1}

    desk.use(gateway=Meanwhile(desk, lose_the_claim))
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}
    assert desk.rows(campaign_id)[0].message_sid == desk.carrier.messages[0].sid


def test_an_answer_that_comes_after_the_message_was_queued_again_keeps_it_from_going_twice(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.list_lag = 10_000

    def lose_the_message() -> None:
        desk.wait(61)
        desk.reconcile()
        desk.wait(300)
        assert desk.reconcile().absent == 1
        assert desk.states(campaign_id) == {"queued": 1}

    desk.use(gateway=Meanwhile(desk, lose_the_message))
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}
    assert asked(desk) == 1


def test_a_refusal_that_comes_after_the_claim_was_lost_changes_no_row_of_somebody_else(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(1))
    desk.carrier.faults.refuse = CodedFault(code=21612, next=1)

    def somebody_else_takes_it() -> None:
        desk.wait(61)
        desk.reconcile()
        desk.wait(300)
        desk.reconcile()
        with write(desk.database.engine) as connection:
            lease = timedelta(seconds=60)
            assert rows.claim(connection, campaign_id, "another", 1, desk.clock(), lease)

    desk.use(gateway=Meanwhile(desk, somebody_else_takes_it))
    desk.send(campaign_id, batches=1)
    (row,) = desk.rows(campaign_id)
    assert (row.state, row.worker, row.code) == ("claimed", "another", None)


@pytest.mark.both_databases
def test_a_worker_that_was_held_up_before_the_request_does_not_send_it(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    usual = desk.context.facts
    stalls = iter([31.0])

    def stalled(kind: MessageKind) -> object:
        desk.wait(next(stalls, 0.0))
        return usual(kind)

    desk.use(facts=stalled)
    desk.send(campaign_id, batches=1)
    assert desk.carrier.requests == []
    (row,) = desk.rows(campaign_id)
    assert (row.state, row.attempted_at, row.attempt) == ("queued", None, 1)
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]

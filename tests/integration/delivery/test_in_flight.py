"""Requests that are on their way at once, and the transactions in which they are settled."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend.db.transactions import write
from common.errors import DatabaseUnreachableError
from messages.campaigns.outbox import expire_leases
from messages.delivery import in_flight
from messages.delivery.gateway import Outcome
from messages.delivery.in_flight import InFlight
from messages.delivery.sending import send_batch
from simulator.messages import CodedFault
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile

PEOPLE = 6


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4 * PEOPLE) as threads:
        yield threads


def requests_of(desk: SendingDesk, pool: ThreadPoolExecutor) -> InFlight:
    desk.use(policy={"pace": 1_000})
    return InFlight(desk.context, 4 * PEOPLE, pool)


class Together:
    """The real gateway, whose answers are given when all have asked; ``asked`` is how many have."""

    def __init__(self, desk: SendingDesk) -> None:
        self._real = desk.context.gateway
        self._all_asked = threading.Barrier(PEOPLE)
        self.sender, self.find, self.check = self._real.sender, self._real.find, self._real.check
        self.carrier_time = self._real.carrier_time

    def send(self, to: str, text: str, callback: str, valid_for: timedelta | None) -> Outcome:
        self._all_asked.wait(20)
        return self._real.send(to, text, callback, valid_for)


@pytest.mark.both_databases
def test_a_lot_is_on_its_way_at_once_and_each_answer_is_settled_for_its_own_row(
    desk: SendingDesk, pool: ThreadPoolExecutor
) -> None:
    campaign_id = desk.run(desk.debtors(PEOPLE))
    desk.carrier.faults.refuse = CodedFault(code=21610, recipients=(mobile(2),))
    desk.use(gateway=Together(desk))  # one lot of all of them
    requests = requests_of(desk, pool)
    assert send_batch(desk.context, campaign_id, requests)
    requests.drain()
    assert not requests.are_open
    rows = desk.rows(campaign_id)
    assert [row.state for row in rows] == ["accepted", "failed", *["accepted"] * 4]
    ids = {message.to: message.sid for message in desk.carrier.messages}
    assert [row.message_sid for row in rows] == [ids.get(row.phone) for row in rows]
    assert desk.stopped() == ["opted_out"]


def test_a_request_that_waited_for_its_thread_too_long_is_not_made(
    desk: SendingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = desk.run(desk.debtors(PEOPLE))
    desk.use(policy={"pace": 1_000})
    requests = InFlight(desk.context, 4 * PEOPLE)
    usual = in_flight.settle_all

    def stall_once(*arguments: object) -> None:
        usual(*arguments)  # type: ignore[arg-type]
        if len(desk.taken) == 2:
            desk.wait(31)

    monkeypatch.setattr(in_flight, "settle_all", stall_once)
    send_batch(desk.context, campaign_id, requests)
    assert desk.taken == [mobile(1), mobile(2)]
    assert desk.states(campaign_id) == {"accepted": 2, "queued": 4}
    monkeypatch.undo()
    desk.send(campaign_id)
    assert sorted(desk.taken) == [mobile(number) for number in range(1, PEOPLE + 1)]


def test_answers_that_cannot_be_settled_are_told_to_who_sends_and_found_at_the_carrier(
    desk: SendingDesk, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = desk.run(desk.debtors(PEOPLE))
    requests = requests_of(desk, pool)

    def fail(*_arguments: object) -> None:
        raise DatabaseUnreachableError("The disk is full.")

    monkeypatch.setattr(in_flight, "settle_all", fail)
    send_batch(desk.context, campaign_id, requests)
    pool.shutdown()
    with pytest.raises(DatabaseUnreachableError):
        requests.drain()
    monkeypatch.undo()
    assert not requests.are_open
    desk.wait(61)
    with write(desk.database.engine) as connection:
        expire_leases(connection, desk.clock())
    assert desk.states(campaign_id) == {"unknown": PEOPLE}
    desk.wait(301)
    assert desk.reconcile().found == PEOPLE
    assert len(desk.taken) == PEOPLE

"""Whoever gets two messages or none in a soak run: all that happened to them is told."""

import socket
import time

import pytest

from benchmarks.soak.history import history, keeping
from simulator.messages import Fault, Faults
from simulator.threaded_server import HOST, seconds_waited
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile


def _double_the_first_of_two(desk: SendingDesk) -> None:
    desk.carrier.faults = Faults(cut_before=Fault(next=1))
    campaign_id = desk.run(desk.debtors(2))
    desk.send(campaign_id)
    given_up = desk.carrier.requests[0].form
    desk.wait(301)
    desk.reconcile()
    desk.wait(1)
    desk.carrier.create(given_up)
    desk.wait(1)
    desk.send(campaign_id)


@pytest.mark.both_databases
def test_attempts_looks_at_the_list_and_a_request_that_was_taken_late_are_told(
    desk: SendingDesk,
) -> None:
    with keeping(desk.database.engine):
        _double_the_first_of_two(desk)
        events = history(desk.database.engine, desk.carrier, mobile(1))
    told = [event.what for event in events]
    ledger = [what.split(", ")[:2] for what in told if what.startswith("ledger")]
    assert ledger == [
        ["ledger: claimed", "attempt 0"],
        ["ledger: claimed", "attempt 1"],
        ["ledger: unknown", "attempt 1"],
        ["ledger: queued", "attempt 1"],
        ["ledger: claimed", "attempt 1"],
        ["ledger: claimed", "attempt 2"],
        ["ledger: accepted", "attempt 2"],
        ["ledger: accepted", "attempt 2"],
    ]
    late, second = (each.sid for each in desk.carrier.messages if each.to == mobile(1))
    carrier = [what.partition(", read")[0] for what in told if what.startswith("carrier")]
    assert carrier == [
        "carrier: asked to send",
        "carrier: asked to send, answer: no answer",
        "carrier: asked for the list",
        "carrier: asked for the list, answer: 200",
        f"carrier: took {late}",
        "carrier: asked to send",
        f"carrier: took {second}",
        f"carrier: asked to send, answer: 201 {second}",
    ]


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not tell")
def test_a_request_that_lay_in_the_systems_queue_is_dated_by_when_it_came() -> None:
    with (
        socket.create_server((HOST, 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\n")
        time.sleep(0.1)
        connection, _ = listening.accept()
        with connection:
            assert seconds_waited(connection) >= 0.09

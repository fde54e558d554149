"""A database that fails in the middle of a campaign: nobody is lost, and nobody gets two."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from common.errors import DatabaseUnreachableError
from tests.integration.delivery.test_lost_claims import Meanwhile
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.outages import close_all_connections, full_disk
from tests.support.databases.recipients import mobile

PEOPLE = 4


def send_through(desk: SendingDesk, campaign_id: str) -> None:
    """Send and reconcile as workers do, who try again."""
    for _ in range(4):
        with suppress(DatabaseUnreachableError):
            desk.send(campaign_id)
        desk.wait(400)
        desk.reconcile()


def at_the_second_slot(desk: SendingDesk, happen: Callable[[], object]) -> None:
    """Let something happen once, between the slot of a message and its pre-send check."""
    waits = 0
    usual = desk.context.wait

    def wait(seconds: float) -> bool:
        nonlocal waits
        waits += 1
        if waits == 2:
            happen()
        return usual(seconds)

    desk.use(wait=wait)


def everybody_has_one(desk: SendingDesk, campaign_id: str) -> bool:
    desk.counts(campaign_id)
    return sorted(desk.taken) == [mobile(number) for number in range(1, PEOPLE + 1)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_is_restarted_in_mid_campaign(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(PEOPLE))
    at_the_second_slot(desk, lambda: close_all_connections(desk.database))
    send_through(desk, campaign_id)
    assert everybody_has_one(desk, campaign_id)
    assert desk.find(campaign_id).state == "done"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", ["before the request", "after the answer"])
def test_a_disk_that_is_full_in_mid_campaign(desk: SendingDesk, when: str) -> None:
    campaign_id = desk.run(desk.debtors(PEOPLE))
    usual = desk.context
    full = ExitStack()
    if when == "before the request":
        at_the_second_slot(desk, lambda: full.enter_context(full_disk()))
    else:
        desk.use(gateway=Meanwhile(desk, lambda: full.enter_context(full_disk())))
    with full, pytest.raises(DatabaseUnreachableError):
        desk.send(campaign_id)
    # Whoever cannot note an attempt does not send.
    assert len(desk.taken) == 1
    desk.context = usual
    send_through(desk, campaign_id)
    assert everybody_has_one(desk, campaign_id)
    assert desk.find(campaign_id).state == "done"

"""Rehearsals: the same path, to colleagues only."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from backend.db.tables.messages import users
from backend.db.transactions import write
from backend.staff.users import phones_of
from common.errors import CampaignError, UserError
from messages.campaigns import lifecycle
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.rehearsals import rehearse
from messages.campaigns.recipients.selection import selected
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile, write_file


def give_phones(desk: SendingDesk, **phones: str) -> None:
    with write(desk.database.engine) as connection:
        for name, phone in phones.items():
            connection.execute(update(users).where(users.c.name == name).values(phone=phone))


def rehearsed(desk: SendingDesk, campaign_id: str, *names: str, by: str = "anna") -> str:
    with write(desk.database.engine) as connection:
        phones = phones_of(connection, names)
        rng = desk.context.rng
        return rehearse(connection, campaign_id, phones, Actor(by, desk.clock()), rng).campaign_id


def test_a_rehearsal_goes_to_staff_only_at_any_hour_and_counts_in_no_limit(
    desk: SendingDesk, tmp_path: Path
) -> None:
    # A colleague who is a debtor as well: the rehearsal must not be taken for a reminder.
    people = desk.debtors(2)
    give_phones(desk, anna=mobile(1), bela="+36209998888")
    campaign_id = desk.draft(people)
    desk.clock.set("2026-11-22 23:30")
    rehearsal_id = rehearsed(desk, campaign_id, "anna", "bela")
    rehearsal = desk.find(rehearsal_id)
    original = desk.find(campaign_id)
    assert (rehearsal.state, rehearsal.rehearsal_of) == ("running", campaign_id)
    assert (rehearsal.message, rehearsal.segments) == (original.message, original.segments)
    desk.send(rehearsal_id)
    assert sorted(desk.taken) == [mobile(1), "+36209998888"][::-1]
    assert desk.find(rehearsal_id).state == "done"
    assert desk.states(campaign_id) == {"queued": 2}
    assert original.state == "draft"
    assert "ValidityPeriod" not in dict(desk.carrier.requests[0].form)
    desk.clock.set("2026-11-23 10:00")
    desk.step(lifecycle.approve, campaign_id, "bela")
    desk.start(campaign_id)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 2}
    file = write_file(tmp_path, "D1", "D2", header="case_id")
    with selected(
        desk.database.engine, file, desk.context.policy, desk.clock() + timedelta(days=40)
    ) as later:
        assert later.recipients == 2


def test_a_rehearsal_is_refused_to_nobody_to_too_many_and_by_a_viewer(desk: SendingDesk) -> None:
    campaign_id = desk.draft(desk.debtors(1))
    before = desk.snapshot()
    with pytest.raises(UserError, match="anna has no telephone"):
        rehearsed(desk, campaign_id, "anna")
    with pytest.raises(UserError, match='Did you mean "anna"'):
        rehearsed(desk, campaign_id, "anan")
    step = Actor("anna", desk.clock())
    with write(desk.database.engine) as connection:
        for phones in ([], [mobile(number) for number in range(6)]):
            with pytest.raises(CampaignError, match=f"1 to 5 telephones, not to {len(phones)}"):
                rehearse(connection, campaign_id, phones, step, desk.context.rng)
        viewer = Actor("vera", desk.clock())
        with pytest.raises(UserError, match="viewer"):
            rehearse(connection, campaign_id, [mobile(1)], viewer, desk.context.rng)
    assert desk.snapshot() == before


def test_who_opted_out_gets_no_rehearsal_either(desk: SendingDesk) -> None:
    give_phones(desk, anna=mobile(9))
    campaign_id = desk.draft(desk.debtors(1))
    rehearsal_id = rehearsed(desk, campaign_id, "anna")
    desk.carrier.opted_out.add((mobile(9), desk.context.gateway.sender))
    desk.send(rehearsal_id)
    assert desk.stopped() == ["opted_out"]
    again = rehearsed(desk, campaign_id, "anna")
    desk.send(again)
    assert desk.counts(again).suppressed == {"opted_out": 1}
    assert desk.carrier.creation_requests == 1

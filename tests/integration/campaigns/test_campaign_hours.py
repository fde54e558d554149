"""When a campaign may start and send: contact hours, Sundays, holidays, moratoria, and a time."""

from datetime import date, timedelta

import pytest

from backend.db.transactions import write
from backend.desks import HungarianCalendar, Moratorium
from common.errors import CampaignError
from messages.campaigns import lifecycle
from messages.campaigns.lifecycle import begin_scheduled
from tests.support.calls.telephone import budapest
from tests.support.carriers.sending_desk import SendingDesk

TRUCE = HungarianCalendar(
    moratoria=(Moratorium(date(2026, 11, 24), date(2026, 11, 25), "winter truce"),)
)
FORBIDDEN = [
    ("2026-11-18 20:30", "people are left alone then", "2026-11-19 08:00"),
    ("2026-11-23 20:00", "people are left alone then", "2026-11-26 08:00"),
    ("2026-11-23 07:59", "people are left alone then", "2026-11-23 08:00"),
    ("2026-11-22 12:00", "people are left alone then", "2026-11-23 08:00"),
    # A Saturday that is worked in exchange for another day stays a Saturday for people at home.
    ("2026-08-08 12:00", "people are left alone then", "2026-08-10 08:00"),
    ("2026-10-23 12:00", "people are left alone then", "2026-10-26 08:00"),
    ("2026-11-24 12:00", r"there is a moratorium \(winter truce\)", "2026-11-26 08:00"),
]


def approved(desk: SendingDesk, debtors: int = 1) -> str:
    campaign_id = desk.draft(desk.debtors(debtors))
    desk.step(lifecycle.approve, campaign_id, "bela")
    return campaign_id


def test_scenario_40_a_start_in_a_forbidden_hour_is_refused_and_changes_nothing(
    desk: SendingDesk,
) -> None:
    desk.use(calendar=TRUCE)
    campaign_id = approved(desk)
    before = desk.snapshot()
    for moment, because, permitted in FORBIDDEN:
        refusal = f"may not start at {moment}: {because}; .* next permitted time is {permitted}"
        desk.clock.set(moment)
        with pytest.raises(CampaignError, match=refusal):
            desk.start(campaign_id)
        desk.clock.set("2026-01-05 10:00")
        with pytest.raises(CampaignError, match=refusal):
            desk.start(campaign_id, not_before=budapest(moment))
    assert desk.snapshot() == before


def test_scenario_40_a_start_when_permitted_begins_in_the_next_permitted_minute(
    desk: SendingDesk,
) -> None:
    desk.use(calendar=TRUCE)
    for number, (moment, _, permitted) in enumerate(sorted(FORBIDDEN), 1):
        desk.clock.set(moment)
        campaign_id = desk.draft(desk.debtors(1, first=number))
        desk.step(lifecycle.approve, campaign_id, "bela")
        assert desk.start(campaign_id, when_permitted=True) == "scheduled"
        begins = budapest(permitted.replace(" at ", " "))
        assert desk.find(campaign_id).starts_at == begins
        assert desk.start(campaign_id) == "scheduled"
        for early, is_due in ((timedelta(seconds=1), 0), (timedelta(0), 1)):
            desk.clock.now = begins - early
            with write(desk.database.engine) as connection:
                assert begin_scheduled(connection, desk.clock()) == is_due
            desk.send(campaign_id)
            assert len(desk.taken) == number - 1 + is_due
        assert desk.find(campaign_id).started_at == begins


def test_a_start_at_a_time_waits_for_it(desk: SendingDesk) -> None:
    campaign_id = approved(desk)
    begins = budapest("2026-11-24 09:30")
    assert desk.start(campaign_id, not_before=begins) == "scheduled"
    assert desk.find(campaign_id).starts_at == begins
    assert desk.send(campaign_id) == 0


def test_a_start_at_a_time_that_is_past_is_refused_with_both_times(desk: SendingDesk) -> None:
    campaign_id = approved(desk)
    before = desk.snapshot()
    for past in ("2025-12-01 09:00", "2026-11-23 09:59"):
        told = f"{past} is past; now it is 2026-11-23 10:00. Write a later time"
        with pytest.raises(CampaignError, match=told):
            desk.start(campaign_id, not_before=budapest(past))
    assert desk.snapshot() == before
    # Who writes no seconds means the minute that has begun.
    desk.clock.now += timedelta(seconds=59)
    assert desk.start(campaign_id, not_before=budapest("2026-11-23 10:00")) == "running"


def test_a_scheduled_campaign_is_moved_to_another_time(desk: SendingDesk) -> None:
    campaign_id = approved(desk)
    early, late = budapest("2026-11-24 09:30"), budapest("2026-11-25 15:00")
    for begins in (late, early, late):
        assert desk.start(campaign_id, not_before=begins) == "scheduled"
        assert desk.find(campaign_id).starts_at == begins
    with write(desk.database.engine) as connection:
        assert begin_scheduled(connection, early) == 0
    before = desk.snapshot()
    assert desk.start(campaign_id) == desk.start(campaign_id, not_before=late) == "scheduled"
    desk.clock.set("2026-11-20 10:00")
    with pytest.raises(CampaignError, match="may not start at 2026-11-22 12:00"):
        desk.start(campaign_id, not_before=budapest("2026-11-22 12:00"))
    assert desk.snapshot() == before
    desk.clock.set("2026-11-24 10:00")
    assert desk.start(campaign_id, not_before=budapest("2026-11-24 10:00")) == "running"
    assert desk.find(campaign_id).starts_at is None


def test_what_runs_already_is_not_moved_in_silence(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(1))
    before = desk.snapshot()
    with pytest.raises(CampaignError, match="is running: one cannot start it now"):
        desk.start(campaign_id, not_before=budapest("2026-11-24 10:00"))
    assert desk.snapshot() == before
    assert desk.start(campaign_id) == "running"


def test_hours_that_never_come_are_told_as_a_mistake_in_the_settings(desk: SendingDesk) -> None:
    for_good = Moratorium(date(2026, 1, 1), date(2029, 1, 1), "mistake")
    desk.use(calendar=HungarianCalendar(moratoria=(for_good,)))
    campaign_id = approved(desk)
    with pytest.raises(CampaignError, match=r"CONTACT_HOURS and the moratoria .* Correct them"):
        desk.start(campaign_id, when_permitted=True)


def test_scenario_40_a_running_campaign_is_held_back_and_goes_on_in_the_next_permitted_minute(
    desk: SendingDesk,
) -> None:
    desk.use(calendar=TRUCE, policy={"pace": 0.2})
    campaign_id = desk.run(desk.debtors(10))
    # A minute is what the carrier needs, at most, to send what it has taken.
    for until, goes_on, sent in (
        ("2026-11-23 20:00", "2026-11-26 08:00", 4),
        ("2026-11-27 20:00", "2026-11-30 08:00", 8),
    ):
        desk.carrier.requests.clear()
        desk.clock.now = budapest(until) - timedelta(seconds=75)
        desk.send(campaign_id)
        validity = [dict(each.form)["ValidityPeriod"] for each in desk.carrier.requests]
        assert validity == ["75", "70", "65", "60"]
        desk.clock.now = budapest(goes_on) - timedelta(seconds=1)
        assert desk.send(campaign_id) == 0
        assert desk.states(campaign_id) == {"accepted": sent, "queued": 10 - sent}
    desk.clock.now = budapest(goes_on)
    desk.send(campaign_id)
    assert desk.find(campaign_id).state == "done"
    assert len(desk.taken) == 10


def test_a_campaign_that_was_paused_before_its_time_waits_for_it_when_resumed(
    desk: SendingDesk,
) -> None:
    campaign_id = approved(desk)
    begins = budapest("2026-11-24 09:30")
    desk.start(campaign_id, not_before=begins)
    desk.step(lifecycle.pause, campaign_id, "anna")
    with write(desk.database.engine) as connection:
        assert begin_scheduled(connection, begins) == 0
    assert desk.step(lifecycle.resume, campaign_id, "anna") == "scheduled"
    desk.step(lifecycle.pause, campaign_id, "anna")
    desk.clock.now = begins + timedelta(hours=1)
    assert desk.step(lifecycle.resume, campaign_id, "anna") == "running"
    assert desk.find(campaign_id).started_at == desk.clock()

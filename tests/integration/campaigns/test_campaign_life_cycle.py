"""The steps of a campaign: who may take which, when, and what each does to the outbox."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from backend.db.tables.messages import campaigns
from backend.db.transactions import read, write
from backend.interface.codes import CampaignState, MessageKind
from cli.support.hints import sentence
from common.error_codes import ErrorCode
from common.errors import CampaignError, NoSuchCampaignError, UserError
from messages.campaigns import lifecycle
from messages.campaigns import outbox as rows
from messages.campaigns.campaign import Campaign, list_campaigns
from messages.campaigns.lifecycle import Actor
from messages.campaigns.pause_reasons import PauseCode, PauseReason
from messages.campaigns.planning.drafting import Draft, create
from messages.campaigns.template_library import find_template
from messages.campaigns.template_saving import save_template
from messages.delivery.sending import send_batch
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.colleagues.staff import acts_of
from tests.support.databases.recipients import mobile, write_file

ACTS: dict[str, Callable[..., Campaign]] = {
    "approve": lifecycle.approve,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "cancel": lifecycle.cancel,
}
LEADS_TO = {
    "approve": {"draft": "approved"},
    "start": {"approved": "running"},
    "pause": {"scheduled": "paused", "running": "paused"},
    "resume": {"paused": "running"},
    "cancel": dict.fromkeys(("draft", "approved", "scheduled", "running", "paused"), "cancelled"),
}
CHANGES_NOTHING = {
    "approve": {"approved", "scheduled", "running", "paused", "done"},
    "start": {"scheduled", "running", "done"},
    "pause": {"paused"},
    "resume": {"scheduled", "running"},
    "cancel": {"cancelled"},
}


def take(desk: SendingDesk, act: str, campaign_id: str, by: str) -> str:
    if act == "start":
        return desk.start(campaign_id, by)
    return desk.step(ACTS[act], campaign_id, by)


def approved(desk: SendingDesk, debtors: int = 1) -> str:
    campaign_id = desk.draft(desk.debtors(debtors))
    desk.step(lifecycle.approve, campaign_id, "bela")
    return campaign_id


@pytest.mark.parametrize("act", LEADS_TO)
def test_each_step_is_taken_harmless_or_refused_with_a_hint_as_its_state_says(
    desk: SendingDesk, act: str
) -> None:
    campaign_id = desk.draft(desk.debtors(1))
    for state in map(str, CampaignState):
        with write(desk.database.engine) as connection:
            approver = None if state == "draft" else "bela"
            connection.execute(update(campaigns).values(state=state, approved_by=approver))
        before, acts = desk.snapshot(), acts_of(desk.database.engine)
        if state in LEADS_TO[act]:
            assert take(desk, act, campaign_id, "ada") == LEADS_TO[act][state]
            assert acts_of(desk.database.engine)[len(acts) :] == [
                ("ada", f"campaign {act}", campaign_id, None)
            ]
            continue
        if state in CHANGES_NOTHING[act]:
            assert take(desk, act, campaign_id, "ada") == state
        else:
            with pytest.raises(CampaignError) as refused:
                take(desk, act, campaign_id, "ada")
            assert refused.value.code is ErrorCode.CAMPAIGN_STATE
            told = sentence(refused.value)
            assert told.startswith(f"Campaign {campaign_id} is {state}: one cannot {act} it now. ")
            assert ": zoldszam campaign " in told
        assert desk.snapshot() == before
        assert acts_of(desk.database.engine) == acts


def test_who_has_saved_the_text_cannot_approve_the_campaign_that_another_makes_of_it(
    desk: SendingDesk,
) -> None:
    facts = desk.context.facts(MessageKind.DEBT)
    text = "Tisztelt Ügyfelünk! Keressen minket: {desk_phone}, {desk_email}. {company}"
    with write(desk.database.engine) as connection:
        save_template(
            connection, "adas_text", MessageKind.DEBT, text, (), "ada", desk.clock(), facts
        )
    campaign_id = desk.draft(desk.debtors(1), "adas_text")
    with pytest.raises(CampaignError, match="ada has written the text of campaign"):
        desk.step(lifecycle.approve, campaign_id, "ada")
    assert desk.find(campaign_id).state == "draft"
    assert desk.step(lifecycle.approve, campaign_id, "bela") == "approved"


def test_a_campaign_of_nobody_is_neither_approved_nor_started(desk: SendingDesk) -> None:
    campaign_id = desk.draft([])
    told = f"{campaign_id} has no recipients"
    with pytest.raises(CampaignError, match=told):
        desk.step(lifecycle.approve, campaign_id, "bela")
    with write(desk.database.engine) as connection:
        connection.execute(update(campaigns).values(state="approved", approved_by="bela"))
    with pytest.raises(CampaignError, match=told):
        desk.start(campaign_id)
    assert desk.step(lifecycle.cancel, campaign_id, "anna") == "cancelled"


def test_a_name_in_another_case_is_the_same_person_when_it_comes_to_approving(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.draft(desk.debtors(1), by="Bela")
    with pytest.raises(CampaignError, match=f"bela has written campaign {campaign_id}"):
        desk.step(lifecycle.approve, campaign_id, "bela")


def test_who_has_written_a_campaign_cannot_approve_it_not_even_as_an_admin(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.draft(desk.debtors(1))
    with write(desk.database.engine) as connection:
        connection.execute(update(campaigns).values(created_by="ada"))
    with pytest.raises(CampaignError, match=f"ada has written campaign {campaign_id} and cannot"):
        desk.step(lifecycle.approve, campaign_id, "ada")
    assert desk.step(lifecycle.approve, campaign_id, "bela") == "approved"
    # Nor afterwards, when it would change nothing.
    with pytest.raises(CampaignError, match="cannot approve it too"):
        desk.step(lifecycle.approve, campaign_id, "ada")
    assert desk.find(campaign_id).approved_by == "bela"


@pytest.mark.parametrize(
    ("act", "roles"),
    [
        ("approve", {"bela", "ada"}),
        ("start", {"anna", "bela", "ada"}),
        ("pause", {"anna", "bela", "ada"}),
        ("resume", {"anna", "bela", "ada"}),
        ("cancel", {"anna", "bela", "ada"}),
    ],
)
def test_each_step_asks_for_a_role(desk: SendingDesk, act: str, roles: set[str]) -> None:
    campaign_id = desk.draft(desk.debtors(1))
    state, after = next(iter(LEADS_TO[act].items()))
    for name in ("anna", "bela", "ada", "vera", "nobody"):
        with write(desk.database.engine) as connection:
            values = {"state": state, "approved_by": None, "created_by": "else"}
            connection.execute(update(campaigns).values(values))
        if name in roles:
            assert take(desk, act, campaign_id, name) == after
        else:
            with pytest.raises(UserError, match=f'"{name}"'):
                take(desk, act, campaign_id, name)
            assert desk.find(campaign_id).state == state


def test_only_a_sender_or_an_admin_writes_a_campaign(desk: SendingDesk, tmp_path: Path) -> None:
    desk.debtors(1)
    recipients = write_file(tmp_path, "D1", header="case_id")
    with write(desk.database.engine) as connection:
        template = find_template(connection, "debt_contact_1", now=desk.clock())
    draft = Draft("reminder", template, desk.context.facts(template.kind))

    def write_by(name: str) -> Campaign:
        step = Actor(name, desk.clock())
        rules = desk.context.policy
        return create(
            desk.database.engine, draft, recipients, rules, step, desk.context.rng
        ).campaign

    for name in ("anna", "ada"):
        assert write_by(name).state == "draft"
    before = desk.snapshot()
    for name in ("bela", "vera", "nobody"):
        with pytest.raises(UserError, match=name):
            write_by(name)
    assert desk.snapshot() == before


def test_a_step_of_a_campaign_that_there_is_not_says_where_to_look(desk: SendingDesk) -> None:
    with pytest.raises(NoSuchCampaignError, match='no campaign "NONE"'):
        desk.step(lifecycle.pause, "NONE", "anna")


def test_a_paused_campaign_sends_nothing_until_it_is_resumed(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(3))
    desk.step(lifecycle.pause, campaign_id, "bela")
    assert desk.send(campaign_id) == 0
    assert desk.states(campaign_id) == {"queued": 3}
    assert desk.find(campaign_id).pause_reason == PauseReason(PauseCode.BY_USER, {"by": "bela"})
    desk.step(lifecycle.resume, campaign_id, "anna")
    assert desk.find(campaign_id).pause_reason is None
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 3}


def test_a_cancelled_campaign_never_sends_what_was_left(desk: SendingDesk) -> None:
    desk.use(policy={"pace": 1.0})
    campaign_id = desk.run(desk.debtors(5))
    assert desk.send(campaign_id, batches=1) == 1
    desk.step(lifecycle.cancel, campaign_id, "anna")
    assert desk.states(campaign_id) == {"accepted": 2, "cancelled": 3}
    assert desk.find(campaign_id).ended_at == desk.clock()
    assert desk.send(campaign_id) == 0
    assert len(desk.taken) == 2


@pytest.mark.parametrize(("act", "left"), [("pause", "queued"), ("cancel", "cancelled")])
def test_the_kill_switch_stops_the_rest_of_a_batch(desk: SendingDesk, act: str, left: str) -> None:
    campaign_id = desk.run(desk.debtors(10))
    pressed_before = 4

    def press(_seconds: float) -> bool:
        if len(desk.taken) == pressed_before and desk.find(campaign_id).state == "running":
            desk.step(ACTS[act], campaign_id, "bela")
        return False

    desk.use(wait=press)
    assert send_batch(desk.context, campaign_id)
    assert len(desk.taken) == pressed_before
    assert desk.states(campaign_id) == {"accepted": pressed_before, left: 6}


def test_a_claim_takes_what_the_pace_lets_through_in_two_seconds(desk: SendingDesk) -> None:
    desk.use(policy={"pace": 3.0})
    campaign_id = desk.run(desk.debtors(20))
    for _ in range(3):
        send_batch(desk.context, campaign_id)
    assert desk.states(campaign_id) == {"accepted": 18, "queued": 2}
    assert len({row.worker for row in desk.rows(campaign_id)[:18]}) == 3


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_sent(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(4))
    desk.use(wait=lambda _seconds: len(desk.taken) == 1)
    send_batch(desk.context, campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1, "queued": 3}
    assert [row.worker for row in desk.rows(campaign_id)][1:] == [None] * 3


def test_a_campaign_is_done_when_nothing_of_it_is_open(desk: SendingDesk) -> None:
    campaign_id = desk.run(desk.debtors(2))
    desk.carrier.faults.cut_after.recipients = (mobile(2),)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1, "unknown": 1}
    assert desk.find(campaign_id).state == "running"
    desk.wait(300)
    assert desk.reconcile().found == 1
    desk.send(campaign_id)
    assert desk.find(campaign_id).state == "done"
    assert desk.find(campaign_id).ended_at == desk.clock()


def test_a_campaign_whose_last_message_went_out_is_done_in_the_same_batch(
    desk: SendingDesk,
) -> None:
    campaign_id = desk.run(desk.debtors(2))
    send_batch(desk.context, campaign_id)
    assert desk.find(campaign_id).state == "done"


def test_a_campaign_without_recipients_is_not_approved(desk: SendingDesk) -> None:
    with pytest.raises(CampaignError, match="has no recipients"):
        desk.run([])


def pressed_at_once(desk: SendingDesk, *acts: tuple[str, str], campaign_id: str) -> list[Any]:
    """What each of several people gets who press at the same moment: a state or a refusal."""
    barrier = Barrier(len(acts))

    def press(act: str, by: str) -> str:
        barrier.wait(5)
        try:
            return take(desk, act, campaign_id, by)
        except CampaignError as error:
            return str(error)

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(lambda each: press(*each), acts))


@pytest.mark.both_databases
def test_two_people_who_press_the_same_at_once_get_the_same_answer(desk: SendingDesk) -> None:
    campaign_id = desk.draft(desk.debtors(1))
    for act, state in (
        ("approve", "approved"),
        ("start", "running"),
        ("pause", "paused"),
        ("resume", "running"),
        ("cancel", "cancelled"),
    ):
        told = pressed_at_once(desk, (act, "bela"), (act, "ada"), campaign_id=campaign_id)
        assert told == [state, state]
    acts = [act for _, act, subject, _ in acts_of(desk.database.engine) if subject == campaign_id]
    assert acts == [f"campaign {act}" for act in ("approve", "start", "pause", "resume", "cancel")]


@pytest.mark.both_databases
def test_of_two_people_who_press_start_and_cancel_at_once_the_second_finds_what_the_first_did(
    desk: SendingDesk,
) -> None:
    campaign_id = approved(desk, 3)
    started, cancelled = pressed_at_once(
        desk, ("start", "anna"), ("cancel", "ada"), campaign_id=campaign_id
    )
    assert cancelled == "cancelled"
    assert started == "running" or f"{campaign_id} is cancelled: one cannot start" in started
    assert desk.find(campaign_id).state == "cancelled"
    assert desk.states(campaign_id) == {"cancelled": 3}


@pytest.mark.both_databases
@pytest.mark.parametrize("first", ["worker", "person"])
def test_what_a_worker_gives_back_while_somebody_cancels_is_cancelled_too(
    desk: SendingDesk, first: str
) -> None:
    campaign_id = desk.run(desk.debtors(3))
    engine, lease = desk.database.engine, timedelta(seconds=60)
    with write(engine) as connection:
        rows.claim(connection, campaign_id, "token", 3, desk.clock(), lease)

    def release_claims() -> None:
        with write(engine) as connection:
            rows.release_claims(connection, "token")

    def cancel() -> None:
        desk.step(lifecycle.cancel, campaign_id, "anna")

    with ThreadPoolExecutor(1) as other:
        with write(engine) as connection:
            if first == "worker":
                rows.release_claims(connection, "token")
                second = other.submit(cancel)
            else:
                lifecycle.cancel(connection, campaign_id, Actor("anna", desk.clock()))
                second = other.submit(release_claims)
            # Long enough for the other to be in the middle of it.
            time.sleep(0.15)
        second.result(10)
    assert desk.states(campaign_id) == {"cancelled": 3}


def test_campaigns_are_listed_the_newest_first(desk: SendingDesk) -> None:
    people = desk.debtors(1)
    made = []
    for _ in range(3):
        made.append(desk.draft(people))
        desk.wait(1)
    with read(desk.database.engine) as connection:
        assert [each.campaign_id for each in list_campaigns(connection)] == made[::-1]

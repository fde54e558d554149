"""Texts that callers ask for: one message to the calling mobile, at any hour, and never a flood."""

import json
import logging
import threading
from datetime import timedelta
from random import Random

import pytest
from click.testing import CliRunner, Result
from huey import MemoryHuey
from sqlalchemy import func, insert, select

from backend.context import IdentificationLimits
from backend.db.message_tables import campaigns, outbox, templates
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind, StopReason
from backend.interface.published_text import PublishedText
from backend.records.stops import add_stop, lift_stop, stop_number
from backend.retention.job import run as run_retention
from backend.staff.administration import add_user
from backend.staff.passwords import new_password
from cli import commands
from common.errors import CampaignError, TemplateRefusedError, UserError
from messages.campaigns.lifecycle import Actor
from messages.campaigns.on_request import (
    DAY,
    MOST_A_DAY,
    SAME_WITHIN,
    TextAnswers,
    due_caller_texts,
)
from messages.campaigns.rehearsals import rehearse
from messages.campaigns.template_saving import save_template
from messages.content.desk_facts import DeskFacts
from messages.delivery.pre_send_check import LONGEST_WAIT
from messages.delivery.reconciling import Reconciled
from messages.delivery.worker import LONGEST_TURN, Worker
from simulator.messages import CodedFault, Fault, Faults
from tests.support.recipients import mobile
from tests.support.sending_desk import SendingDesk, gateway
from tests.support.staff import acts_of

CALLER = "+36305550001"
SUNDAY_NIGHT = "2026-11-22 23:30"
ACCOUNT = PublishedText(
    "elmu_account_hu",
    "Szamlaszamunk: 13700016-02287016. Kérdés: 06 80 202 938, eloszto@elmu.hu. Postacimünk: "
    "1300 Budapest, Pf. 151. ELMU-EMASZ",
    ("13700016-02287016", "+3680202938", "eloszto@elmu.hu", "1300"),
)
PHONES = PublishedText("phones_hu", "Telefonunk: 06 80 202 938. ELMU-EMASZ", ("+3680202938",))


def answers(desk: SendingDesk) -> TextAnswers:
    return TextAnswers(desk.context.facts(MessageKind.SERVICE), Random())  # noqa: S311 - ids of tests


def ask(desk: SendingDesk, text: PublishedText = ACCOUNT, phone: str = CALLER) -> bool:
    """What the call does when the key is pressed."""
    with write(desk.database.engine) as connection:
        return answers(desk).send(connection, phone, text, desk.clock())


def may_get(desk: SendingDesk, phone: str = CALLER) -> bool:
    with write(desk.database.engine) as connection:
        return answers(desk).may_get(connection, phone, desk.clock())


def asked_for(desk: SendingDesk) -> list[str]:
    """The campaigns of what was asked for, in that order."""
    of_calls = select(outbox.c.campaign_id).join(campaigns).where(campaigns.c.source == "call")
    with read(desk.database.engine) as connection:
        return list(connection.scalars(of_calls.order_by(outbox.c.number)))


def work(desk: SendingDesk) -> None:
    """One beat of a worker, and what it brings."""
    engine = MemoryHuey(results=False)
    Worker(engine, desk.context, 4, threading.Event()).beat()
    while task := engine.dequeue():
        engine.execute(task)


def zoldszam(desk: SendingDesk, *arguments: str) -> str:
    said: Result = CliRunner().invoke(commands, [*arguments, "--database", desk.database.url])
    assert said.exit_code == 0, said.output
    return said.output


def test_a_caller_gets_the_text_on_a_sunday_night_and_its_receipts_are_kept(
    desk: SendingDesk,
) -> None:
    desk.clock.set(SUNDAY_NIGHT)
    assert ask(desk)
    work(desk)
    (message,) = desk.carrier.messages
    assert (message.to, message.body) == (CALLER, ACCOUNT.text)
    assert "ValidityPeriod" not in dict(desk.carrier.requests[0].form)
    (campaign_id,) = asked_for(desk)
    campaign = desk.find(campaign_id)
    assert (campaign.state, campaign.kind, campaign.segments) == ("done", MessageKind.SERVICE, 1)
    assert (campaign.source, campaign.created_by) == ("call", "call")
    assert (campaign.template, campaign.lines) == (ACCOUNT.name, ACCOUNT.figures)
    desk.receipt(message, "delivered")
    assert desk.states(campaign_id) == {"delivered": 1}


@pytest.mark.parametrize(
    "phone",
    ["+3612383838", "+4915112345678", "+36905551234", "anonymous", "", "06301234567", "+363012345"],
)
def test_only_a_plain_hungarian_mobile_gets_a_text(desk: SendingDesk, phone: str) -> None:
    before = desk.snapshot()
    assert not may_get(desk, phone)
    assert not ask(desk, phone=phone)
    assert desk.snapshot() == before


@pytest.mark.parametrize("reason", ["opted_out", "wrong_addressee", "unreachable"])
def test_a_stopped_number_gets_no_text(desk: SendingDesk, reason: StopReason) -> None:
    with write(desk.database.engine) as connection:
        add_stop(connection, CALLER, reason, "sms", desk.clock())
    assert not may_get(desk)
    assert not ask(desk)
    assert asked_for(desk) == []
    with write(desk.database.engine) as connection:
        lift_stop(connection, CALLER, reason)
    assert ask(desk)


def test_the_same_text_asked_for_again_within_an_hour_is_not_sent_twice(
    desk: SendingDesk,
) -> None:
    assert ask(desk)
    desk.wait(SAME_WITHIN.total_seconds() - 1)
    work(desk)
    assert ask(desk)
    assert ask(desk, PHONES)
    assert ask(desk, phone=mobile(2))
    desk.wait(1)
    assert ask(desk)
    work(desk)
    assert desk.taken == [CALLER, CALLER, mobile(2), CALLER]
    bodies = [message.body for message in desk.carrier.messages if message.to == CALLER]
    assert bodies == [ACCOUNT.text, PHONES.text, ACCOUNT.text]


def test_a_text_that_did_not_arrive_may_be_asked_for_again_at_once(desk: SendingDesk) -> None:
    desk.carrier.faults.refuse = CodedFault(code=21612, next=1)
    assert ask(desk)
    work(desk)
    assert ask(desk)
    work(desk)
    assert [desk.states(each) for each in asked_for(desk)] == [{"failed": 1}, {"accepted": 1}]


def test_a_number_gets_five_texts_a_day_whoever_asks_for_them(desk: SendingDesk) -> None:
    texts = [PublishedText(f"text_{number}", f"{number}. ELMÜ") for number in range(MOST_A_DAY + 1)]
    assert MOST_A_DAY == 5
    assert [ask(desk, text) for text in texts] == [True] * 5 + [False]
    assert not may_get(desk)
    assert may_get(desk, mobile(2))
    desk.wait(DAY.total_seconds())
    assert may_get(desk)
    assert ask(desk, texts[-1])


@pytest.mark.both_databases
def test_two_calls_at_once_do_not_get_one_text_too_many(desk: SendingDesk) -> None:
    for number in range(MOST_A_DAY - 1):
        assert ask(desk, PublishedText(f"text_{number}", f"{number}. ELMÜ"))
    together, given = threading.Barrier(2), list[bool]()

    def call(text: PublishedText) -> None:
        together.wait()
        given.append(ask(desk, text))

    threads = [threading.Thread(target=call, args=(text,)) for text in (ACCOUNT, PHONES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [False, True]
    assert len(asked_for(desk)) == MOST_A_DAY


def test_a_call_that_is_rolled_back_has_asked_for_nothing(desk: SendingDesk) -> None:
    before = desk.snapshot()
    with desk.database.engine.connect() as connection:
        assert answers(desk).send(connection, CALLER, ACCOUNT, desk.clock())
        connection.rollback()
    assert desk.snapshot() == before


@pytest.mark.parametrize(
    ("text", "figures", "rule"),
    [
        ("Tartozása van, hivjon minket", (), "rule stem"),
        ("Szamlaszam: 13700016-02287016", (), "rule digits"),
        ("Szamlaszam: 13700016-02287016", ("13700016-02287017",), "rule digits"),
        ("Fizessen 4500 Ft-ot", ("4500",), "rule amount"),
        ("Lasd: www.elmu.hu/x", (), "rule link"),
        ("Kedves {name}", (), "rule slot"),
        ("Hivjon: +36999", ("+36999",), "rule digits"),
        ("Tartozasa van", ("Tartozasa",), "rule stem"),
        (" ", (), "it must have 1 to 1600 characters"),
        ("a" * 1601, (), "it must have 1 to 1600 characters"),
    ],
)
def test_a_text_that_may_not_be_sent_is_refused_and_only_its_name_and_rule_are_logged(
    desk: SendingDesk,
    caplog: pytest.LogCaptureFixture,
    text: str,
    figures: tuple[str, ...],
    rule: str,
) -> None:
    before = desk.snapshot()
    assert not ask(desk, PublishedText("unfit_hu", text, figures))
    assert desk.snapshot() == before
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == f"published text unfit_hu may not be sent: {rule}"


def test_a_text_is_kept_once_for_each_wording(desk: SendingDesk) -> None:
    changed = PublishedText(ACCOUNT.name, PHONES.text, PHONES.figures)
    for number, text in enumerate((ACCOUNT, changed, ACCOUNT)):
        assert ask(desk, text, mobile(number))
    versions = [desk.find(each).template_version for each in asked_for(desk)]
    assert sorted(versions) == [1, 1, 2]
    with read(desk.database.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(templates)) == 2


@pytest.mark.both_databases
def test_two_callers_who_ask_for_a_new_text_at_once_both_get_it(desk: SendingDesk) -> None:
    together = threading.Barrier(4)
    given: list[bool] = []

    def call(number: int) -> None:
        together.wait()
        given.append(ask(desk, phone=mobile(number)))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [True] * 4
    assert {desk.find(each).template_version for each in asked_for(desk)} == {1}


def test_an_unknown_text_is_not_sent_again_before_its_absence_is_proved(
    desk: SendingDesk,
) -> None:
    taken, lost = mobile(1), mobile(2)
    desk.carrier.faults = Faults(
        cut_after=Fault(recipients=(taken,)), cut_before=Fault(recipients=(lost,))
    )
    assert ask(desk, phone=taken)
    assert ask(desk, phone=lost)
    for _ in range(5):
        work(desk)
    first, second = asked_for(desk)
    assert (desk.states(first), desk.states(second)) == ({"unknown": 1}, {"unknown": 1})
    assert desk.carrier.creation_requests == 2
    # Nobody who calls again gets a second one of which nothing is known.
    assert ask(desk, phone=taken)
    assert len(asked_for(desk)) == 2
    desk.carrier.faults = Faults()
    desk.wait(300)
    assert desk.reconcile() == Reconciled(found=1, absent=1)
    work(desk)
    assert (desk.states(first), desk.states(second)) == ({"accepted": 1}, {"accepted": 1})
    assert sorted(desk.taken) == [taken, lost]
    work(desk)
    assert {desk.find(each).state for each in (first, second)} == {"done"}


def test_a_message_waits_behind_no_campaign(desk: SendingDesk) -> None:
    # All places are taken by reminders; the text goes out before one of them ends its turn.
    desk.use(policy={"pace": 1.0})
    campaign_id = desk.run(desk.debtors(40))
    waited: list[float] = []
    usual = desk.wait

    def busy(seconds: float) -> bool:
        usual(seconds)
        if CALLER not in desk.taken and not asked_for(desk):
            assert ask(desk)
            asked = desk.clock()
            worker.beat()
            while task := engine.dequeue():
                engine.execute(task)
            assert CALLER in desk.taken
            waited.append((desk.clock() - asked).total_seconds())
        return False

    desk.use(wait=busy)
    engine = MemoryHuey(results=False)
    worker = Worker(engine, desk.context, 2, threading.Event())
    worker.send(campaign_id)
    assert desk.find(campaign_id).state == "running"
    assert len(desk.taken) > LONGEST_TURN.total_seconds() / 2
    assert waited[0] <= 2.0


def test_a_worker_looks_only_at_what_it_has_something_to_do_for(desk: SendingDesk) -> None:
    done, unknown, waiting, new = (mobile(number) for number in range(1, 5))
    assert ask(desk, phone=done)
    work(desk)
    desk.carrier.faults.cut_after = Fault(next=1)
    assert ask(desk, phone=unknown)
    work(desk)
    desk.carrier.faults.too_many = Fault(next=1)
    assert ask(desk, phone=waiting)
    work(desk)
    assert [desk.find(each).state for each in asked_for(desk)] == ["done", "running", "running"]

    def due() -> list[str]:
        with read(desk.database.engine) as connection:
            return due_caller_texts(connection, desk.clock(), 10)

    assert due() == []
    assert ask(desk, phone=new)
    assert due() == [asked_for(desk)[-1]]
    desk.wait(10)
    assert due() == asked_for(desk)[-2:]
    with read(desk.database.engine) as connection:
        assert due_caller_texts(connection, desk.clock(), 1) == [asked_for(desk)[2]]


def test_a_carrier_that_refuses_us_is_asked_again_later_and_nobody_has_to_resume(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    right = desk.context.gateway
    desk.use(gateway=gateway(desk.url, token="revoked"))
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.states(campaign_id) == {"queued": 1}
    assert desk.find(campaign_id).state == "running"
    assert "goes later: " in caplog.text
    assert CALLER not in caplog.text
    work(desk)
    assert len(desk.carrier.requests) == 1
    desk.use(gateway=right)
    desk.wait(10)
    work(desk)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_what_was_asked_for_long_ago_is_not_sent_any_more(desk: SendingDesk) -> None:
    desk.clock.set("2026-11-22 21:00")
    assert ask(desk)
    desk.wait(LONGEST_WAIT.total_seconds() + 1)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.counts(campaign_id).suppressed == {"too_late": 1}
    assert desk.find(campaign_id).state == "done"
    assert desk.taken == []


def test_who_stops_us_after_asking_gets_nothing(desk: SendingDesk) -> None:
    first, second = mobile(1), mobile(2)
    assert ask(desk, phone=first)
    assert ask(desk, phone=second)
    with write(desk.database.engine) as connection:
        stop_number(connection, first, "opted_out", "sms", desk.clock())
        # This one only the last look can find.
        add_stop(connection, second, "wrong_addressee", "carrier", desk.clock())
    work(desk)
    assert desk.taken == []
    suppressed = [desk.counts(each).suppressed for each in asked_for(desk)]
    assert suppressed == [{"opted_out": 1}, {"wrong_addressee": 1}]
    assert {desk.find(each).state for each in asked_for(desk)} == {"done"}


def test_a_text_that_the_last_look_refuses_ends_there_and_is_told(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    spelled = PublishedText("desk_hu", "Telefonunk: +36 1 238 3838. ELMU-EMASZ")
    assert ask(desk, spelled)
    # The desk's number has changed meanwhile, so the text names somebody else's.
    other = DeskFacts("ELMŰ-ÉMÁSZ", "+3646535535", "eloszto@emasz.hu")
    desk.use(facts=lambda _kind: other)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.counts(campaign_id).suppressed == {"unfit_text": 1}
    assert desk.find(campaign_id).state == "done"
    assert "text desk_hu may not be sent: rule digits" in caplog.text


def test_one_failure_is_no_share_of_failures(desk: SendingDesk) -> None:
    desk.use(policy={"least_attempts": 1})
    desk.carrier.faults.refuse = CodedFault(code=21612, probability=1.0)
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    assert desk.states(campaign_id) == {"failed": 1}
    assert desk.find(campaign_id).state == "done"
    assert acts_of(desk.database.engine)[4:] == []


def test_what_a_debtor_asks_for_counts_in_no_limit_of_reminders(desk: SendingDesk) -> None:
    people = desk.debtors(1)
    assert ask(desk, phone=mobile(1))
    work(desk)
    campaign_id = desk.run(people)
    desk.send(campaign_id)
    assert desk.states(campaign_id) == {"accepted": 1}


def test_staff_see_single_texts_only_when_they_ask_for_them(desk: SendingDesk) -> None:
    reminder = desk.draft(desk.debtors(1))
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    usual = zoldszam(desk, "campaign", "list")
    assert reminder in usual
    assert campaign_id not in usual
    everything = zoldszam(desk, "campaign", "list", "--all")
    assert reminder in everything
    assert f"{campaign_id}  done" in everything
    told = json.loads(zoldszam(desk, "campaign", "status", campaign_id, "--json"))
    assert (told["accepted"], told["recipients"], told["created_by"]) == (1, 1, "call")
    assert CALLER not in zoldszam(desk, "campaign", "status", campaign_id)
    shown = zoldszam(desk, "template", "show", ACCOUNT.name)
    assert "lines     13700016-02287016, +36 80 202 938, eloszto@elmu.hu, 1300\n" in shown


def test_a_single_text_is_nothing_to_rehearse(desk: SendingDesk) -> None:
    assert ask(desk)
    (campaign_id,) = asked_for(desk)
    step = Actor("anna", desk.clock())
    with (
        write(desk.database.engine) as connection,
        pytest.raises(CampaignError, match="nothing to rehearse"),
    ):
        rehearse(connection, campaign_id, [mobile(1)], step, desk.context.rng)


def test_staff_can_neither_allow_figures_nor_change_what_callers_get(desk: SendingDesk) -> None:
    assert ask(desk)

    def save(name: str, text: str, *lines: str) -> None:
        facts = desk.context.facts(MessageKind.SERVICE)
        with write(desk.database.engine) as connection:
            save_template(
                connection, name, MessageKind.SERVICE, text, lines, "anna", desk.clock(), facts
            )

    before = desk.snapshot()
    with pytest.raises(TemplateRefusedError, match="A line cannot be named"):
        save("own", "Szamla: 13700016-02287016", "13700016-02287016")
    with pytest.raises(TemplateRefusedError, match="what callers get"):
        save(ACCOUNT.name, "Szép napot!")
    assert desk.snapshot() == before


def test_a_text_is_not_kept_under_the_name_of_a_template_of_staff(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    before = desk.snapshot()
    assert not ask(desk, PublishedText("opt_out_ack", PHONES.text, PHONES.figures))
    assert not ask(desk, PublishedText("debt_contact_1", PHONES.text, PHONES.figures))
    assert not ask(desk, PublishedText("No Name", PHONES.text, PHONES.figures))
    assert desk.snapshot() == before
    assert caplog.text.count("its name") == 3


@pytest.mark.parametrize("name", ["call", "Call", "sms", "worker"])
def test_nobody_can_be_called_as_the_service_itself_and_send_at_any_hour(
    desk: SendingDesk, name: str
) -> None:
    with (
        write(desk.database.engine) as connection,
        pytest.raises(UserError, match="what the service is called"),
    ):
        add_user(connection, name, "sender", None, desk.clock(), new_password(Random()))  # noqa: S311


def test_texts_and_their_numbers_are_forgotten_after_a_month(desk: SendingDesk) -> None:
    reminder = desk.run(desk.debtors(1))
    desk.send(reminder)
    assert ask(desk)
    work(desk)
    desk.wait(timedelta(days=1).total_seconds())
    assert ask(desk)
    work(desk)
    first, second = asked_for(desk)
    limits = IdentificationLimits()
    month = desk.clock() + timedelta(days=29, seconds=1)
    assert run_retention(desk.database.engine, month - timedelta(days=1), limits).texts == 0
    assert run_retention(desk.database.engine, month, limits).texts == 1
    assert asked_for(desk) == [second]
    assert desk.rows(first) == []
    assert desk.states(reminder) == {"accepted": 1}
    assert "texts to callers deleted: 0" in zoldszam(desk, "retention", "run")


def test_more_texts_than_fit_one_transaction_are_all_forgotten(desk: SendingDesk) -> None:
    assert ask(desk)
    with write(desk.database.engine) as connection:
        row = connection.execute(select(campaigns)).one()._asdict()
        ids = [f"OLD{number:05}" for number in range(1001)]
        rows = [row | {"campaign_id": each, "state": "done"} for each in ids]
        connection.execute(insert(campaigns), rows)
        messages = [{"campaign_id": each, "line": 1, "phone": CALLER} for each in ids]
        connection.execute(insert(outbox), messages)
    later = desk.clock() + timedelta(days=31)
    assert run_retention(desk.database.engine, later, IdentificationLimits()).texts == 1002
    with read(desk.database.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(outbox)) == 0

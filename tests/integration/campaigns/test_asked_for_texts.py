"""Texts that callers ask for: one message to the calling mobile, at any hour, and never a flood."""

import logging
import threading

import pytest
from sqlalchemy import func, select

from backend.db.tables.messages import templates
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind, StopReason
from backend.interface.published_text import PublishedText
from backend.records.suppression.stops import add_stop, lift_stop
from messages.campaigns.on_request import (
    DAY,
    MOST_A_DAY,
    SAME_WITHIN,
)
from simulator.messages import CodedFault
from tests.support.carriers.asked_texts import (
    ACCOUNT,
    CALLER,
    PHONES,
    SUNDAY_NIGHT,
    answers,
    ask,
    asked_for,
    may_get,
    work,
)
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile


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

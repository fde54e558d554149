"""Replies to people who wrote go the way of every message."""

import pytest
from sqlalchemy import update

from backend.db.tables.messages import inbound_messages
from backend.db.tables.records import customers
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind, StopOrigin, StopReason, TaskKind
from backend.records.suppression.stops import stop_number
from backend.records.work_list.task_list import find_task, page_of_tasks
from backend.records.work_list.task_outcomes import take_task
from backend.records.work_list.tasks import open_task
from common.error_codes import ErrorCode
from common.errors import TaskError
from messages.campaigns.lifecycle import Actor, begin_scheduled
from messages.campaigns.replies import ReplyRules, SentReply, replies_to, send_reply
from messages.campaigns.template_saving import save_template
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile


def wrote(desk: SendingDesk, phone: str, by: str = "anna") -> int:
    """A task of that user with one message of that number."""
    with write(desk.database.engine) as connection:
        message = {
            "message_sid": "SM" + phone,
            "received_at": desk.clock(),
            "phone": phone,
            "body": "Ki keres?",
            "meaning": "other",
            "acknowledged": False,
        }
        connection.execute(inbound_messages.insert().values(message))
        open_task(connection, TaskKind.READ_MESSAGE, phone, desk.clock(), message_sid="SM" + phone)
        number = page_of_tasks(connection)[-1].number
        take_task(connection, number, by, desk.clock())
    return number


def reply(desk: SendingDesk, number: int, template: str = "reply_contact") -> str:
    facts = desk.context.facts(MessageKind.SERVICE)
    rules = ReplyRules(facts=facts, policy=desk.context.policy, calendar=desk.calendar)
    with write(desk.database.engine) as connection:
        actor, rng = Actor("anna", desk.clock()), desk.context.rng
        return send_reply(connection, number, template, 1, rules, actor, rng)


def sent(desk: SendingDesk, number: int) -> list[SentReply]:
    with read(desk.database.engine) as connection:
        return replies_to(connection, number)


def is_answered(desk: SendingDesk, number: int) -> bool:
    with read(desk.database.engine) as connection:
        return find_task(connection, number).is_answered


def test_a_reply_reaches_who_wrote_and_its_receipt_is_shown_in_the_task(desk: SendingDesk) -> None:
    number = wrote(desk, mobile(1))
    campaign_id = reply(desk, number)
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]
    desk.receipt(desk.carrier.messages[0], "delivered")
    (found,) = sent(desk, number)
    assert (found.state, found.campaign_state, found.by) == ("delivered", "done", "anna")


def test_who_opts_out_before_it_goes_gets_no_reply(desk: SendingDesk) -> None:
    number = wrote(desk, mobile(1))
    campaign_id = reply(desk, number)
    with write(desk.database.engine) as connection:
        stop_number(connection, mobile(1), StopReason.OPTED_OUT, StopOrigin.SMS, desk.clock())
    desk.send(campaign_id)
    assert desk.taken == []
    (found,) = sent(desk, number)
    assert (found.state, found.reason) == ("suppressed", "opted_out")
    with pytest.raises(TaskError) as refused:
        reply(desk, number)
    assert refused.value.code is ErrorCode.REPLY_TO_STOPPED_NUMBER


def test_a_reply_that_did_not_arrive_may_be_sent_again_and_another_text_beside_it(
    desk: SendingDesk,
) -> None:
    number = wrote(desk, mobile(1))
    desk.send(reply(desk, number))
    with pytest.raises(TaskError) as refused:
        reply(desk, number)
    assert refused.value.code is ErrorCode.REPLY_SENT_ALREADY
    desk.receipt(desk.carrier.messages[0], "undelivered", 30003)
    assert not is_answered(desk, number)
    desk.send(reply(desk, number))
    assert is_answered(desk, number)
    desk.send(reply(desk, number, "topics_help"))
    assert [each.state for each in sent(desk, number)] == ["failed", "accepted", "accepted"]


def test_outside_the_hours_a_reply_waits_and_is_begun_by_itself(desk: SendingDesk) -> None:
    desk.clock.set("2026-11-23 22:00")
    number = wrote(desk, mobile(1))
    campaign_id = reply(desk, number)
    assert desk.find(campaign_id).state == "scheduled"
    desk.clock.set("2026-11-24 08:00")
    with write(desk.database.engine) as connection:
        assert begin_scheduled(connection, desk.clock()) == 1
    desk.send(campaign_id)
    assert desk.taken == [mobile(1)]


def test_a_reply_that_names_the_customer_who_was_written_to_is_held_back(
    desk: SendingDesk,
) -> None:
    desk.send(desk.run(desk.debtors(1)))
    number = wrote(desk, mobile(1))
    facts, text = desk.context.facts(MessageKind.SERVICE), "Keresse Kovácsné kollégánkat. {company}"
    with write(desk.database.engine) as connection:
        save_template(connection, "k", MessageKind.SERVICE, text, (), "ada", desk.clock(), facts)
        connection.execute(update(customers).values(name="Kovácsné Éva"))
    campaign_id = reply(desk, number, "k")
    desk.send(campaign_id)
    assert len(desk.taken) == 1
    assert desk.find(campaign_id).state == "paused"


def test_a_task_in_which_nobody_wrote_or_that_is_not_taken_gets_no_reply(
    desk: SendingDesk,
) -> None:
    with write(desk.database.engine) as connection:
        open_task(connection, TaskKind.IDENTIFICATION_LOCKED, mobile(2), desk.clock(), subject="1")
        number = page_of_tasks(connection)[-1].number
    with pytest.raises(TaskError) as free:
        reply(desk, number)
    assert free.value.code is ErrorCode.TASK_NOT_TAKEN
    with write(desk.database.engine) as connection:
        take_task(connection, number, "anna", desk.clock())
    with pytest.raises(TaskError) as silent:
        reply(desk, number)
    assert silent.value.code is ErrorCode.REPLY_TO_NOBODY
    landline = wrote(desk, "+3612345678")
    with pytest.raises(TaskError) as unfit:
        reply(desk, landline)
    assert unfit.value.parameters["reason"] == "landline"

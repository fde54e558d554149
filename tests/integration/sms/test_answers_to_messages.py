"""Whom answers to messages go to, what they cost, and how strangers' messages become tasks."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, insert, select

from backend.db.tables.messages import inbound_messages, reply_spending
from backend.db.tables.records import customers
from backend.db.transactions import write
from backend.records.suppression.stops import stopped_for
from backend.records.work_list import tasks as records_tasks
from backend.records.work_list.task_list import list_tasks, messages_of
from backend.records.work_list.task_outcomes import finish_task
from common.errors import SettingsError, TaskError
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import cost
from settings import Settings
from sms.answer_policy import AnswerPolicy
from sms.reading_replies import Answer, ReadingReplies
from sms.replies import Reply, Understood, acknowledgements, take_reply
from tests.support.databases.database import Database
from tests.support.databases.message_rows import NOW, PHONE, add_user

DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "ugyfelszolgalat@elmu.hu")
TEXTS = acknowledgements(DESK)
OURS = "+36209383838"
TOPIC = "x" * 400


def topics(body: str) -> str | None:
    return TOPIC if body == "2.1" else None


class Readings(ReadingReplies):
    """Takes any reading; how they are judged is proved elsewhere."""

    def __init__(self) -> None:
        """Needs no records."""

    def take(self, *_given: object) -> Answer:
        return Answer("A mérőállást rögzítettük.", doubt="")


class Desk:
    """The desk in one transaction; each message has an id of its own."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.policy = AnswerPolicy(own_numbers=frozenset({OURS}))
        self.now = NOW
        self._messages = 0

    def hears(self, body: str, sender: str = PHONE, pictures: int = 0) -> Understood:
        self._messages += 1
        reply = Reply(f"SM{self._messages}", sender, body, None, "+36205550000", pictures)
        return take_reply(self.connection, reply, TEXTS, self.now, Readings(), topics, self.policy)

    def answered(self, body: str, sender: str = PHONE) -> str | None:
        return self.hears(body, sender).acknowledgement

    def tasks(self) -> list[tuple[str, str, int]]:
        return [(task.kind, task.phone, task.messages) for task in list_tasks(self.connection)]


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with write(database.engine) as connection:
        yield Desk(connection)


@pytest.mark.parametrize(
    "sender",
    ["+3690123456", "+881612345678", "+4366412345678", "+3612345678", OURS, "+36205550000"],
    ids=["premium", "satellite", "foreign", "landline", "our sender", "where it was sent to"],
)
def test_only_hungarian_mobiles_other_than_our_own_are_answered(desk: Desk, sender: str) -> None:
    for body in ("2.1", "SEGITSEG", "STOP", "ALLAS 20293811 48213377 41530"):
        assert desk.answered(body, sender) is None
    assert stopped_for(desk.connection, sender) == "opted_out"
    # What was to be answered is read by a person, the reading with its words.
    assert desk.tasks() == [("read_message", sender, 3), ("verify_opt_out", sender, 1)]
    assert desk.connection.execute(select(reply_spending)).all() == []


def test_many_numbers_cost_no_more_than_the_budget(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    budget = 25
    desk.policy = AnswerPolicy(parts_a_day=31)  # a fifth of it is for customers
    parts = cost(TOPIC).segments
    told = [desk.answered("2.1", f"+3630{number:07}") for number in range(20)]
    assert told == [TOPIC] * (budget // parts) + [None] * (20 - budget // parts)
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "half of REPLY_BUDGET (31)" in caplog.text
    assert "REPLY_BUDGET (31 parts) is spent: numbers that no customer has" in caplog.text
    assert desk.tasks() == [("reply_budget", "", 0)]
    # What is shorter still fits; a stop holds without its answer, a reading goes to a person.
    assert desk.answered("STOP", "+36301111111") == TEXTS["opt_out"]
    assert desk.answered("STOP", "+36302222222") is None
    assert stopped_for(desk.connection, "+36302222222") == "opted_out"
    assert desk.answered("ALLAS 20293811 48213377 41530") is None
    assert ("read_message", PHONE, 1) in desk.tasks()


def test_a_fifth_of_the_budget_is_for_numbers_of_customers(desk: Desk) -> None:
    row = {"customer_id": "1", "name": "", "address": "", "phone": PHONE, "language": "hu"}
    rest = {"direct_debit": False, "protected": False}
    desk.connection.execute(insert(customers), {**row, **rest})
    desk.policy = AnswerPolicy(parts_a_day=5 * cost(TOPIC).segments)
    told = [desk.answered("2.1", f"+3630{number:07}") for number in range(6)]
    assert told == [TOPIC] * 4 + [None] * 2
    assert [desk.answered("2.1"), desk.answered("2.1")] == [TOPIC, None]


def test_the_budget_begins_anew_at_midnight_in_budapest(desk: Desk) -> None:
    desk.policy = AnswerPolicy(parts_a_day=3)
    desk.now = datetime(2026, 11, 28, 22, 59, tzinfo=UTC)
    assert desk.answered("2.1", "+36301111111") == TOPIC
    assert desk.answered("2.1", "+36302222222") is None
    desk.now += timedelta(minutes=1)
    assert desk.answered("2.1", "+36303333333") == TOPIC


def test_a_budget_of_nought_ends_all_answers(desk: Desk) -> None:
    desk.policy = AnswerPolicy(parts_a_day=0)
    assert desk.answered("STOP") is None
    assert stopped_for(desk.connection, PHONE) == "opted_out"


@pytest.mark.parametrize("written", ["-1", "viele", "1000000", "²"])
def test_a_budget_that_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="REPLY_BUDGET is"):
        Settings.from_environment({"REPLY_BUDGET": written})


def test_the_budget_and_the_sender_come_from_the_settings() -> None:
    given = {"REPLY_BUDGET": "250", "SMS_FROM": OURS}
    assert Settings.from_environment(given).answer_policy == AnswerPolicy(250, frozenset({OURS}))
    assert Settings.from_environment({}).answer_policy == AnswerPolicy()


@pytest.mark.both_databases
def test_many_messages_of_one_number_are_one_task(desk: Desk) -> None:
    for number in range(30):
        desk.hears(f"junk {number}")
    assert desk.tasks() == [("read_message", PHONE, 30)]


def test_a_stop_that_says_more_is_read_also_when_its_number_waits_already(desk: Desk) -> None:
    assert desk.answered("STOP") == TEXTS["opt_out"]
    assert desk.answered("STOP! Honnan tudják a számomat?") is None
    assert desk.tasks() == [("verify_opt_out", PHONE, 2)]
    [task] = list_tasks(desk.connection)
    bodies = [message.body for message in messages_of(desk.connection, task.number)]
    assert bodies == ["STOP", "STOP! Honnan tudják a számomat?"]


def test_beyond_a_days_most_tasks_messages_share_one_and_none_is_lost(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 20
    monkeypatch.setattr(records_tasks, "MOST_MESSAGE_TASKS", most)
    add_user(desk.connection)
    for number in range(most + 10):
        desk.hears("junk", f"+3630{number:07}")
    *single, gathered = list_tasks(desk.connection)
    assert len(single) == most
    assert (gathered.kind, gathered.phone, gathered.messages) == ("many_messages", "", 10)
    assert caplog.text.count("numbers have written within a day") == 1
    # A number that has its own task goes on with it.
    desk.hears("more", "+36300000000")
    assert list_tasks(desk.connection)[0].messages == 2
    waiting = select(func.count()).where(inbound_messages.c.task_number.is_not(None))
    assert desk.connection.execute(waiting).scalar_one() == most + 11
    # Nobody's number is deleted through it.
    with pytest.raises(TaskError, match=r'cannot end with "deleted"\. Choose done\.'):
        finish_task(desk.connection, gathered.number, "minta.kuldo", "deleted", desk.now)
    desk.now += timedelta(days=1)
    desk.hears("junk", "+36309999999")
    assert list_tasks(desk.connection)[-1].kind == "read_message"


def test_a_picture_without_words_waits_for_a_person_and_says_so(desk: Desk) -> None:
    assert desk.hears("", pictures=2) == Understood("other", None)
    [task] = list_tasks(desk.connection)
    [message] = messages_of(desk.connection, task.number)
    assert (task.kind, message.body, message.pictures) == ("read_message", "", 2)

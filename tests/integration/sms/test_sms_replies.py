"""Replies: stopped at once, acknowledged once, and a task for a colleague."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from backend.db.tables.messages import acts, inbound_messages, reply_spending, stops, tasks
from backend.db.tables.records import customers, debts
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind, ReplyMeaning, TaskOutcome
from backend.records.suppression.stops import add_stop, stopped_for
from backend.records.work_list.task_list import Task, list_tasks, messages_of
from backend.records.work_list.task_outcomes import finish_task
from backend.records.work_list.tasks import open_task
from common.errors import TaskError, TemplateRefusedError, UserError
from messages.content.checks import check_message
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import cost
from messages.content.shipped import Template
from sms.replies import MOST_HELP, Reply, Topics, Understood, acknowledgements, take_reply
from tests.support.databases.database import Database, load_fixture
from tests.support.databases.message_rows import NOW, PHONE, add_campaign, add_row, add_user, row_of
from tests.support.runs.tables import each_of

DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "ugyfelszolgalat@elmu.hu", "hétfő-péntek 8-20")
TEXTS = acknowledgements(DESK)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with write(database.engine) as connection:
        yield connection


def say(
    connection: Connection,
    body: str,
    sid: str = "SM1",
    *,
    sender: str = PHONE,
    opt_out_type: str | None = None,
    minutes: int = 0,
    topics: Topics | None = None,
) -> Understood:
    reply = Reply(sid, sender, body, opt_out_type)
    return take_reply(connection, reply, TEXTS, NOW + timedelta(minutes=minutes), topics=topics)


def open_kinds(connection: Connection) -> list[str]:
    return [task.kind for task in list_tasks(connection)]


def only_task(connection: Connection) -> Task:
    [task] = list_tasks(connection)
    return task


def test_the_acknowledgements_may_be_sent_and_cost_one_segment() -> None:
    assert TEXTS == {
        "opt_out": (
            "Rögzitettük: SMS-ben nem keressük. Levélben tovabbra is értesithetjük. "
            "Kérdés esetén: +36 1 238 3838. ELMU-EMASZ"
        ),
        "wrong_addressee": (
            "Köszönjük a jelzést. Erre a szamra nem küldünk több üzenetet, munkatarsunk "
            "ellenörzi és törli a téves adatot. Elnézést kérünk. ELMU-EMASZ"
        ),
        "help": (
            "Témak: MENU. Egy témahoz a szamat küldje (pl. 5.4). Méröallas: ALLAS, azonosito, "
            "gyari szam, allas. Üzenetét munkatarsunk is latja. +36 1 238 3838, ELMU-EMASZ"
        ),
        "help_en": (
            "Send TOPICS or a topic's number (5.4 EN). Reading: ALLAS, user ID, serial number, "
            "value. A colleague reads this. +36 1 238 3838. Magyarul: SEGITSEG. ELMU-EMASZ"
        ),
    }
    for text in TEXTS.values():
        assert check_message(text, DESK, kind=MessageKind.SERVICE) == ()
        assert (cost(text).encoding, cost(text).segments) == ("GSM-7", 1)


def test_an_answer_that_may_not_be_sent_is_refused_before_anybody_replies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unfit = Template("opt_out_ack", MessageKind.SERVICE, "Hátraléka 17 635 Ft. {company}")
    monkeypatch.setattr("sms.replies.shipped_templates", lambda: {"opt_out_ack": unfit})
    with pytest.raises(TemplateRefusedError, match=r"opt_out_ack may not be sent: .*Correct"):
        acknowledgements(DESK)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("body", "meaning", "kind"),
    [
        ("téves szám", "wrong_addressee", "verify_wrong_addressee"),
        ("STOP", "opt_out", "verify_opt_out"),
    ],
)
def test_who_asks_to_be_left_alone_is_suppressed_in_all_campaigns_at_once(
    connection: Connection, body: str, meaning: str, kind: str
) -> None:
    waiting = [
        add_row(connection, add_campaign(connection, state, state))
        for state in ("draft", "approved", "scheduled", "running", "paused")
    ]
    sent = add_row(connection, add_campaign(connection, "C7"), state="delivered", attempted_at=NOW)
    over = add_row(connection, add_campaign(connection, "C8", "cancelled"), state="cancelled")
    held = add_row(connection, add_campaign(connection, "C9"), state="claimed")
    another = add_row(connection, "C7", "+36301234568")
    answer = say(connection, body)
    assert (answer.meaning, answer.acknowledgement) == (meaning, TEXTS[answer.meaning])
    reason = stopped_for(connection, PHONE)
    for number in waiting:
        row = row_of(connection, number)
        assert (row.state, row.reason, row.settled_at) == ("suppressed", reason, NOW)
    states = [row_of(connection, number).state for number in (sent, over, held, another)]
    assert states == ["delivered", "cancelled", "claimed", "queued"]
    task = only_task(connection)
    assert (task.kind, task.phone, task.body) == (kind, PHONE, body)
    # The colleague sees to which message it is the answer.
    assert (task.outbox_number, task.case_id, task.message_state) == (sent, "K-1", "delivered")


def test_the_same_message_delivered_again_does_nothing_and_gets_the_same_answer(
    connection: Connection,
) -> None:
    add_campaign(connection)
    first = say(connection, "STOP")
    assert first.acknowledgement == TEXTS["opt_out"]
    later = add_row(connection)
    assert say(connection, "STOP", minutes=5) == first
    assert row_of(connection, later).state == "queued"
    assert open_kinds(connection) == ["verify_opt_out"]


FAR_APART = tuple(map(timedelta, (-400, -1, 1, 400, 20 * 365)))
"""By so much a clock may be put forward or back between a message and its repetition."""
TOPICS = {"5.4": "A reklamaciot az ügyfélszolgalaton teheti meg."}


@each_of("apart", FAR_APART)
def test_a_repetition_by_another_clock_changes_nothing_and_gets_the_same_answer(
    connection: Connection, apart: timedelta
) -> None:
    words = ("STOP", "téves szám", "START", "segítség", "5.4", "ÁLLÁS 20293811 48213377 4530", "Jó")
    for number, body in enumerate(words):
        sid, sender = f"SM{apart.days}{number}", f"+3630{1_000_000 + 10 * apart.days + number}"
        first = say(connection, body, sid, sender=sender, topics=TOPICS.get)
        kept = _everything(connection)
        minutes = int(apart.total_seconds() // 60)
        again = say(connection, body, sid, sender=sender, minutes=minutes, topics=TOPICS.get)
        assert again == first, body
        assert _everything(connection) == kept, body


def _everything(connection: Connection) -> list[list[Any]]:
    tables = (inbound_messages, tasks, stops, reply_spending, acts)
    return [sorted(map(str, connection.execute(select(table)).all())) for table in tables]


@each_of("apart", FAR_APART)
def test_a_stop_by_a_clock_that_is_wrong_holds_and_is_lifted_by_one_that_is_right(
    connection: Connection, apart: timedelta
) -> None:
    sender, minutes = f"+3630{2_000_000 + apart.days}", int(apart.total_seconds() // 60)
    say(connection, "STOP", f"SMstop{apart.days}", sender=sender, minutes=minutes)
    assert stopped_for(connection, sender) == "opted_out"
    say(connection, "START", f"SMstart{apart.days}", sender=sender)
    assert stopped_for(connection, sender) is None


def test_answers_by_a_clock_that_was_fast_do_not_use_up_those_of_the_right_day(
    connection: Connection,
) -> None:
    years = 20 * 365 * 24 * 60
    ask = partial(say, connection, "segítség", topics=TOPICS.get)
    for number in range(MOST_HELP):
        assert ask(f"SM{number}", minutes=years).acknowledgement
    assert ask("SM8", minutes=years).acknowledgement is None
    assert ask("SM9").acknowledgement == TEXTS["help"]


def test_only_the_first_stop_of_a_number_is_acknowledged(connection: Connection) -> None:
    answers = [say(connection, body, f"SM{n}") for n, body in enumerate(["STOP", "stop", "STOP!"])]
    assert [answer.acknowledgement for answer in answers] == [
        TEXTS["opt_out"],
        None,
        None,
    ]
    assert open_kinds(connection) == ["verify_opt_out"]
    acknowledged = select(inbound_messages.c.message_sid).where(inbound_messages.c.acknowledged)
    assert connection.scalars(acknowledged).all() == ["SM0"]


def test_who_was_promised_no_further_message_gets_none_for_the_other_word(
    connection: Connection,
) -> None:
    say(connection, "TEVES", "SM1")
    answer = say(connection, "STOP", "SM2")
    assert answer == Understood("opt_out", None)
    assert open_kinds(connection) == ["verify_wrong_addressee", "verify_opt_out"]


def test_a_number_that_was_only_unreachable_is_acknowledged(connection: Connection) -> None:
    add_stop(connection, PHONE, "unreachable", "carrier", NOW)
    answer = say(connection, "STOP")
    assert answer.acknowledgement == TEXTS["opt_out"]


@pytest.mark.parametrize(
    ("opt_out_type", "body", "meaning"),
    [
        ("STOP", "elég volt ebből kedves cég", "opt_out"),
        ("HELP", "STOP", "help"),
        ("START", "mégis", "opt_in"),
    ],
)
def test_what_the_carrier_has_read_and_answered_weighs_more_and_is_not_answered_again(
    connection: Connection, opt_out_type: str, body: str, meaning: ReplyMeaning
) -> None:
    assert say(connection, body, opt_out_type=opt_out_type) == Understood(meaning, None)
    assert (stopped_for(connection, PHONE) == "opted_out") == (opt_out_type == "STOP")


def test_start_lifts_the_stop_and_leaves_nothing_to_verify(connection: Connection) -> None:
    say(connection, "STOP", "SM1")
    assert say(connection, "START", "SM2", minutes=1) == Understood("opt_in", None)
    assert stopped_for(connection, PHONE) is None
    [task] = list_tasks(connection, all=True)
    assert (task.outcome, task.done_by, task.done_at) == (
        "released",
        "sms",
        NOW + timedelta(minutes=1),
    )
    assert connection.scalars(select(acts.c.detail)).all() == ["verify_opt_out released"]
    again = say(connection, "STOP", "SM3")
    assert again.acknowledgement == TEXTS["opt_out"]


def test_start_does_not_bring_a_wrong_addressee_back_but_a_person_reads_it(
    connection: Connection,
) -> None:
    say(connection, "TEVES", "SM1")
    say(connection, "START", "SM2")
    assert stopped_for(connection, PHONE) == "wrong_addressee"
    assert open_kinds(connection) == ["verify_wrong_addressee", "read_message"]


def test_what_is_no_keyword_waits_for_a_person_in_one_task_a_number(
    connection: Connection,
) -> None:
    add_campaign(connection)
    queued = add_row(connection)
    assert say(connection, "nem én fizettem rosszul", "SM1") == Understood("other", None)
    assert say(connection, "HELP", "SM2") == Understood("help", None)
    assert open_kinds(connection) == ["read_message"]
    waiting = messages_of(connection, only_task(connection).number)
    assert [message.body for message in waiting] == ["nem én fizettem rosszul", "HELP"]
    assert only_task(connection).messages == 2
    assert row_of(connection, queued).state == "queued"
    assert stopped_for(connection, PHONE) is None


def test_a_sender_without_a_number_is_kept_for_a_person(connection: Connection) -> None:
    senders = ["Telekom", "1777", "anonymous", "", "+36 30"]
    for sender in senders:
        answer = say(connection, "STOP", f"SM {sender}", sender=sender)
        assert answer == Understood("opt_out", None)
    found = list_tasks(connection)
    assert [(task.kind, task.phone) for task in found] == [
        ("read_message", sender) for sender in senders
    ]


@pytest.fixture
def verified(utility: Database) -> Iterator[Connection]:
    """A utility whose one debtor's number has answered TEVES, and a colleague who looks at it."""
    with write(utility.engine) as connection:
        add_user(connection)
        connection.execute(update(customers).values(phone=None))
        of_the_debtor = customers.c.customer_id == "C-1003"
        connection.execute(update(customers).where(of_the_debtor).values(phone=PHONE))
        say(connection, "TEVES")
    with write(utility.engine) as connection:
        yield connection


def finish(connection: Connection, outcome: TaskOutcome, by: str = "minta.kuldo") -> None:
    finish_task(connection, only_task(connection).number, by, outcome, NOW)


def numbers_on_record(connection: Connection) -> list[str]:
    found = select(debts.c.phone).union_all(select(customers.c.phone))
    return [phone for phone in connection.scalars(found) if phone]


def test_the_number_leaves_the_records_only_when_a_colleague_has_checked(
    verified: Connection,
) -> None:
    assert numbers_on_record(verified) == [PHONE, PHONE]
    finish(verified, "deleted")
    assert numbers_on_record(verified) == []
    # The case stays open, for a letter.
    assert verified.scalars(select(debts.c.status)).all() == ["open"]
    row = verified.execute(select(acts)).one()
    assert (row.by, row.act, row.detail) == (
        "minta.kuldo",
        "task finish",
        "verify_wrong_addressee deleted",
    )
    assert PHONE not in str(row)


def test_an_import_brings_the_number_back_but_not_into_a_campaign(utility: Database) -> None:
    with write(utility.engine) as connection:
        add_user(connection)
        say(connection, "TEVES")
        finish(connection, "deleted")
        assert PHONE not in numbers_on_record(connection)
    load_fixture(utility.engine)
    with read(utility.engine) as connection:
        assert PHONE in numbers_on_record(connection)
        assert stopped_for(connection, PHONE) == "wrong_addressee"


def test_a_number_that_was_right_after_all_is_released(verified: Connection) -> None:
    finish(verified, "released")
    assert numbers_on_record(verified) == [PHONE, PHONE]
    assert stopped_for(verified, PHONE) is None
    assert list_tasks(verified) == []
    assert [task.outcome for task in list_tasks(verified, all=True)] == ["released"]


def test_a_task_that_is_done_leaves_number_and_stop_as_they_are(verified: Connection) -> None:
    finish(verified, "done")
    assert numbers_on_record(verified) == [PHONE, PHONE]
    assert stopped_for(verified, PHONE) == "wrong_addressee"


def test_a_reply_that_only_a_person_understood_stops_the_number_when_it_is_deleted(
    connection: Connection,
) -> None:
    add_user(connection)
    queued = add_row(connection, add_campaign(connection))
    say(connection, "ez a szám a szomszédé volt, már az enyém")
    finish(connection, "deleted")
    assert stopped_for(connection, PHONE) == "wrong_addressee"
    assert row_of(connection, queued).reason == "wrong_addressee"


def test_a_task_is_finished_once(verified: Connection) -> None:
    number = only_task(verified).number
    finish(verified, "done")
    with pytest.raises(TaskError, match=f"Task {number} is finished already"):
        finish_task(verified, number, "minta.kuldo", "deleted", NOW)
    assert numbers_on_record(verified) == [PHONE, PHONE]


def test_a_task_that_cannot_end_so_says_how_it_can(connection: Connection) -> None:
    add_user(connection)
    with pytest.raises(TaskError, match="There is no task 7"):
        finish_task(connection, 7, "minta.kuldo", "done", NOW)
    open_task(connection, "find_message", PHONE, NOW, outbox_number=3)
    with pytest.raises(TaskError, match=r'cannot end with "deleted"\. Choose done\.'):
        finish(connection, "deleted")
    with pytest.raises(TaskError, match='"lost" is no outcome of a task'):
        finish(connection, "lost")  # type: ignore[arg-type]  # what a form could send
    assert len(list_tasks(connection)) == 1


def test_a_viewer_finishes_no_task(verified: Connection) -> None:
    add_user(verified, "minta.nezo", "viewer")
    for by in ("minta.nezo", "minta.senki"):
        with pytest.raises(UserError, match=by):
            finish(verified, "deleted", by)
    assert numbers_on_record(verified) == [PHONE, PHONE]


def test_a_task_for_the_same_is_opened_again_only_when_the_first_is_done(
    connection: Connection,
) -> None:
    add_user(connection)
    assert open_task(connection, "find_message", PHONE, NOW, outbox_number=3)
    assert not open_task(connection, "find_message", PHONE, NOW, outbox_number=3)
    finish(connection, "done")
    assert open_task(connection, "find_message", PHONE, NOW, outbox_number=3)
    assert open_task(connection, "find_message", PHONE, NOW, outbox_number=4)
    assert len(connection.execute(select(tasks)).all()) == 3

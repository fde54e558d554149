"""The menu by message, for who does not hear: through the carrier's webhook, signed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from backend.context import IdentificationLimits
from backend.db.tables.messages import inbound_messages
from backend.db.transactions import open_database, read, write
from backend.records.suppression.stops import stopped_for
from backend.records.work_list.task_list import list_tasks
from backend.retention.job import run as run_retention
from carrier.signature import SignatureCheck
from carrier.webhook_guard import WebhookGuard
from messages.content.desk_facts import DeskFacts
from messages.content.gsm_encoding import cost
from simulator.signature import signature as sign
from sms.error_codes import load_codes
from sms.reading_replies import Answer, ReadingReplies
from sms.replies import MOST_TOPIC_PARTS, Topics
from sms.reply_quota import DAY
from sms.webhooks import SmsWebhooks, sms_blueprint
from tests.support.databases.database import Database
from tests.support.databases.message_rows import NOW, PHONE, add_campaign, add_row, row_of

PUBLIC_URL = "https://line.example.hu"
INBOUND = f"{PUBLIC_URL}/sms/inbound"
TOKEN = "a token that only tests know"
DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "ugyfelszolgalat@elmu.hu")
TEXTS = {
    "menu": "1 Szamlazas, 5 Méröallas <&>",
    "5.4": "Bejelentési idöszak: a szamlan.",
    "2.1": "x" * (6 * 153 + 1),
}
HELP = (
    "Témak: MENU. Egy témahoz a szamat küldje (pl. 5.4). Méröallas: ALLAS, azonosito, gyari szam, "
    "allas. Üzenetét munkatarsunk is latja. +36 1 238 3838, ELMU-EMASZ"
)
ENGLISH_HELP = (
    "Send TOPICS or a topic's number (5.4 EN). Reading: ALLAS, user ID, serial number, value. A "
    "colleague reads this. +36 1 238 3838. Magyarul: SEGITSEG. ELMU-EMASZ"
)


def topics(body: str) -> str | None:
    return TEXTS.get(body.strip().lower())


def everything(_body: str) -> str | None:
    """A menu that takes any words for a topic."""
    return "A menu would say this."


class Readings(ReadingReplies):
    """Takes any reading; how they are judged is proved elsewhere."""

    def __init__(self) -> None:
        """Needs no records."""

    def take(self, *_given: object) -> Answer:
        return Answer("A reading was taken.")


class Service:
    """A service that has nothing but the message webhooks, and a clock that is set."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)
        self.now = NOW
        self._messages = 0

    def says(
        self,
        body: str,
        topics: Topics | None = topics,
        *,
        sid: str | None = None,
        sender: str = PHONE,
        **more: str,
    ) -> list[str]:
        """What is answered to a message; each has an id of its own."""
        self._messages += 1
        guard = WebhookGuard(SignatureCheck(TOKEN), PUBLIC_URL)
        webhooks = SmsWebhooks(
            self.engine, guard, self._clock, load_codes(), DESK, Readings(), topics
        )
        app = Flask("messages")
        app.register_blueprint(sms_blueprint(webhooks))
        sid = sid or f"SM{self._messages:032}"
        form = {"MessageSid": sid, "From": sender, "Body": body, "NumMedia": "0"} | more
        response = app.test_client().post(
            "/sms/inbound",
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": sign(INBOUND, list(form.items()), TOKEN)},
        )
        assert response.status_code == 200
        document = ElementTree.fromstring(response.data)  # noqa: S314 - our own answer
        return [child.text or "" for child in document]

    def kept(self) -> list[Row[tuple[str, str, bool]]]:
        """What is kept of the replies: body, meaning, whether it was answered."""
        wanted = select(
            inbound_messages.c.body, inbound_messages.c.meaning, inbound_messages.c.acknowledged
        )
        with read(self.engine) as connection:
            return list(connection.execute(wanted.order_by(inbound_messages.c.message_sid)))

    def tasks(self) -> list[str]:
        with read(self.engine) as connection:
            return [task.kind for task in list_tasks(connection)]

    def stopped(self) -> str | None:
        with write(self.engine) as connection:
            return stopped_for(connection, PHONE)

    def _clock(self) -> datetime:
        return self.now


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    service = Service(database.url)
    yield service
    service.engine.dispose()


def test_a_topic_is_answered_and_troubles_no_colleague(service: Service) -> None:
    with write(service.engine) as connection:
        add_campaign(connection)
        queued = add_row(connection)
    assert service.says("Menu") == [TEXTS["menu"]]
    assert service.says(" 5.4 ") == [TEXTS["5.4"]]
    assert service.kept() == [("Menu", "topic", True), (" 5.4 ", "topic", True)]
    assert service.tasks() == []
    assert service.stopped() is None
    with read(service.engine) as connection:
        assert row_of(connection, queued).state == "queued"


def test_a_topic_is_answered_again_and_the_same_webhook_gets_the_same(service: Service) -> None:
    assert service.says("5.4", sid="SM1") == [TEXTS["5.4"]]
    assert service.says("menu", sid="SM1") == [TEXTS["5.4"]]
    assert service.says("5.4", sid="SM2") == [TEXTS["5.4"]]
    assert len(service.kept()) == 2


def test_of_a_long_message_nothing_is_kept(service: Service) -> None:
    assert service.says("x" * 20, everything) == ["A menu would say this."]
    assert service.says("x" * 21, everything) == ["A menu would say this."]
    assert service.kept() == [("x" * 20, "topic", True), ("", "topic", True)]


def test_what_is_no_topic_is_read_by_a_person(service: Service) -> None:
    assert service.says("5.4.4 mikor?") == []
    assert service.kept() == [("5.4.4 mikor?", "other", False)]
    assert service.tasks() == ["read_message"]


def test_without_topics_a_number_of_the_menu_is_read_by_a_person(service: Service) -> None:
    assert service.says("5.4", None) == []
    assert service.says("SEGITSEG", None) == []
    assert service.tasks() == ["read_message"]
    assert len(service.kept()) == 2


@pytest.mark.parametrize(
    ("body", "meaning", "task"),
    [
        ("STOP", "opt_out", ["verify_opt_out"]),
        ("Téves szám", "wrong_addressee", ["verify_wrong_addressee"]),
        ("START", "opt_in", []),
        ("ALLAS 20293811 48213377 41530", "reading", []),
    ],
)
def test_what_a_person_says_of_themselves_comes_before_any_topic(
    service: Service, body: str, meaning: str, task: list[str]
) -> None:
    assert service.says(body, everything) != ["A menu would say this."]
    assert [row.meaning for row in service.kept()] == [meaning]
    assert service.tasks() == task


@pytest.mark.parametrize("opt_out_type", ["STOP", "HELP", "START"])
def test_what_the_carrier_has_answered_is_no_topic(service: Service, opt_out_type: str) -> None:
    assert service.says("5.4", everything, OptOutType=opt_out_type) == []
    assert "topic" not in [row.meaning for row in service.kept()]


@pytest.mark.parametrize("sender", ["Telekom", "1777", "anonymous", ""])
def test_a_sender_without_a_number_gets_no_topic(service: Service, sender: str) -> None:
    assert service.says("5.4", sender=sender) == []
    assert service.tasks() == ["read_message"]


@pytest.mark.parametrize("word", ["STOP", "TEVES"])
def test_who_is_stopped_is_still_answered_and_stays_stopped(service: Service, word: str) -> None:
    service.says(word)
    assert service.says("5.4") == [TEXTS["5.4"]]
    assert service.stopped() is not None


def test_after_sixty_parts_a_day_there_is_silence(service: Service) -> None:
    assert (MOST_TOPIC_PARTS, cost(TEXTS["2.1"]).segments) == (60, 7)
    assert [service.says("2.1") for _ in range(8)] == [[TEXTS["2.1"]]] * 8
    # Seven more would be too many; what is shorter still fits.
    assert service.says("2.1") == []
    assert [service.says("5.4") for _ in range(4)] == [[TEXTS["5.4"]]] * 4
    service.now += DAY - timedelta(seconds=1)
    assert service.says("menu") == []
    assert service.kept()[-1] == ("menu", "topic", False)
    assert service.says("menu", sender="+36301234568") == [TEXTS["menu"]]
    assert service.tasks() == []
    # What matters more is taken in as ever.
    assert len(service.says("STOP")) == 1
    service.now += timedelta(seconds=1)
    assert service.says("menu") == [TEXTS["menu"]]


def test_a_call_for_help_is_answered_twice_a_day_and_read_by_a_person_each_time(
    service: Service,
) -> None:
    # "Help" is what Hungarians write as well: they are told what to write instead.
    assert service.says("Help!") == [ENGLISH_HELP]
    assert service.says("SEGITSEG") == [HELP]
    service.now += DAY - timedelta(seconds=1)
    assert service.says("help") == []
    assert service.says("INFO", sender="+36301234568") == [HELP]
    service.now += timedelta(seconds=1)
    assert service.says("Help!") == [ENGLISH_HELP]
    # One task for each of the two numbers.
    assert service.tasks() == ["read_message"] * 2
    assert [row.acknowledged for row in service.kept()] == [True, True, False, True, True]


def test_a_menu_may_have_a_word_for_help_of_its_own(service: Service) -> None:
    assert service.says("info", everything) == ["A menu would say this."]
    assert service.tasks() == []


def test_topics_are_forgotten_after_a_month_and_replies_for_people_are_not(
    service: Service,
) -> None:
    service.says("5.4")
    service.says("Mikor jönnek?")
    service.now += timedelta(days=1)
    service.says("menu")
    run_retention(service.engine, NOW + timedelta(days=30, seconds=1), IdentificationLimits())
    assert [row.body for row in service.kept()] == ["Mikor jönnek?", "menu"]


def test_the_store_keeps_no_meaning_that_there_is_not(service: Service) -> None:
    row = {
        "message_sid": "SM1",
        "received_at": NOW,
        "phone": PHONE,
        "body": "",
        "meaning": "topics",
        "acknowledged": False,
    }
    with write(service.engine) as connection, pytest.raises(IntegrityError):
        connection.execute(inbound_messages.insert().values(row))

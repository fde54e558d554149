"""The message webhooks: receipts and replies as the carrier delivers them, signed."""

import threading
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import Row, select
from werkzeug.test import TestResponse

from backend.db.tables.messages import inbound_messages, reply_spending, stops, tasks
from backend.db.transactions import open_database, read, write
from backend.records.suppression.stops import stopped_for
from carrier.signature import SignatureCheck
from carrier.webhook_guard import WebhookGuard
from messages.content.desk_facts import DeskFacts
from messages.delivery.delivery_receipts import callback_url
from simulator.signature import signature as sign
from sms.error_codes import load_codes
from sms.webhooks import SmsWebhooks, sms_blueprint
from tests.support.databases.database import Database
from tests.support.databases.message_rows import (
    NOW,
    PHONE,
    REFERENCE,
    add_campaign,
    add_row,
    row_of,
)

PUBLIC_URL = "https://line.example.hu"
TOKEN = "a token that only tests know"
SID = "SM" + "1" * 32
DESK = DeskFacts("ELMŰ-ÉMÁSZ", "+3612383838", "ugyfelszolgalat@elmu.hu")
INBOUND = f"{PUBLIC_URL}/sms/inbound"
Form = dict[str, str]


class Service:
    """A service that has nothing but the message webhooks."""

    def __init__(self, url: str, token: str | None = TOKEN) -> None:
        self.engine = open_database(url)
        guard = WebhookGuard(SignatureCheck(token), PUBLIC_URL)
        self.app = Flask("messages")
        webhooks = SmsWebhooks(self.engine, guard, lambda: NOW, load_codes(), DESK)
        self.app.register_blueprint(sms_blueprint(webhooks))

    def post(self, url: str, form: Form, signature: str | None = None) -> TestResponse:
        return self.app.test_client().post(
            url.removeprefix(PUBLIC_URL),
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={
                "X-Twilio-Signature": signature or sign(url, list(form.items()), TOKEN),
            },
        )

    def reply(self, body: str, sid: str = SID, **more: str) -> TestResponse:
        form = {"MessageSid": sid, "SmsSid": sid, "From": PHONE, "To": "+36209000000"}
        return self.post(INBOUND, form | {"Body": body, "NumMedia": "0"} | more)

    def receipt(self, number: int, status: str, **more: str) -> TestResponse:
        url = callback_url(PUBLIC_URL, number, REFERENCE)
        form = {"MessageSid": SID, "MessageStatus": status, "To": PHONE, "ApiVersion": "2010-04-01"}
        return self.post(url, form | more)


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    service = Service(database.url)
    yield service
    service.engine.dispose()


@pytest.fixture
def number(service: Service) -> int:
    """A row whose request is on its way."""
    with write(service.engine) as connection:
        add_campaign(connection)
        return add_row(connection, state="claimed", reference=REFERENCE, attempted_at=NOW)


def row(service: Service, number: int) -> Row[tuple[object, ...]]:
    with read(service.engine) as connection:
        return row_of(connection, number)


def answered(response: TestResponse) -> list[str]:
    """The texts of the messages in a TwiML answer."""
    assert response.status_code == 200
    assert response.mimetype == "text/xml"
    document = ElementTree.fromstring(response.data)  # noqa: S314 - our own answer
    assert document.tag == "Response"
    assert {child.tag for child in document} <= {"Message"}
    return [child.text or "" for child in document]


def test_receipts_out_of_order_end_with_what_is_true(service: Service, number: int) -> None:
    for status in ("delivered", "sent", "queued", "sent", "delivered"):
        answer = service.receipt(number, status, RawDlrDoneDate="2611230905")
        assert (answer.status_code, answer.data) == (204, b"")
    assert row(service, number).state == "delivered"
    assert row(service, number).message_sid == SID


@pytest.mark.parametrize(
    ("code", "reason"), [("30006", "unreachable"), ("21635", "unreachable"), ("21610", "opted_out")]
)
def test_a_failed_receipt_stops_a_number_that_cannot_or_must_not_be_reached(
    service: Service, number: int, code: str, reason: str
) -> None:
    assert service.receipt(number, "undelivered", ErrorCode=code).status_code == 204
    assert (row(service, number).state, row(service, number).code) == ("failed", int(code))
    with read(service.engine) as connection:
        assert stopped_for(connection, PHONE) == reason


def test_a_wrong_addressee_is_stopped_and_acknowledged_once(service: Service) -> None:
    with write(service.engine) as connection:
        add_campaign(connection)
        queued = add_row(connection)
    assert "Erre a szamra nem küldünk több üzenetet" in answered(service.reply("Téves"))[0]
    assert row(service, queued).state == "suppressed"
    # The same webhook again, and the same word in another message.
    assert service.reply("Téves").data == service.reply("Téves").data
    assert len(answered(service.reply("Téves"))) == 1
    assert answered(service.reply("Teves szam", "SM" + "2" * 32)) == []
    with read(service.engine) as connection:
        assert connection.scalars(select(tasks.c.kind)).all() == ["verify_wrong_addressee"]
        assert len(connection.execute(select(inbound_messages)).all()) == 2


def test_what_the_carrier_has_answered_is_not_answered(service: Service) -> None:
    assert answered(service.reply("STOP", OptOutType="STOP")) == []
    with read(service.engine) as connection:
        assert stopped_for(connection, PHONE) == "opted_out"


def test_a_reply_for_people_gets_no_answer(service: Service) -> None:
    assert service.reply("Mikor hívhatom Önöket?").data.endswith(b"<Response></Response>")


@pytest.mark.both_databases
def test_the_same_reply_delivered_twice_at_once_gets_the_same_answer(service: Service) -> None:
    answers: list[list[str]] = []
    together = threading.Barrier(2)

    def deliver() -> None:
        together.wait()
        answers.append(answered(service.reply("STOP")))

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers[0]) == 1
    assert answers[0] == answers[1]
    with read(service.engine) as connection:
        assert len(connection.execute(select(tasks)).all()) == 1
        assert connection.scalars(select(reply_spending.c.parts)).all() == [1]


@pytest.mark.both_databases
def test_two_stops_at_once_from_one_number_are_acknowledged_once(service: Service) -> None:
    answers: list[list[str]] = []
    together = threading.Barrier(2)

    def deliver(sid: str) -> None:
        together.wait()
        answers.append(answered(service.reply("STOP", sid)))

    threads = [threading.Thread(target=deliver, args=(f"SM{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, answers)) == [0, 1]
    with read(service.engine) as connection:
        assert len(connection.execute(select(tasks)).all()) == 1
        assert len(connection.execute(select(inbound_messages)).all()) == 2


def test_an_unknown_message_is_noted_by_its_id_and_answered_as_well(
    service: Service, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    for url in (callback_url(PUBLIC_URL, number + 1, REFERENCE), f"{PUBLIC_URL}/sms/status"):
        assert service.post(url, {"MessageSid": SID, "MessageStatus": "sent"}).status_code == 204
    assert row(service, number).state == "claimed"
    assert caplog.text.count(SID) == 2
    assert REFERENCE not in caplog.text


ABSURD_RECEIPTS: list[tuple[str, Form]] = [
    ("", {}),
    ("?m=", {"MessageSid": "", "MessageStatus": "sent"}),
    ("?m=1.x&m=2", {"MessageSid": SID}),
    ("?m=%00%FF", {"MessageSid": SID, "MessageStatus": "\0"}),
    (f"?m=1.{REFERENCE}", {"MessageSid": "S M\0", "MessageStatus": "sent"}),
    (f"?m=1.{REFERENCE}", {"MessageSid": "S" * 5000, "MessageStatus": "sent"}),
    (f"?m=1.{REFERENCE}", {"MessageSid": SID, "MessageStatus": "undelivered" * 99}),
    (f"?m={'9' * 18}.{REFERENCE}", {"MessageSid": SID, "MessageStatus": "sent"}),
    (f"?m=1.{REFERENCE}", {"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "9" * 10}),
    (f"?m=1.{REFERENCE}", {"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "½"}),
]


def test_a_picture_comes_with_its_number_and_our_own_number_is_not_answered(
    service: Service,
) -> None:
    assert answered(service.reply("", NumMedia="1")) == []
    assert answered(service.reply("STOP", "SM2", From="+36209000000")) == []
    assert answered(service.reply("STOP", "SM3", From="+36209000001", NumMedia="x")) != []
    with read(service.engine) as connection:
        kept = select(inbound_messages.c.pictures).order_by(inbound_messages.c.message_sid)
        assert sorted(connection.scalars(kept)) == [0, 0, 1]


def test_a_path_with_control_characters_is_written_out_in_the_log(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.app.test_client().post("/sms/inbound%0aforged%1b[2J")
    service.post(f"{PUBLIC_URL}/sms/status?%0a", {"MessageSid": "S M"})
    assert "\x1b" not in caplog.text
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_an_absurd_receipt_does_no_harm(service: Service, number: int) -> None:
    assert number == 1
    for query, form in ABSURD_RECEIPTS:
        answer = service.post(f"{PUBLIC_URL}/sms/status{query}", form)
        assert (answer.status_code, answer.data) == (204, b"")
    assert (row(service, number).state, row(service, number).code) == ("failed", None)


def test_an_absurd_reply_does_no_harm(service: Service) -> None:
    senders = ["", "\0", "Telekom", "x" * 500, "+36\0301234567"]
    bodies = ["", "\0", "ST\0OP", "\ufffd\U0001f642" * 900]
    for place, (sender, body) in enumerate(product(senders, bodies)):
        answered(service.reply(body, f"SM{place}", From=sender))
    with read(service.engine) as connection:
        kept = connection.execute(select(inbound_messages)).all()
    assert len(kept) == len(senders) * len(bodies)
    assert max(len(each.body) for each in kept) == 1600
    assert max(len(each.phone) for each in kept) == 64


def test_a_reply_without_an_id_is_refused_because_it_could_be_taken_in_twice(
    service: Service,
) -> None:
    assert service.post(INBOUND, {"From": PHONE, "Body": "STOP"}).status_code == 400
    with read(service.engine) as connection:
        assert connection.execute(select(stops)).all() == []


@pytest.mark.parametrize("signature", ["wrong", sign(f"{INBOUND}?x=1", [], TOKEN)])
@pytest.mark.parametrize("path", ["/sms/inbound", "/sms/status"])
def test_what_the_carrier_did_not_sign_is_refused_and_changes_nothing(
    service: Service, number: int, path: str, signature: str, caplog: pytest.LogCaptureFixture
) -> None:
    form = {"MessageSid": SID, "MessageStatus": "sent", "From": PHONE, "Body": "STOP"}
    url = f"{PUBLIC_URL}{path}?m={number}.{REFERENCE}"
    assert service.post(url, form, signature).status_code == 403
    assert service.app.test_client().post(path, data=form).status_code == 403
    assert row(service, number).state == "claimed"
    with read(service.engine) as connection:
        assert connection.execute(select(inbound_messages)).all() == []
    for private in (PHONE, REFERENCE, "STOP"):
        assert private not in caplog.text


def test_the_address_of_a_receipt_belongs_to_what_is_signed(service: Service, number: int) -> None:
    form = {"MessageSid": SID, "MessageStatus": "sent"}
    elsewhere = sign(callback_url(PUBLIC_URL, number + 1, REFERENCE), list(form.items()), TOKEN)
    url = callback_url(PUBLIC_URL, number, REFERENCE)
    assert service.post(url, form, elsewhere).status_code == 403


def test_without_a_token_both_doors_are_shut(database: Database) -> None:
    service = Service(database.url, token=None)
    assert service.reply("STOP").status_code == 403
    assert service.receipt(1, "sent").status_code == 403
    service.engine.dispose()


def test_a_failure_of_the_database_is_shown_to_the_carrier_and_names_nobody(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(empty_database_url)
    assert service.reply("nem kérek több ilyet").status_code == 500
    assert service.receipt(1, "sent").status_code == 500
    service.engine.dispose()
    assert caplog.text.count(f"message {SID} failed: ") == 2
    for private in (PHONE, REFERENCE, "ilyet"):
        assert private not in caplog.text


def test_webhooks_that_a_proxy_turned_into_get_are_taken_alike(
    service: Service, number: int
) -> None:
    def get(url: str, form: Form) -> TestResponse:
        signed = f"{url}{'&' if '?' in url else '?'}{urlencode(form)}"
        headers = {"X-Twilio-Signature": sign(signed, [], TOKEN)}
        return service.app.test_client().get(signed.removeprefix(PUBLIC_URL), headers=headers)

    receipt = {"MessageSid": SID, "MessageStatus": "delivered", "To": PHONE}
    assert get(callback_url(PUBLIC_URL, number, REFERENCE), receipt).status_code == 204
    assert row(service, number).state == "delivered"
    stop = {"MessageSid": SID, "From": f"sip:{PHONE}@trunk.example.hu", "Body": "STOP"}
    answer = get(INBOUND, stop)
    assert len(answered(answer)) == 1
    assert answer.headers["Cache-Control"] == "no-store"
    with read(service.engine) as connection:
        assert stopped_for(connection, PHONE) is not None

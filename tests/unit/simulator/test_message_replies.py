"""A recipient writes: the webhook, what the service answers, and the carrier's own opt-out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from simulator.messages import MessageService
from simulator.messages.errors import ApiError
from simulator.server import create_simulator
from tests.unit.simulator.sms_application import (
    ACCOUNT,
    CUSTOMER,
    SENDER,
    SmsApplication,
    form,
    message_service,
)
from tests.unit.simulator.voice_application import NewCarrier


@pytest.fixture
def application() -> SmsApplication:
    return SmsApplication("<Response/>")


@pytest.fixture
def sms(application: SmsApplication) -> Iterator[MessageService]:
    with message_service(application) as sms:
        yield sms


def test_a_reply_reaches_the_service_with_every_field(
    sms: MessageService, application: SmsApplication
) -> None:
    body = "  Árvíztűrő tükörfúrógép & más + 😀 "
    reply = sms.reply(CUSTOMER, SENDER, body)
    sid = reply.message.sid
    assert application.received == [
        (
            "/sms/inbound",
            {
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
                "Body": body,
                "From": CUSTOMER,
                "FromCity": "",
                "FromCountry": "HU",
                "FromState": "",
                "FromZip": "",
                "MessageSid": sid,
                "NumMedia": "0",
                "NumSegments": "1",
                "SmsMessageSid": sid,
                "SmsSid": sid,
                "SmsStatus": "received",
                "To": SENDER,
                "ToCity": "",
                "ToCountry": "HU",
                "ToState": "",
                "ToZip": "",
            },
        )
    ]
    assert (reply.answers, reply.failures) == ([], [])
    assert (reply.message.direction, reply.message.status) == ("inbound", "received")
    assert sms.messages == [reply.message]


@pytest.mark.parametrize(
    ("answer", "content_type", "bodies"),
    [
        ("<Response><Message>Köszönjük!</Message></Response>", "text/xml", ["Köszönjük!"]),
        (
            "<Response><Message><Body>egy</Body></Message><Message>kettő</Message></Response>",
            "application/xml; charset=utf-8",
            ["egy", "kettő"],
        ),
        ("Köszönjük!", "text/plain; charset=utf-8", ["Köszönjük!"]),
        ("<Response><Message>igen</Message></Response>", "text/plain", ["igen"]),
        ("", "text/html", []),
        ("<Response/>", "text/xml", []),
    ],
)
def test_what_the_service_answers_is_sent_to_the_recipient(
    sms: MessageService,
    application: SmsApplication,
    answer: str,
    content_type: str,
    bodies: list[str],
) -> None:
    application.answer, application.content_type = answer, content_type
    reply = sms.reply(CUSTOMER, SENDER, "Jó napot!")
    assert [message.body for message in reply.answers] == bodies
    assert reply.failures == []
    for message in reply.answers:
        assert (message.direction, message.from_, message.to) == (
            "outbound-reply",
            SENDER,
            CUSTOMER,
        )
    sms.wait_until_quiet()
    assert {message.status for message in reply.answers} <= {"delivered"}


def test_an_answer_can_name_its_parties_and_where_to_tell_of_it(
    sms: MessageService, application: SmsApplication
) -> None:
    application.answer = (
        '<Response><Message to="+36209876543" from="+36301111111" action="/told?x=1">'
        "szia</Message></Response>"
    )
    (message,) = sms.reply(CUSTOMER, SENDER, "Jó napot!").answers
    assert (message.to, message.from_) == ("+36209876543", "+36301111111")
    sms.wait_until_quiet()
    assert [target for target, _ in application.received[1:]] == ["/told?x=1"] * 2


@pytest.mark.parametrize(
    ("answer", "content_type", "status", "code"),
    [
        ("<Response><Message>", "text/xml", 200, 12100),
        ("<Response><Say>hi</Say></Response>", "text/xml", 200, 12200),
        ("<Reply/>", "text/xml", 200, 12200),
        ("<Response><Message/></Response>", "text/xml", 200, 21602),
        (f"<Response><Message>{'a' * 1601}</Message></Response>", "text/xml", 200, 21617),
        ("{}", "application/json", 200, 12300),
        ("", "text/plain", 403, 11200),
        ("<Response><Redirect>/sms/inbound</Redirect></Response>", "text/xml", 200, 11215),
    ],
)
def test_an_answer_that_cannot_be_followed_is_noted_with_its_code(
    sms: MessageService,
    application: SmsApplication,
    answer: str,
    content_type: str,
    status: int,
    code: int,
) -> None:
    application.answer, application.content_type = answer, content_type
    application.status = status
    reply = sms.reply(CUSTOMER, SENDER, "Jó napot!")
    assert [failure.code for failure in reply.failures] == [code]
    assert sms.failures == reply.failures
    assert reply.answers == []


def test_with_the_opt_out_off_a_keyword_is_a_message_like_any_other(
    sms: MessageService, application: SmsApplication
) -> None:
    assert sms.reply(CUSTOMER, SENDER, "STOP").answers == []
    assert application.received[0][1]["Body"] == "STOP"
    sms.create(form())


@pytest.mark.parametrize("mode", ["default", "advanced"])
@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "OPTOUT"])
def test_a_keyword_blocks_the_pair_is_answered_by_the_carrier_and_still_passed_on(
    application: SmsApplication, mode: Any, word: str
) -> None:
    with message_service(application, opt_out=mode) as sms:
        (answer,) = sms.reply(CUSTOMER, SENDER, word).answers
        assert "START" in answer.body
        (_, passed_on) = application.received[0]
        assert passed_on["Body"] == word
        assert passed_on.get("OptOutType") == ("STOP" if mode == "advanced" else None)
        with pytest.raises(ApiError, match="21610"):
            sms.create(form())
        # Another sender, another recipient: other pairs.
        sms.create(form(From="+36301111111"))
        sms.create(form(To="+36209876543"))
        sms.reply(CUSTOMER, SENDER, "start")
        sms.create(form())
        assert application.received[1][1].get("OptOutType") == (
            "START" if mode == "advanced" else None
        )


def test_asking_for_help_is_answered_and_blocks_nothing(application: SmsApplication) -> None:
    with message_service(application, opt_out="advanced") as sms:
        assert len(sms.reply(CUSTOMER, SENDER, "HELP").answers) == 1
        assert application.received[0][1]["OptOutType"] == "HELP"
        sms.create(form())


@pytest.mark.parametrize("word", ["STOP!", "Stop it", "LEIRATKOZÁS", "TÉVES", ""])
def test_other_words_are_no_keywords(application: SmsApplication, word: str) -> None:
    with message_service(application, opt_out="advanced") as sms:
        assert sms.reply(CUSTOMER, SENDER, word).answers == []
        assert "OptOutType" not in application.received[0][1]


def test_an_answer_to_who_has_opted_out_is_not_sent(application: SmsApplication) -> None:
    application.answer = "<Response><Message>Leiratkozott.</Message></Response>"
    with message_service(application, opt_out="default") as sms:
        carrier, own = sms.reply(CUSTOMER, SENDER, "STOP").answers
        sms.wait_until_quiet()
    assert (carrier.status, carrier.error_code) == ("delivered", None)
    assert (own.status, own.error_code) == ("failed", 21610)


def test_a_messaging_service_is_named_to_the_service(application: SmsApplication) -> None:
    sid = "MG" + "0" * 32
    with message_service(application, messaging_service_sid=sid) as sms:
        sms.reply(CUSTOMER, SENDER, "Jó napot!")
    assert application.received[0][1]["MessagingServiceSid"] == sid


def test_a_burst_of_replies_is_passed_on_whole(
    sms: MessageService, application: SmsApplication
) -> None:
    numbers = [f"+3630{number:07}" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sms.reply(number, SENDER, "Jó napot!"), numbers))
    assert sorted(each["From"] for _, each in application.received) == numbers
    assert len({message.sid for message in sms.messages}) == 50


def test_a_reply_over_http_shows_what_came_of_it(
    carrier: NewCarrier, sms: MessageService, application: SmsApplication
) -> None:
    application.answer = "<Response><Message>Köszönjük!</Message><Say>hi</Say></Response>"
    client = create_simulator(carrier(), messages=sms).test_client()
    asked = {"from": CUSTOMER, "to": SENDER, "body": "Jó napot!"}
    answer = client.post("/messages/replies", json=asked)
    assert answer.status_code == 201
    view = answer.get_json()
    assert view["message"]["body"] == "Jó napot!"
    assert [each["body"] for each in view["answers"]] == ["Köszönjük!"]
    assert [each["code"] for each in view["failures"]] == [12200]
    assert client.post("/messages/replies", data=asked).status_code == 415
    for wrong in ({"from": ""}, {"to": 36}, {"body": ""}, {"body": "a" * 1601}):
        assert client.post("/messages/replies", json=asked | wrong).status_code == 400


def test_the_opt_out_is_switched_over_http(carrier: NewCarrier, sms: MessageService) -> None:
    client = create_simulator(carrier(), messages=sms).test_client()
    assert client.put("/messages/opt-out", json={"mode": "advanced"}).status_code == 200
    assert sms.opt_out == "advanced"
    sms.reply(CUSTOMER, SENDER, "STOP")
    log = client.get("/messages/log").get_json()
    assert (log["opt_out"], log["opted_out"]) == ("advanced", [[CUSTOMER, SENDER]])
    assert client.put("/messages/opt-out", json={"mode": "loud"}).status_code == 400

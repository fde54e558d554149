"""From the queue to the handset: the receipts that the service gets, and what goes wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.messages import CodedFault, Delays, Fault, Faults, MessageService, TimedFault
from simulator.messages.delivery import Fate, steps_of
from simulator.messages.errors import ApiError
from simulator.signature import signature
from tests.unit.simulator.sms_application import (
    ACCOUNT,
    BASE,
    CUSTOMER,
    SENDER,
    TOKEN,
    SmsApplication,
    form,
    message_service,
    wait_for,
)

CALLBACK = f"{BASE}:8443/sms/status?m=%C5%91&n=1#rc=2"
SERVICE = "MG" + "0123456789abcdef" * 2


@pytest.fixture
def application() -> SmsApplication:
    return SmsApplication()


@pytest.fixture
def sms(application: SmsApplication) -> Iterator[MessageService]:
    with message_service(application, clock=lambda: 1_790_000_000.0) as sms:
        yield sms


def send(sms: MessageService, **fields: str) -> dict[str, Any]:
    taken = sms.create(form(**({"StatusCallback": CALLBACK} | fields)))
    sms.wait_until_quiet()
    return taken


def test_a_message_is_sent_then_delivered_and_each_is_told(
    sms: MessageService, application: SmsApplication
) -> None:
    sid = send(sms)["sid"]
    sent = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": SENDER,
        "MessageSid": sid,
        "MessageStatus": "sent",
        "SmsSid": sid,
        "SmsStatus": "sent",
        "To": CUSTOMER,
    }
    delivered = sent | {
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "RawDlrDoneDate": "2609211413",
    }
    # The query string goes along, the fragment does not.
    target = "/sms/status?m=%C5%91&n=1"
    assert application.received == [(target, sent), (target, delivered)]
    tokens = {headers["I-Twilio-Idempotency-Token"] for headers in application.headers}
    assert len(tokens) == 2


def test_a_receipt_is_signed_with_the_port_of_its_address(sms: MessageService) -> None:
    send(sms)
    request = sms.webhooks[0]
    url = CALLBACK.partition("#")[0]
    assert request.url == url
    assert request.headers["X-Twilio-Signature"] == signature(url, request.form, TOKEN)


def test_with_a_messaging_service_the_queue_is_told_too(
    sms: MessageService, application: SmsApplication
) -> None:
    send(sms, From="", MessagingServiceSid=SERVICE)
    assert application.statuses == ["queued", "sent", "delivered"]
    assert {each["From"] for _, each in application.received} == {SENDER}
    assert {each["MessagingServiceSid"] for _, each in application.received} == {SERVICE}


def test_without_a_callback_address_nothing_is_told(
    sms: MessageService, application: SmsApplication
) -> None:
    send(sms, StatusCallback="")
    assert application.received == []
    assert [message.status for message in sms.messages] == ["delivered"]


@pytest.mark.parametrize(
    ("code", "statuses"),
    [(30005, ["sent", "undelivered"]), (30006, ["sent", "undelivered"]), (30001, ["failed"])],
)
def test_a_delivery_fails_with_the_code_of_choice(
    sms: MessageService, application: SmsApplication, code: int, statuses: list[str]
) -> None:
    sms.faults = Faults(fail_delivery=CodedFault(code=code, recipients=(CUSTOMER,)))
    send(sms)
    assert application.statuses == statuses
    last = application.received[-1][1]
    assert last["ErrorCode"] == str(code)
    assert ("RawDlrDoneDate" in last) == (statuses[-1] == "undelivered")
    assert "ErrorCode" not in application.received[0][1] or len(statuses) == 1
    assert sms.messages[0].error_code == code


@pytest.mark.parametrize(
    ("faults", "statuses"),
    [
        (Faults(receipts_doubled=Fault(next=1)), ["sent", "sent", "delivered", "delivered"]),
        (Faults(receipts_reordered=Fault(next=1)), ["delivered", "sent"]),
        (Faults(receipts_lost=Fault(next=1)), []),
        (Faults(stuck_in_sent=Fault(next=1)), ["sent"]),
        (
            Faults(receipts_reordered=Fault(next=1), receipts_doubled=Fault(next=1)),
            ["delivered", "delivered", "sent", "sent"],
        ),
    ],
)
def test_receipts_go_wrong_as_asked(
    sms: MessageService, application: SmsApplication, faults: Faults, statuses: list[str]
) -> None:
    sms.faults = faults
    send(sms)
    assert application.statuses == statuses
    stuck = statuses == ["sent"]
    assert sms.messages[0].status == ("sent" if stuck else "delivered")
    send(sms)
    assert application.statuses[len(statuses) :] == ["sent", "delivered"]


def test_late_receipts_come_when_the_api_has_long_known(
    sms: MessageService, application: SmsApplication
) -> None:
    sms.faults = Faults(receipts_late=TimedFault(next=1, seconds=0.15))
    sms.create(form(StatusCallback=CALLBACK))
    wait_for(lambda: sms.messages[0].status == "delivered")
    assert application.statuses == []
    sms.wait_until_quiet()
    assert sorted(application.statuses) == ["delivered", "sent"]


def test_a_message_that_waits_longer_than_it_may_fails(sms: MessageService) -> None:
    sms.create(form(ValidityPeriod="5"))
    (message,) = sms.messages
    assert list(steps_of(message, Fate(), Delays(6.0, 7.0))) == [("failed", 5, 30036)]
    assert [step.status for step in steps_of(message, Fate(), Delays(5.0, 7.0))] == [
        "sent",
        "delivered",
    ]


def test_a_receipt_that_nobody_takes_is_noted_and_the_message_goes_on(
    sms: MessageService, application: SmsApplication
) -> None:
    application.status = 500
    send(sms)
    assert [(each.code, each.status) for each in sms.failures] == [(11200, 500)] * 2
    assert sms.messages[0].status == "delivered"


def test_a_forgotten_message_tells_nothing_more(application: SmsApplication) -> None:
    with message_service(application, delays=Delays(0.02, 0.04)) as sms:
        sms.create(form(StatusCallback=CALLBACK))
        sms.clear()
        sms.wait_until_quiet()
    assert application.received == []


def test_faults_by_chance_repeat_with_their_seed_while_receipts_go_out() -> None:
    def outcomes() -> list[str]:
        found: list[str] = []
        with message_service(SmsApplication()) as sms:
            sms.faults = Faults(
                refuse=CodedFault(probability=0.3, code=21612),
                fail_delivery=CodedFault(probability=0.3, code=30005),
            )
            for _ in range(40):
                try:
                    found.append(sms.create(form(StatusCallback=CALLBACK))["sid"])
                except ApiError as refused:
                    found.append(str(refused.code))
            sms.wait_until_quiet()
            ended = {message.sid: message.status for message in sms.messages}
        return [ended.get(each, each) for each in found]

    first = outcomes()
    assert set(first) == {"21612", "delivered", "undelivered"}
    assert outcomes() == first


def test_a_sender_that_is_named_with_a_messaging_service_is_used(
    sms: MessageService, application: SmsApplication
) -> None:
    taken = send(sms, From="+36301111111", MessagingServiceSid=SERVICE)
    assert (taken["status"], taken["from"]) == ("accepted", "+36301111111")
    assert {each["From"] for _, each in application.received} == {"+36301111111"}


def test_what_went_wrong_is_counted_as_it_happens_and_of_lost_receipts_nothing_else(
    sms: MessageService,
) -> None:
    sms.faults = Faults(
        refuse=CodedFault(code=21612, next=1),
        receipts_doubled=Fault(probability=1.0),
        receipts_lost=Fault(next=1),
    )
    with pytest.raises(ApiError):
        send(sms)
    for _ in range(3):
        send(sms)
    assert sms.struck == Counter(refuse=1, receipts_lost=1, receipts_doubled=2)
    sms.clear()
    assert not sms.struck

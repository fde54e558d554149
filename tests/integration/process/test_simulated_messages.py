"""Twilio's own client against the simulator over real HTTP: what each fault looks like to it."""

import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from simulator import Carrier
from simulator.messages import (
    CodedFault,
    Delays,
    Fault,
    Faults,
    MessageService,
    StatusFault,
    TimedFault,
)
from simulator.server import create_simulator
from simulator.threaded_server import running
from tests.support.carriers.twilio_api import (
    assert_valid_create_request,
    assert_valid_list_request,
    assert_valid_message,
)

pytestmark = pytest.mark.both_databases

ACCOUNT, TOKEN = "AC" + "0" * 32, "12345"
SENDER, CUSTOMER = "+36209383838", "+36301234567"
PATIENCE = 0.3
"""Seconds after which an impatient client gives up."""
HELD = 1.2
"""Seconds of an answer that is late: long after that, however busy the machine is."""


class Desk:
    """The service that messages are sent from, at an address of its own."""

    url = ""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.app = Flask("desk")
        self.app.add_url_rule("/sms/<path:door>", view_func=self._hear, methods=["POST"])

    def _hear(self, door: str) -> Response:
        url = self.url + request.path
        query = request.query_string.decode()
        url += f"?{query}" if query else ""
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(url, request.form, signature)
        self.told.append(request.form.to_dict() | request.args.to_dict())
        answer = "<Response><Message>Köszönjük!</Message></Response>" if door == "inbound" else ""
        return Response(answer, content_type="text/xml")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk()
    with running(desk.app) as desk.url:
        yield desk


@pytest.fixture
def sms(desk: Desk) -> Iterator[MessageService]:
    desk.told.clear()
    service = MessageService(
        ACCOUNT,
        TOKEN,
        f"{desk.url}/sms/inbound",
        rng=Random(1),  # noqa: S311 - ids that repeat from run to run
        delays=Delays(0.0, 0.0),
    )
    yield service
    service.close()


@pytest.fixture
def address(sms: MessageService) -> Iterator[str]:
    carrier = Carrier(voice_url="http://127.0.0.1:9/voice", auth_token=TOKEN)
    with running(create_simulator(carrier, messages=sms)) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    http = TwilioHttpClient(timeout=10)
    client = Client(ACCOUNT, TOKEN, http_client=http)
    client.api.base_url = address
    yield client
    http.session.close()


def send(client: Client, **fields: Any) -> Any:
    usual = {"to": CUSTOMER, "from_": SENDER, "body": "Árvíztűrő tükörfúrógép"}
    return client.messages.create(**(usual | fields))


def test_a_message_is_sent_told_of_and_found_again(
    client: Client, sms: MessageService, desk: Desk, address: str
) -> None:
    callback = f"{desk.url}/sms/status?m=%C5%91&n=1#rc=2"
    message = send(client, status_callback=callback, validity_period=3600)
    assert (message.status, message.num_segments, message.body) == (
        "queued",
        "1",
        "Árvíztűrő tükörfúrógép",
    )
    sms.wait_until_quiet()
    assert [told["MessageStatus"] for told in desk.told] == ["sent", "delivered"]
    assert {(told["MessageSid"], told["m"], told["n"]) for told in desk.told} == {
        (message.sid, "ő", "1")
    }
    assert client.messages(message.sid).fetch().status == "delivered"
    for number in range(5):
        send(client, body=f"{number}")
    found = client.messages.list(to=CUSTOMER, from_=SENDER, page_size=2)
    assert [each.body for each in found] == ["4", "3", "2", "1", "0", "Árvíztűrő tükörfúrógép"]

    received = sms.requests
    for each in received:
        if each.method == "POST":
            assert_valid_create_request(each.form)
        elif each.path.endswith("Messages.json"):
            assert_valid_list_request(each.query)
    assert [each.method for each in received] == ["POST", "GET"] + ["POST"] * 5 + ["GET"] * 3
    raw = requests.get(address + message.uri, auth=(ACCOUNT, TOKEN), timeout=5)
    assert_valid_message(raw.json())


def test_a_recipient_s_reply_reaches_the_desk_and_its_answer_the_recipient(
    sms: MessageService, desk: Desk, address: str
) -> None:
    asked = {"from": CUSTOMER, "to": SENDER, "body": "TÉVES"}
    view = requests.post(f"{address}/messages/replies", json=asked, timeout=5).json()
    assert (desk.told[0]["Body"], desk.told[0]["SmsStatus"]) == ("TÉVES", "received")
    assert [answer["body"] for answer in view["answers"]] == ["Köszönjük!"]
    sms.wait_until_quiet()
    assert [message.status for message in sms.messages] == ["received", "delivered"]


@pytest.mark.parametrize(
    ("faults", "status", "code", "created"),
    [
        (Faults(too_many=Fault(next=1)), 429, 20429, 0),
        (Faults(error_before=StatusFault(next=1)), 500, 20500, 0),
        (Faults(error_before=StatusFault(next=1, status=503)), 503, 20503, 0),
        (Faults(error_after=Fault(next=1)), 500, 20500, 1),
        (Faults(refuse=CodedFault(recipients=(CUSTOMER,), code=21610)), 400, 21610, 0),
        (Faults(refuse=CodedFault(probability=1.0, code=20003)), 401, 20003, 0),
    ],
)
def test_an_error_is_answered_before_or_after_the_message_was_created(
    client: Client, sms: MessageService, faults: Faults, status: int, code: int, created: int
) -> None:
    sms.faults = faults
    with pytest.raises(TwilioRestException) as refused:
        send(client)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert len(sms.messages) == created
    sms.faults = Faults()
    assert send(client).status == "queued"


@pytest.mark.parametrize(
    ("faults", "created"),
    [(Faults(cut_before=Fault(next=1)), 0), (Faults(cut_after=Fault(next=1)), 1)],
)
def test_a_connection_is_cut_before_or_after_the_message_was_created(
    client: Client, sms: MessageService, faults: Faults, created: int
) -> None:
    # On a connection that is kept alive, too.
    client.messages.list(limit=1)
    sms.faults = faults
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection"):
        send(client)
    assert (len(sms.messages), sms.creation_requests) == (created, 1)
    assert send(client).status == "queued"


def test_a_slow_answer_comes_after_the_client_has_given_up(
    client: Client, sms: MessageService
) -> None:
    sms.faults = Faults(slow=TimedFault(next=2, seconds=HELD))
    client.http_client.timeout = PATIENCE
    with pytest.raises(requests.ReadTimeout):
        send(client)
    assert len(sms.messages) == 1
    client.http_client.timeout = 10
    began = time.monotonic()
    assert send(client).status == "queued"
    assert time.monotonic() - began >= HELD


def test_a_request_without_an_answer_is_held_and_then_let_go(
    client: Client, sms: MessageService
) -> None:
    sms.faults = Faults(accept_and_never_answer=TimedFault(next=2, seconds=HELD))
    client.http_client.timeout = PATIENCE
    with pytest.raises(requests.ReadTimeout):
        send(client)
    client.http_client.timeout = 10
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection"):
        send(client)
    assert len(sms.messages) == 2


def test_a_held_request_is_let_go_when_the_service_is_closed(
    client: Client, sms: MessageService
) -> None:
    sms.faults = Faults(accept_and_never_answer=TimedFault(next=1, seconds=600))
    sms.close()
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection"):
        send(client)


def test_faults_strike_by_chance_whatever_they_leave_behind(
    client: Client, sms: MessageService
) -> None:
    sms.faults = Faults(cut_before=Fault(probability=0.3), error_after=Fault(probability=0.3))
    outcomes = ""
    for number in range(20):
        try:
            send(client, to=f"+3630{number:07}")
            outcomes += "."
        except TwilioRestException:
            outcomes += "e"
        except requests.ConnectionError:
            outcomes += "c"
    assert set(outcomes) == set(".ec")
    assert len(sms.messages) == 20 - outcomes.count("c")


def test_faults_that_cut_connections_can_be_set_over_http(
    client: Client, sms: MessageService, address: str
) -> None:
    answer = requests.put(
        f"{address}/messages/faults", json={"cut_after": {"recipients": [CUSTOMER]}}, timeout=5
    )
    assert answer.status_code == 200
    with pytest.raises(requests.ConnectionError):
        send(client)
    log = requests.get(f"{address}/messages/log", timeout=5).json()
    assert [each["to"] for each in log["messages"]] == [CUSTOMER]


def test_an_address_in_use_is_refused_without_ending_the_process(address: str) -> None:
    port = int(address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), running(Flask("second"), port):
        pass


@pytest.mark.parametrize(
    "pairs",
    [
        [("To", CUSTOMER), ("From", SENDER)],
        [("To", CUSTOMER), ("Body", "a")],
        [("From", SENDER), ("Body", "a")],
        [("To", CUSTOMER), ("From", SENDER), ("Body", "a"), ("Reference", "1")],
        [("To", CUSTOMER), ("To", CUSTOMER), ("From", SENDER), ("Body", "a")],
        [("To", "06301234567"), ("From", SENDER), ("Body", "a"), ("ValidityPeriod", "soon")],
        [("To", CUSTOMER), ("MessagingServiceSid", "MG1"), ("Body", "a")],
        [("To", CUSTOMER), ("From", SENDER), ("Body", "a"), ("StatusCallback", "/sms/status")],
        [("To", CUSTOMER), ("From", SENDER), ("Body", "a"), ("SmartEncoded", "perhaps")],
        [("To", CUSTOMER), ("From", SENDER), ("Body", "a"), ("ContentRetention", "burn")],
    ],
)
def test_twilio_s_document_tells_a_request_that_is_wrong(pairs: list[tuple[str, str]]) -> None:
    right = [("To", CUSTOMER), ("From", SENDER), ("Body", "a"), ("SmartEncoded", "True")]
    assert_valid_create_request(right)
    with pytest.raises(AssertionError):
        assert_valid_create_request(pairs)


@pytest.mark.parametrize("pair", [("Body", "a"), ("PageSize", "1001"), ("DateSent>", "today")])
def test_twilio_s_document_tells_a_list_that_is_wrong(pair: tuple[str, str]) -> None:
    assert_valid_list_request([("To", CUSTOMER), ("DateSent>", "2026-11-21"), ("PageSize", "20")])
    with pytest.raises(AssertionError):
        assert_valid_list_request([pair])

"""Twilio's Messages API as the simulator keeps it, every answer held against Twilio's document."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulator.messages import MessageService
from simulator.server import create_simulator
from tests.support.carriers.twilio_api import assert_valid_message, assert_valid_message_list
from tests.support.runs.tables import each_of
from tests.unit.simulator.sms_application import (
    ACCOUNT,
    CUSTOMER,
    SENDER,
    TOKEN,
    SmsApplication,
    form,
    message_service,
)
from tests.unit.simulator.voice_application import NewCarrier

LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
SERVICE = "MG" + "0123456789abcdef" * 2
START = 1_790_000_000.0


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sms(clock: Clock) -> Iterator[MessageService]:
    with message_service(SmsApplication(), clock=clock) as sms:
        yield sms


@pytest.fixture
def client(carrier: NewCarrier, sms: MessageService) -> FlaskClient:
    return create_simulator(carrier(), messages=sms).test_client()


def post(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post(LIST, data=dict(form(**fields)), auth=(ACCOUNT, TOKEN))


def get(client: FlaskClient, path: str = LIST, **query: str) -> Any:
    answer = client.get(path, query_string=query or None, auth=(ACCOUNT, TOKEN))
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_a_message_is_taken_and_shown_as_twilio_shows_it(
    client: FlaskClient, sms: MessageService
) -> None:
    body = "Tisztelt Ügyfelünk! Kérjük, hívja ügyfélszolgálatunkat a +36 80 202 938-as számon."
    answer = post(client, Body=body)
    assert answer.status_code == 201
    message = answer.get_json()
    assert_valid_message(message)
    (kept,) = sms.messages
    assert message == {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": "Mon, 21 Sep 2026 14:13:20 +0000",
        "date_sent": None,
        "date_updated": "Mon, 21 Sep 2026 14:13:20 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": SENDER,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "2",
        "price": None,
        "price_unit": "USD",
        "sid": kept.sid,
        "status": "queued",
        "subresource_uris": {"media": f"{LIST[:-5]}/{kept.sid}/Media.json"},
        "to": CUSTOMER,
        "uri": f"{LIST[:-5]}/{kept.sid}.json",
    }
    assert answer.headers["Twilio-Request-Id"].startswith("RQ")


def test_with_a_messaging_service_the_sender_is_chosen_later(
    client: FlaskClient, sms: MessageService
) -> None:
    message = post(client, From="", MessagingServiceSid=SERVICE).get_json()
    assert_valid_message(message)
    assert (message["status"], message["from"], message["num_segments"]) == ("accepted", None, "0")
    sms.wait_until_quiet()
    later = get(client, message["uri"])
    assert_valid_message(later)
    assert (later["status"], later["from"], later["num_segments"]) == ("delivered", SENDER, "1")
    assert later["messaging_service_sid"] == SERVICE


@each_of(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"To": "06301234567"}, 21211),
        ({"To": "+3630123456"}, 21211),
        ({"To": "+36"}, 21211),
        ({"To": "+363012345678"}, 21211),
        ({"To": SENDER}, 21211),
        ({"To": "+3612345678"}, 21614),
        ({"To": "+3652123456"}, 21614),
        ({"To": "+3680202938"}, 21614),
        ({"To": "+36211234567"}, 21614),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"From": "Minta & Tsa."}, 21212),
        ({"From": "Mintaszolgaltato"}, 21212),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"Body": "a" * 1601}, 21617),
        ({"Body": "😀" * 801}, 21617),
        ({"StatusCallback": "/sms/status"}, 21609),
        ({"StatusCallback": "https://my_desk.example.hu/sms"}, 21609),
        ({"StatusCallback": "https://ivr.example.hu/" + "x" * 4000}, 21609),
        ({"ValidityPeriod": "soon"}, 90007),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"MediaUrl": "https://ivr.example.hu/picture.png"}, 20001),
        ({"SendAt": "2026-12-01T10:00:00Z"}, 20001),
    ],
)
def test_what_cannot_be_sent_is_refused_with_twilio_s_code(
    client: FlaskClient, sms: MessageService, fields: dict[str, str], code: int
) -> None:
    before = sms.creation_requests
    answer = post(client, **fields)
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["code"]) == (400, 400, code)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["message"]
    assert sms.messages == []
    assert sms.creation_requests == before + 1


@each_of(
    "fields",
    [
        {"To": "+36501234567"},
        {"To": "+36311234567"},
        {"To": "+4366012345678"},
        {"From": "+15005550006"},
        {"From": "Minta Zrt"},
        {"From": "1742"},
        {"Body": "a" * 1600},
        {"Body": "😀" * 800},
        {"ValidityPeriod": "1"},
        {"ValidityPeriod": "36000"},
        {"StatusCallback": "http://127.0.0.1:8000/sms/status?m=1#rc=2"},
        {"Whatever": "unknown fields are ignored, as Twilio does"},
    ],
)
def test_what_is_at_the_limit_is_taken(client: FlaskClient, fields: dict[str, str]) -> None:
    answer = post(client, **fields)
    assert answer.status_code == 201, answer.text
    assert_valid_message(answer.get_json())


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "54321"), ("AC" + "1" * 32, TOKEN), ("", "")])
def test_without_the_account_s_token_nothing_is_done(
    client: FlaskClient, sms: MessageService, auth: tuple[str, str] | None
) -> None:
    answer = client.post(LIST, data=dict(form()), auth=auth)
    assert (answer.status_code, answer.get_json()["code"]) == (401, 20003)
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert client.get(LIST, auth=auth).status_code == 401
    assert sms.messages == []


def test_another_account_s_messages_are_not_found(client: FlaskClient) -> None:
    path = LIST.replace(ACCOUNT, "AC" + "1" * 32)
    answer = client.get(path, auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.get_json()["code"]) == (404, 20404)


def test_an_unknown_message_is_not_found(client: FlaskClient) -> None:
    answer = client.get(f"{LIST[:-5]}/SM{'0' * 32}.json", auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.get_json()["code"]) == (404, 20404)


def test_pages_run_from_the_newest_and_stay_put_while_messages_arrive(
    client: FlaskClient, sms: MessageService
) -> None:
    for number in range(5):
        post(client, Body=f"{number}")
    page = get(client, PageSize="2")
    assert_valid_message_list(page)
    assert page["previous_page_uri"] is None
    bodies = [each["body"] for each in page["messages"]]
    post(client, Body="new")
    while page["next_page_uri"]:
        page = get(client, page["next_page_uri"])
        assert_valid_message_list(page)
        bodies += [each["body"] for each in page["messages"]]
    assert bodies == ["4", "3", "2", "1", "0"]
    assert (page["page"], page["start"], page["page_size"]) == (2, 5, 2)
    back = get(client, page["previous_page_uri"])
    assert [each["body"] for each in back["messages"]] == ["2", "1"]


def test_a_page_holds_fifty_and_at_most_a_thousand(client: FlaskClient) -> None:
    for _ in range(51):
        post(client)
    assert len(get(client)["messages"]) == 50
    assert get(client, PageSize="5000")["page_size"] == 1000


def test_the_list_is_filtered_by_recipient_sender_and_day(
    client: FlaskClient, sms: MessageService, clock: Clock
) -> None:
    post(client, Body="yesterday")
    sms.wait_until_quiet()
    clock.now += 86_400
    post(client, Body="today", To="+36209876543")
    sms.wait_until_quiet()
    sms.reply(CUSTOMER, SENDER, "reply")

    def found(**query: str) -> list[str]:
        page = get(client, **query)
        assert_valid_message_list(page)
        return [each["body"] for each in page["messages"]]

    assert found(To=CUSTOMER) == ["yesterday"]
    assert found(From=SENDER) == ["today", "yesterday"]
    assert found(To=SENDER) == ["reply"]
    assert found(From=SENDER, To="+36209876543") == ["today"]
    assert found(DateSent="2026-09-21") == ["yesterday"]
    assert found(**{"DateSent<": "2026-09-21"}) == ["yesterday"]
    assert found(**{"DateSent>": "2026-09-22"}) == ["reply", "today"]
    assert found(**{"DateSent>": "2026-09-22T14:13:21Z"}) == []
    assert found(**{"DateSent<": "2026-09-22T14:13:20Z"}) == ["reply", "today", "yesterday"]


def test_a_message_that_is_not_sent_yet_is_hidden_by_a_filter_of_dates(
    client: FlaskClient, sms: MessageService
) -> None:
    sms.faults.fail_delivery.code = 30001
    sms.faults.fail_delivery.next = 1
    post(client)
    sms.wait_until_quiet()
    (shown,) = get(client)["messages"]
    assert (shown["date_sent"], shown["status"], shown["error_code"]) == (None, "failed", 30001)
    assert get(client, **{"DateSent>": "2000-01-01"})["messages"] == []


@pytest.mark.parametrize(
    "query", [{"DateSent": "tomorrow"}, {"PageSize": "0"}, {"PageSize": "x"}, {"PageToken": "PA1"}]
)
def test_a_list_that_cannot_be_read_is_refused(client: FlaskClient, query: dict[str, str]) -> None:
    answer = client.get(LIST, query_string=query, auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.get_json()["code"]) == (400, 20001)


def test_a_new_message_is_listed_after_the_lag_but_found_by_its_id_at_once(
    client: FlaskClient, sms: MessageService, clock: Clock
) -> None:
    sms.list_lag = 10.0
    uri = post(client).get_json()["uri"]
    assert get(client, uri)["to"] == CUSTOMER
    assert get(client)["messages"] == []
    clock.now += 10
    assert len(get(client)["messages"]) == 1


def test_the_log_tells_what_was_taken_and_how_often_it_was_tried(
    client: FlaskClient, sms: MessageService
) -> None:
    post(client, Body="á" * 71, StatusCallback="https://ivr.example.hu/sms/status?m=1")
    post(client, To="")
    sms.wait_until_quiet()
    log = client.get("/messages/log").get_json()
    (entry,) = log["messages"]
    assert entry == {
        "sid": sms.messages[0].sid,
        "direction": "outbound-api",
        "from": SENDER,
        "to": CUSTOMER,
        "body": "á" * 71,
        "status": "delivered",
        "error_code": None,
        "encoding": "UCS-2",
        "num_segments": 2,
        "created_at": START,
        "status_callback": "https://ivr.example.hu/sms/status?m=1",
        "messaging_service_sid": None,
    }
    assert (log["creation_requests"], log["pending"], log["failures"]) == (2, 0, [])
    post(client, Body="second")
    newest = client.get("/messages/log?newest=1").get_json()["messages"]
    assert [each["body"] for each in newest] == ["second"]
    assert client.delete("/messages/log").status_code == 204
    log = client.get("/messages/log").get_json()
    assert (log["messages"], log["creation_requests"]) == ([], 0)


def test_requests_are_kept_as_they_came_without_the_token(
    client: FlaskClient, sms: MessageService
) -> None:
    post(client, Body="")
    get(client, **{"DateSent>": "2026-09-21"})
    first, second = client.get("/messages/requests").get_json()["requests"]
    assert (first["method"], first["path"]) == ("POST", LIST)
    assert first["form"] == [["To", CUSTOMER], ["From", SENDER]]
    assert second["query"] == [["DateSent>", "2026-09-21"]]
    assert first["headers"]["Authorization"] == "basic"
    credentials = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert credentials not in str([first, second])
    assert [each.method for each in sms.requests] == ["POST", "GET"]


def test_a_fault_that_ends_connections_is_refused_where_the_server_cannot(
    client: FlaskClient, sms: MessageService
) -> None:
    answer = client.put("/messages/faults", json={"cut_after": {"next": 1}})
    assert answer.status_code == 501
    assert "simulator.threaded_server" in answer.get_json()["error"]
    assert sms.faults.cut_after.next == 0
    assert 'data-name="cut_after"' not in client.get("/messages").text


def test_faults_are_set_shown_and_cleared_over_http(client: FlaskClient) -> None:
    answer = client.put("/messages/faults", json={"too_many": {"next": 1}})
    assert answer.get_json()["too_many"]["next"] == 1
    assert post(client).status_code == 429
    assert client.get("/messages/faults").get_json()["too_many"]["next"] == 0
    client.put("/messages/faults", json={"too_many": {"next": 1}})
    assert client.delete("/messages/faults").status_code == 204
    assert post(client).status_code == 201
    answer = client.put("/messages/faults", json={"thunder": {}})
    assert (answer.status_code, "thunder" in answer.get_json()["error"]) == (400, True)


def test_without_messages_the_simulator_takes_calls_only(carrier: NewCarrier) -> None:
    client = create_simulator(carrier()).test_client()
    assert client.get("/messages").status_code == 404
    assert "Üzenetek" not in client.get("/phone").text


def test_the_page_is_hardened_and_holds_nothing_inline(client: FlaskClient) -> None:
    answer = client.get("/messages")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for inline in ("<style", "style=", "onclick", "<script>"):
        assert inline not in answer.text
    assert 'href="/phone"' in answer.text
    assert 'href="/messages"' in client.get("/phone").text

"""The web phone's JSON interface and the calls that it holds."""

import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulator.server import create_simulator
from simulator.voice.phone_calls import NoSuchCallError, PhoneCalls
from simulator.voice.phone_page import CalledLine, Caller, Hint, PhonePage, demonstration
from tests.support.runs.tables import each_of
from tests.unit.simulator.voice_application import BASE, NewCarrier, Service

PARTIES = {"from": "+36301234567", "to": "+3680202938"}
MENU = '<Gather action="/keys" numDigits="1" timeout="5"><Say language="hu-HU">Menü</Say></Gather>'


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client(service: Service, carrier: NewCarrier) -> FlaskClient:
    service.at("/voice", MENU)
    service.at("/keys", "<Say>Thank you</Say>")
    return create_simulator(carrier()).test_client()


def post(client: FlaskClient, path: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/phone/calls{path}", json=body)
    assert answer.status_code in (200, 201), answer.text
    view: dict[str, Any] = answer.get_json()
    return view


def test_a_call_is_driven_tick_by_tick(client: FlaskClient) -> None:
    view = post(client, "", **PARTIES)
    assert (view["state"], view["events"]) == ("fetching", [])
    call = f"/{view['id']}"
    view = post(client, f"{call}/tick", seconds=view["seconds_left"])
    assert (view["state"], view["collecting"], view["quiet"]) == ("gathering", True, False)
    (heard,) = view["events"]
    assert (heard["type"], heard["text"], heard["language"]) == ("Heard", "Menü", "hu-HU")
    view = post(client, f"{call}/keys", keys="5")
    assert [event["type"] for event in view["events"]] == ["Pressed", "Interrupted"]
    view = post(client, f"{call}/tick", seconds=60)
    assert [event["type"] for event in view["events"]] == ["Heard", "Ended"]
    assert view["state"] == "ended"
    assert client.post(f"/phone/calls{call}/tick", json={"seconds": 1}).status_code == 404


def test_hanging_up_ends_and_forgets_the_call(client: FlaskClient) -> None:
    call = post(client, "", **PARTIES)["id"]
    view = post(client, f"/{call}/hangup")
    assert view["events"][-1] == {"type": "Ended", "by": "caller", "at": 0.0}
    assert client.post(f"/phone/calls/{call}/hangup", json={}).status_code == 404


def test_keys_after_the_one_that_ends_the_call_are_ignored(
    client: FlaskClient, service: Service
) -> None:
    service.at("/voice", "<Gather/>")
    call = post(client, "", **PARTIES)["id"]
    post(client, f"/{call}/tick", seconds=1)
    view = post(client, f"/{call}/keys", keys="#12")
    assert [event["type"] for event in view["events"]] == ["Pressed", "Ended"]


def test_a_transfer_ends_as_the_page_asks(client: FlaskClient, service: Service) -> None:
    service.at("/voice", '<Dial action="/keys">+3612381857</Dial>')
    call = post(client, "", **PARTIES, dial_outcome="busy")["id"]
    post(client, f"/{call}/tick", seconds=60)
    assert service.forms("/keys")[0]["DialCallStatus"] == "busy"


@each_of(
    ("path", "body"),
    [
        ("", {"to": "+3680202938"}),
        ("", PARTIES | {"from": ""}),
        ("", PARTIES | {"from": 36301234567}),
        ("", PARTIES | {"from": "1" * 65}),
        ("", PARTIES | {"from": "1\r\n2"}),
        ("", PARTIES | {"dial_outcome": "asleep"}),
        ("", ["from"]),
        ("/x/keys", {"keys": ""}),
        ("/x/keys", {"keys": "12x"}),
        ("/x/keys", {"keys": 12}),
        ("/x/keys", {"keys": "1" * 33}),
        ("/x/tick", {"seconds": -1}),
        ("/x/tick", {"seconds": 61}),
        ("/x/tick", {"seconds": "1"}),
        ("/x/tick", {}),
    ],
)
def test_a_malformed_request_is_refused_with_a_reason(
    client: FlaskClient, path: str, body: Any
) -> None:
    answer = client.post(f"/phone/calls{path}", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_only_json_can_place_a_call(client: FlaskClient) -> None:
    assert client.post("/phone/calls", data=PARTIES).status_code == 415


def test_an_unknown_call_is_not_found(client: FlaskClient) -> None:
    answer = client.post("/phone/calls/CA0/tick", json={"seconds": 1})
    assert (answer.status_code, "no such call" in answer.get_json()["error"]) == (404, True)


def assert_hardened(answer: TestResponse) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_root_leads_to_the_phone_and_every_answer_is_hardened(client: FlaskClient) -> None:
    home = client.get("/")
    assert (home.status_code, home.location) == (302, "/phone")
    for answer in (home, client.get("/phone"), client.post("/phone/calls", json=PARTIES)):
        assert_hardened(answer)


def test_the_page_shows_the_data_it_was_given_and_nothing_inline(carrier: NewCarrier) -> None:
    page = PhonePage(
        (CalledLine("+3612345678", "+36 1 234 5678 (gáz)", (Hint("Próba & minta", "1 2"),)),),
        (Caller("+36209876543", "<b>nyugat</b>"),),
    )
    text = create_simulator(carrier(), page=page).test_client().get("/phone").text
    assert '<option value="+3612345678">+36 1 234 5678 (gáz)</option>' in text
    assert "&lt;b&gt;nyugat&lt;/b&gt;" in text
    assert "Próba &amp; minta" in text
    assert "20293811" not in text
    assert "<style" not in text
    assert "style=" not in text
    assert "onclick" not in text
    assert text.count("<script") == text.count('<script type="module" src=') == 1


def test_the_demonstration_offers_its_lines_by_number_and_name() -> None:
    page = demonstration(
        [("electricity", "+3680202938"), ("heat", "+3612345678"), ("north", "+44207946000")]
    )
    assert [(line.number, line.label) for line in page.lines] == [
        ("+3680202938", "+36 80 202 938 (áram)"),
        ("+3612345678", "+36 1 234 5678 (távhő)"),
        ("+44207946000", "+44207946000 (north)"),
    ]
    electricity, heat, north = page.lines
    assert set(electricity.hints).isdisjoint(heat.hints)
    assert electricity.hints
    assert heat.hints
    assert north.hints == ()


def test_the_service_is_told_the_number_that_was_called(
    client: FlaskClient, service: Service
) -> None:
    post(client, "", **(PARTIES | {"to": "+3680000010"}))
    assert service.forms("/voice")[0]["To"] == "+3680000010"


def test_an_idle_call_is_hung_up_and_forgotten(carrier: NewCarrier, service: Service) -> None:
    service.at("/voice", MENU)
    service.at("/status", "")
    clock = Clock()
    calls = PhoneCalls(carrier(status_url=f"{BASE}/status"), clock=clock, idle_seconds=60)
    idle = calls.open("1", "2", "answered")
    busy = calls.open("1", "2", "answered")
    clock.now = 50.0
    with calls.using(busy):
        pass
    clock.now = 70.0
    calls.sweep()
    assert len(calls) == 1
    assert [form["CallSid"] for form in service.forms("/status")] == [idle]
    with pytest.raises(NoSuchCallError), calls.using(idle):
        pass


def test_the_call_idle_for_longest_gives_way_when_the_board_is_full(
    carrier: NewCarrier, service: Service
) -> None:
    service.at("/voice", MENU)
    clock = Clock()
    calls = PhoneCalls(carrier(), clock=clock, most_calls=2)
    opened = []
    for _ in range(4):
        clock.now += 1
        opened.append(calls.open("1", "2", "answered"))
    assert len(calls) == 2
    with calls.using(opened[3]) as phone:
        assert not phone.call.ended
    with pytest.raises(NoSuchCallError), calls.using(opened[1]):
        pass


def test_a_timer_sweeps_without_being_asked(carrier: NewCarrier, service: Service) -> None:
    service.at("/voice", MENU)
    calls = PhoneCalls(carrier(), idle_seconds=0.05)
    calls.open("1", "2", "answered")
    for _ in range(200):
        if len(calls) == 0:
            break
        time.sleep(0.02)
    assert len(calls) == 0

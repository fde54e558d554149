"""What the turn middleware answers, the application behind it would have answered alike."""

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.turn_middleware import TurnMiddleware
from simulator.signature import signature
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.databases.database import Database
from tests.support.runs.examples import examples
from web_server.request_buffering import respond

URLENCODED = "application/x-www-form-urlencoded"
SID = "CA" + "0" * 32


@pytest.fixture
def exchange(utility: Database) -> Iterator[Exchange]:
    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        call.type("5")
        yield exchange


def environ_of(path: str, body: bytes, signed: str, **more: str) -> dict[str, object]:
    path, _, query = path.partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_TYPE": URLENCODED,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_TWILIO_SIGNATURE": signed,
    }
    return {**environ, **more}


def answers(exchange: Exchange, path: str, body: bytes, signed: str, **more: str) -> None:
    """Both ways, the second one without the middleware, give one answer."""
    middleware = exchange.app.wsgi_app
    assert isinstance(middleware, TurnMiddleware)
    through = respond(middleware, environ_of(path, body, signed, **more))
    around = respond(middleware.application, environ_of(path, body, signed, **more))
    assert through[0] == around[0]
    assert sorted(through[1]) == sorted(around[1])
    assert through[2] == around[2]


paths = st.sampled_from(
    [
        *("/voice/incoming", "/voice/incoming?heard=dial", "/voice/turns/1", "/voice/turns/0001"),
        *("/voice/turns/2", "/voice/turns/2?heard=silence", "/voice/turns/2?heard=dial"),
        *("/voice/turns/2?heard=%64ial", "/voice/turns/2?heard=", "/voice/turns/77777"),
        *("/voice/turns/-1", "/voice/turns/", "/voice/turns/1/", "/voice/status", "/voice/x"),
    ]
)
forms = st.fixed_dictionaries(
    {
        "CallSid": st.sampled_from([SID, "", "CA" * 65, "é"]),
        "From": st.sampled_from([CALLER, "", "anonymous", "sip:06301234567@example.hu"]),
        "To": st.sampled_from([LINE_NUMBER, "", "0680202938", "+36x"]),
    },
    optional={
        "CallStatus": st.sampled_from(["ringing", "in-progress", "completed"]),
        "Digits": st.sampled_from(["", "1", "5#", "#", "٣", "a+b=c&d %20", "9" * 200]),
        "DialCallStatus": st.sampled_from(["completed", "busy", ""]),
        "DialCallDuration": st.sampled_from(["", "7", "-7", "9999999"]),
        "FinishedOnKey": st.sampled_from(["", "#"]),
        "Árvíz": st.just("tűrő\n"),
    },
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, form=forms, signs=st.sampled_from(["right", "wrong", "none"]))
def test_a_turn_is_answered_alike_before_the_framework_and_behind_it(
    exchange: Exchange, path: str, form: dict[str, str], signs: str
) -> None:
    signed = {
        "right": signature(f"{PUBLIC_URL}{path}", list(form.items()), TOKEN),
        "wrong": signature(f"{PUBLIC_URL}/", list(form.items()), TOKEN),
        "none": "",
    }[signs]
    answers(exchange, path, urlencode(form).encode(), signed)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_end_that_cannot_be_stored_is_answered_alike(exchange: Exchange) -> None:
    form = [("CallSid", SID), ("CallStatus", "completed")]
    signed = signature(f"{PUBLIC_URL}/voice/status", form, TOKEN)
    engine = exchange.app.extensions["engine"]
    engine.dispose()
    file = Path(str(engine.url.database))
    file.rename(file.with_name("elsewhere.db"))
    environ = environ_of("/voice/status", urlencode(form).encode(), signed)
    assert respond(exchange.app, environ)[0] == 503
    answers(exchange, "/voice/status", urlencode(form).encode(), signed)


@pytest.mark.parametrize(
    "more",
    [
        {"REQUEST_METHOD": "PUT"},
        {"REQUEST_METHOD": "GET"},
        {"CONTENT_TYPE": "application/json"},
        {"CONTENT_TYPE": f"{URLENCODED.title()} ; charset=utf-8"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "5"},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_LENGTH": "500"},
        {"CONTENT_LENGTH": "70000"},
        {"CONTENT_LENGTH": "9" * 5000},
    ],
)
def test_a_request_of_another_kind_is_the_applications(
    exchange: Exchange, more: dict[str, str]
) -> None:
    form = [("CallSid", SID), ("From", CALLER), ("To", LINE_NUMBER)]
    signed = signature(f"{PUBLIC_URL}/voice/incoming", form, TOKEN)
    answers(exchange, "/voice/incoming", urlencode(form).encode(), signed, **more)


def test_a_form_that_is_no_utf_8_is_refused(exchange: Exchange) -> None:
    answers(exchange, "/voice/incoming", b"CallSid=\xff", signature(PUBLIC_URL, [], TOKEN))


def test_a_body_that_is_longer_than_it_says_is_read_as_the_application_reads_it(
    exchange: Exchange,
) -> None:
    form = [("CallSid", SID)]
    signed = signature(f"{PUBLIC_URL}/voice/incoming", form, TOKEN)
    body = urlencode(form).encode()
    answers(exchange, "/voice/incoming", body + b"&X=1", signed, CONTENT_LENGTH=str(len(body)))

"""What a webhook looks like, and what the carrier does when one fails."""

from collections.abc import Mapping
from random import Random

import pytest
from werkzeug import Request
from werkzeug import Response as Answer

from simulator import Carrier, Response
from simulator.transport import (
    BrokenAnswerError,
    ConnectError,
    Form,
    NoAnswerError,
    Timeout,
    TransportError,
)
from simulator.voice.script import APPLICATION_ERROR
from tests.support.runs.tables import each_of
from tests.unit.simulator.voice_application import BASE, TOKEN, Dial, NewCarrier, Service

XML = {"Content-Type": "text/xml; charset=utf-8"}
GATHER = '<Gather action="/keys" numDigits="1"><Say>Press</Say></Gather>'


class Wire:
    """A wire on which each attempt fails or answers as told; the last outcome stays."""

    def __init__(self, *outcomes: TransportError | Response) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[tuple[str, Form, Mapping[str, str], Timeout]] = []

    def send(
        self,
        method: str,
        url: str,
        form: Form,
        headers: Mapping[str, str],
        timeout: Timeout,
    ) -> Response:
        self.sent.append((url, form, headers, timeout))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Response):
            return outcome
        raise outcome


def said(text: str) -> Response:
    return Response(200, XML, f"<Response><Say>{text}</Say></Response>".encode())


def on_wire(wire: Wire, voice_url: str = f"{BASE}/voice", fallback: str | None = None) -> Carrier:
    return Carrier(
        voice_url=voice_url,
        fallback_url=fallback,
        auth_token=TOKEN,
        transport=wire,
        rng=Random(7),  # noqa: S311 - repeatable ids
    )


def call_of(carrier: Carrier) -> tuple[list[str], list[int], str | None]:
    call = carrier.dial(from_="+36301234567", to="+3680202938")
    return call.heard, [error.code for error in call.errors], call.ended_by


def test_a_webhook_carries_the_full_sorted_form(dial: Dial, service: Service) -> None:
    call = dial(GATHER)
    call.press("5")
    first, second = call.requests
    assert [name for name, _ in second.form] == sorted(name for name, _ in second.form)
    assert dict(first.form) == {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": "ringing",
        "Direction": "inbound",
        **{
            f"{side}{part}": value
            for sides, number in {
                ("From", "Caller"): "+36301234567",
                ("To", "Called"): "+3680202938",
            }.items()
            for side in sides
            for part, value in {
                "": number,
                "City": "",
                "State": "",
                "Zip": "",
                "Country": "HU",
            }.items()
        },
    }
    assert dict(second.form) == dict(first.form) | {
        "CallStatus": "in-progress",
        "Digits": "5",
        "FinishedOnKey": "",
        "msg": "Gather End",
    }
    assert first.headers["User-Agent"] == "TwilioProxy/1.1"
    assert (
        first.headers["I-Twilio-Idempotency-Token"] != second.headers["I-Twilio-Idempotency-Token"]
    )


def test_a_call_id_has_the_carrier_s_shape_and_comes_from_the_generator_given(dial: Dial) -> None:
    sid = dial("<Hangup/>").sid
    assert len(sid) == 34
    assert sid.startswith("CA")
    assert int(sid[2:], 16)
    assert dial("<Hangup/>").sid == sid


@pytest.mark.parametrize(
    ("number", "country"), [("+266696687", "LS"), ("anonymous", ""), ("+36301234567", "HU")]
)
def test_the_country_is_derived_from_the_number_alone(
    carrier: NewCarrier, service: Service, number: str, country: str
) -> None:
    service.at("/voice", "<Hangup/>")
    carrier().dial(from_=number, to="+3680202938")
    form = service.forms("/voice")[0]
    assert (form["FromCountry"], form["CallerCountry"]) == (country, country)


def test_unknown_parameters_are_signed_like_the_rest(dial: Dial, service: Service) -> None:
    dial(GATHER, unknown_parameters=True).press("5")
    assert all("StirVerstat" in form for _, form in service.received)


def test_a_webhook_can_be_delivered_again_as_it_was(dial: Dial, service: Service) -> None:
    call = dial(GATHER)
    call.press("5")
    answer = call.resend(call.requests[1])
    assert answer.status == 200
    assert service.forms("/keys")[0] == service.forms("/keys")[1]


def test_a_get_webhook_has_its_parameters_in_the_query_string(dial: Dial, service: Service) -> None:
    service.at("/again", "<Say>Here</Say>")
    call = dial('<Redirect method="GET">/again?x=%C5%91</Redirect>')
    assert service.forms("/again")[0]["CallSid"] == call.sid
    assert "?x=%C5%91&AccountSid=" in call.requests[1].url
    assert call.requests[1].form == []
    assert call.resend(call.requests[1]).status == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [("keys", "/a/keys"), ("../keys", "/keys"), ("/b/keys", "/b/keys"), ("?n=2", "/a/menu")],
)
def test_an_action_is_relative_to_its_document(
    carrier: NewCarrier, service: Service, path: str, expected: str
) -> None:
    service.at("/a/menu", f'<Gather action="{path}" numDigits="1"/>')
    call = carrier(voice_url=f"{BASE}/a/menu").dial(from_="+36301234567", to="+3680202938")
    call.press("1")
    assert service.received[-1][0] == expected
    assert service.received[-1][1]["Digits"] == "1"


def test_the_end_of_a_call_is_reported(dial: Dial, service: Service) -> None:
    service.at("/status", "", content_type=None)
    call = dial("<Say>Goodbye</Say>", status_url=f"{BASE}/status")
    (form,) = service.forms("/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "1")
    assert form["CallSid"] == call.sid
    assert call.errors == []


def test_a_caller_who_hangs_up_is_reported_too(dial: Dial, service: Service) -> None:
    service.at("/status", "", content_type=None)
    call = dial(GATHER, status_url=f"{BASE}/status")
    call.advance(4.0)
    call.hang_up()
    call.hang_up()
    assert [form["CallDuration"] for form in service.forms("/status")] == ["5"]
    assert (call.ended_by, call.state) == ("caller", "ended")


# --- failures


@each_of(
    ("outcome", "code"),
    [
        (Response(404, XML, b""), 11200),
        (Response(500, XML, b""), 11200),
        (NoAnswerError("late"), 11200),
        (BrokenAnswerError("cut"), 11200),
        (ConnectError("refused"), 11205),
        (Response(200, XML, b"<Response><Say>x</Response>"), 12100),
        (Response(200, XML, b""), 12100),
        (Response(200, XML, b"<!DOCTYPE Response><Response><Say>x</Say></Response>"), 12100),
        (Response(200, {}, b"<Response/>"), 12300),
        (Response(200, {"Content-Type": "application/json"}, b"{}"), 12300),
        (Response(200, XML, b"<Response>" + b" " * 65536 + b"</Response>"), 11750),
        (Response(302, {"location": "/voice"}, b""), 11215),
    ],
)
def test_an_unusable_answer_ends_in_the_carrier_s_own_sentence(
    outcome: TransportError | Response, code: int
) -> None:
    assert call_of(on_wire(Wire(outcome))) == ([APPLICATION_ERROR], [code], "error")


def test_a_document_of_exactly_64_kb_is_accepted() -> None:
    body = b"<Response><Say>Fits</Say>".ljust(65536 - len(b"</Response>")) + b"</Response>"
    assert call_of(on_wire(Wire(Response(200, XML, body))))[0] == ["Fits"]


def test_the_fallback_learns_what_failed_and_takes_over(
    carrier: NewCarrier, service: Service
) -> None:
    service.at("/voice", "<Say>broken", content_type="text/xml")
    service.at("/fallback", "<Say>Operator</Say>")
    call = carrier(fallback_url=f"{BASE}/fallback").dial(from_="+36301234567", to="+3680202938")
    (form,) = service.forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("12100", f"{BASE}/voice")
    assert (call.heard, call.ended_by) == (["Operator"], "application")


def test_the_fallback_also_serves_an_action_that_fails(dial: Dial, service: Service) -> None:
    service.at("/fallback", "<Say>Operator</Say>")
    service.at("/keys", "gone", status=503)
    call = dial(GATHER, fallback_url=f"{BASE}/fallback")
    service.at("/keys", "gone", status=503)
    call.press("1")
    assert service.forms("/fallback")[0]["ErrorUrl"] == f"{BASE}/keys"
    assert "Digits" not in service.forms("/fallback")[0]
    assert call.last_heard == "Operator"


def test_a_fallback_that_fails_as_well_ends_the_call() -> None:
    wire = Wire(Response(500, XML, b""), Response(502, XML, b""))
    carrier = on_wire(wire, fallback=f"{BASE}/fallback")
    assert call_of(carrier) == ([APPLICATION_ERROR], [11200, 11200], "error")


def test_a_failed_connection_is_tried_once_more_with_the_same_token() -> None:
    wire = Wire(ConnectError("refused"), said("Hello"))
    assert call_of(on_wire(wire)) == (["Hello"], [], "application")
    (first, second) = wire.sent
    assert first[:3] == second[:3]
    assert first[2]["I-Twilio-Idempotency-Token"]


@pytest.mark.parametrize("outcome", [Response(503, XML, b""), NoAnswerError("late")])
def test_nothing_else_is_tried_again_by_default(outcome: TransportError | Response) -> None:
    wire = Wire(outcome, said("Too late"))
    assert call_of(on_wire(wire))[2] == "error"
    assert len(wire.sent) == 1


@each_of(
    ("fragment", "outcome", "attempts"),
    [
        ("rc=3&rp=5xx", Response(503, XML, b""), 4),
        ("rc=2&rp=4xx,5xx", Response(404, XML, b""), 3),
        ("rp=4xx", Response(503, XML, b""), 1),
        ("rc=5&rp=all", NoAnswerError("late"), 6),
        ("rc=2&rp=rt", NoAnswerError("late"), 3),
        ("rc=2&rp=all", BrokenAnswerError("cut"), 1),
        ("rc=0", ConnectError("refused"), 1),
        ("rc=9", ConnectError("refused"), 2),
        ("rc=two", ConnectError("refused"), 2),
    ],
)
def test_the_address_s_fragment_says_what_is_tried_again(
    fragment: str, outcome: TransportError | Response, attempts: int
) -> None:
    wire = Wire(outcome)
    call_of(on_wire(wire, f"{BASE}/voice#{fragment}"))
    assert len(wire.sent) == attempts
    assert {url for url, *_ in wire.sent} == {f"{BASE}/voice"}


def test_the_fragment_shortens_the_time_allowed_but_never_lengthens_it() -> None:
    wire = Wire(said("Hello"))
    call_of(on_wire(wire, f"{BASE}/voice#ct=500&rt=2000&tt=99999"))
    assert wire.sent[0][3] == pytest.approx(Timeout(0.5, 2.0, 15.0), abs=0.01)


def test_fifteen_seconds_hold_for_all_attempts_together() -> None:
    wire = Wire(NoAnswerError("late"))
    times = iter([0.0, 0.0, 9.0, 15.0])
    carrier = Carrier(
        voice_url=f"{BASE}/voice#rc=5&rp=rt",
        auth_token=TOKEN,
        transport=wire,
        clock=lambda: next(times),
    )
    assert call_of(carrier)[1] == [11203]
    assert [timeout.total for *_, timeout in wire.sent] == [15.0, 6.0]


def test_a_late_answer_costs_the_caller_fifteen_seconds() -> None:
    call = on_wire(Wire(NoAnswerError("late"))).dial(from_="+36301234567", to="+3680202938")
    assert call.now == pytest.approx(15.0 + 0.2 + 4.0)


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST")])
def test_a_redirected_action_loses_its_digits(
    dial: Dial, service: Service, status: int, method: str
) -> None:
    methods: list[str] = []

    def answer(request: Request) -> Answer:
        methods.append(request.method)
        return Answer("<Response><Say>Moved</Say></Response>", content_type="text/xml")

    call = dial(GATHER)
    service.at("/keys", "", status=status, headers={"Location": "/moved?x=1"})
    service.answers["/moved"] = answer
    call.press("5")
    assert service.forms("/keys")[0]["Digits"] == "5"
    assert "Digits" not in service.forms("/moved")[0]
    assert service.forms("/moved")[0]["CallSid"] == call.sid
    assert methods == [method]
    assert call.last_heard == "Moved"


def test_documents_that_redirect_without_end_are_stopped(dial: Dial, service: Service) -> None:
    call = dial("<Redirect>/voice</Redirect>")
    assert len(service.forms("/voice")) == 100
    assert [error.code for error in call.errors] == [0]
    assert (call.heard, call.ended_by) == ([APPLICATION_ERROR], "error")


def test_a_redirect_loop_that_listens_for_keys_is_no_endless_loop(
    dial: Dial, service: Service
) -> None:
    call = dial('<Gather timeout="1"/><Redirect>/voice</Redirect>')
    for _ in range(150):
        call.silence()
    assert call.errors == []
    call.hang_up()


@pytest.mark.parametrize("target", ["ftp://example.hu/x", "http://", "http://[broken"])
def test_an_address_that_cannot_be_called_is_an_error(dial: Dial, target: str) -> None:
    call = dial(f"<Redirect>{target}</Redirect>")
    assert [error.code for error in call.errors] == [11100]
    assert call.ended_by == "error"


def test_an_endless_call_is_cut_off_at_the_carrier_s_limit(dial: Dial) -> None:
    call = dial('<Gather timeout="60"/><Redirect>/voice</Redirect>', longest_call=600.0)
    call.advance(10_000.0)
    assert call.ended
    assert call.now <= 661.0

"""Whatever is sent to the webhooks' service, signed or not: an answer, and no fault behind it."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app import MOST_FORM_BYTES
from backend.desks import load_desks
from carrier.form import form_fields
from settings import HERE
from simulator.signature import signature
from tests.support.calls.telephone import CALLER, LINE_NUMBER, PUBLIC_URL, TOKEN, Clock, Exchange
from tests.support.carriers import rsgi
from tests.support.carriers.rsgi import Headers, Scope
from tests.support.databases.database import load_utility
from tests.support.runs.examples import all_asked_for, examples
from web_server.request_buffering import RequestBuffering

URLENCODED = b"application/x-www-form-urlencoded"
SID = "CA" + "0" * 32
FAULTS = range(500, 600)
VERBS = {"Response", "Say", "Play", "Gather", "Redirect", "Dial", "Number", "Hangup", "Message"}
VERBS |= {"break", "prosody"}
DESKS = {
    desk.number
    for file in ("desks.yaml", "heat_desks.yaml")
    for desk in load_desks(HERE / file).desks.values()
}


@dataclass(frozen=True)
class Request:
    """One request as it comes over the wire."""

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Faults(logging.Handler):
    """What the service logs as an error: a fault that the caller does not see as a status."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        # A turn of a call that never began is told of, and answered with the apology.
        if "TranscriptMismatchError" not in line:
            self.lines.append(line)


@dataclass
class Service:
    """The service as its process runs it, on a utility's records."""

    app: Flask
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.worker = rsgi.Worker(
            RequestBuffering(self.app, body_seconds=5, most_body_bytes=MOST_FORM_BYTES, threads=1)
        )

    def answer(self, request: Request, *, signed: bool) -> tuple[int, bytes]:
        """Status and body of the answer; of a ``signed`` request the signature is right."""
        headers = [(name.decode(), value.decode("latin-1")) for name, value in request.headers]
        if signed:
            headers.append(("x-twilio-signature", _signature(request)))
        if request.body:
            headers.append(("content-length", str(len(request.body))))
        query = request.query.decode("utf-8", "surrogateescape")
        scope = Scope(request.path, query, Headers(headers), method=request.method)
        exchange = rsgi.Exchange(request.body)
        self.worker.begin(scope, exchange).wait()
        ((status, _, body),) = exchange.answers
        return status, body


def _signature(request: Request) -> str:
    query = request.query.decode("latin-1")
    url = f"{PUBLIC_URL}{request.path}{'?' + query if query else ''}"
    kind = dict(request.headers).get(b"content-type")
    form = form_fields(request.body) if kind == URLENCODED else []
    return signature(url, form, TOKEN)


@pytest.fixture(params=["sqlite", "postgresql"] if all_asked_for() else ["sqlite"], scope="module")
def service(
    request: pytest.FixtureRequest, sqlite_utility: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        else:
            path = tmp_path_factory.mktemp("any_request") / "records.db"
            url = f"sqlite:///{shutil.copy(sqlite_utility, path)}"
        exchange = stack.enter_context(Exchange(url, Clock.at("2026-11-21 10:00")))
        if request.param == "postgresql":
            load_utility(exchange.app.extensions["engine"])
        service = Service(exchange.app)
        logging.getLogger().addHandler(service.faults)
        with service.worker:
            yield service
        logging.getLogger().removeHandler(service.faults)


NAMES = (
    *("CallSid", "From", "To", "Digits", "CallStatus", "FinishedOnKey", "ErrorCode", "ErrorUrl"),
    *("DialCallStatus", "DialCallDuration", "MessageSid", "SmsSid", "MessageStatus", "Body"),
    *("OptOutType", "NumMedia", "m", "heard"),
)
LIKELY = (
    *(SID, CALLER, LINE_NUMBER, "anonymous", "", "1", "5#", "in-progress", "completed", "#"),
    *("11200", f"{PUBLIC_URL}/voice/turns/2", "http://[", "//x/voice/turns/9", "dial", "silence"),
    *("SM" + "1" * 32, "delivered", "STOP", "20293811 48213377 41530", "MENÜ", "9" * 5000, "-1"),
    *("1.abc", "\0", "a\0b", "\r\nX: y", "٣", "²", "\ud7ff\U0010ffff", "a" * 60_000),
)
values = st.one_of(st.sampled_from(LIKELY), st.text(max_size=40), st.binary(max_size=40))
ADDRESSES = (
    *("/voice/incoming", "/voice/turns/1", "/voice/turns/0", "/voice/turns/9999"),
    *(f"/voice/turns/{'9' * 30}", "/voice/status", "/voice/fallback", "/sms/status"),
    *("/sms/inbound", "/healthz", "/metrics", "/robots.txt", "/", "//voice/incoming"),
)
addresses = st.one_of(st.sampled_from(ADDRESSES), st.text(max_size=30).map("/{}".format))
METHODS = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "BREW", "")
KINDS = (
    *(URLENCODED, b"multipart/form-data; boundary=x", b"multipart/form-data", b"text/xml", b"\xff"),
    *(b"application/x-www-form-urlencoded; charset=utf-16", b"application/json", b""),
)
header_names = st.sampled_from(
    [b"host", b"x-twilio-signature", b"content-length", b"transfer-encoding", b"cookie", b"range",
     b"x-forwarded-host", b"x-forwarded-for", b"traceparent", b"accept", b"if-none-match"]
)  # fmt: skip
header_values = st.one_of(
    st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0")),
    st.sampled_from([b"9" * 5000, b"chunked", b"x:y:z", b"[", b"bytes=-", b"00-0-0-0"]),
)


def _escaped(value: str | bytes) -> str:
    return quote_from_bytes(value.encode() if isinstance(value, str) else value, safe="")


def _form(pairs: list[tuple[str, str | bytes]]) -> bytes:
    return "&".join(f"{name}={_escaped(value)}" for name, value in pairs).encode()


pairs = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=8)
forms = st.builds(
    lambda ids, rest: _form([*ids, *rest]),
    st.sampled_from([[("CallSid", SID), ("MessageSid", SID)], []]),
    pairs,
)
PART = b'--x\r\nContent-Disposition: form-data; name="CallSid"%s\r\n\r\n1\r\n--x%s'
bodies = st.one_of(
    forms,
    forms,
    st.binary(max_size=200),
    st.sampled_from([PART % (b"", b"--\r\n"), PART % (b'; filename="a"', b""), b"--x", b"=&=&%"]),
)
requests = st.builds(
    Request,
    st.one_of(st.just("POST"), st.sampled_from(METHODS)),
    addresses,
    st.one_of(st.just(b""), pairs.map(_form), st.binary(max_size=30)),
    bodies,
    st.builds(
        lambda kind, rest: ((b"content-type", kind), *rest),
        st.one_of(st.just(URLENCODED), st.sampled_from(KINDS)),
        st.lists(st.tuples(header_names, header_values), max_size=3),
    ),
)


def _post(path: str, **fields: str) -> Request:
    form = _form(list(fields.items()))
    return Request("POST", path, body=form, headers=((b"content-type", URLENCODED),))


ENDLESS = Request("POST", "/voice/status", headers=((b"content-length", b"9" * 5000),))


@settings(max_examples=examples(500))
@given(request=requests, signed=st.booleans())
@example(request=_post("/voice/status", CallSid="CA\0", CallStatus="completed"), signed=True)
@example(request=_post("/voice/turns/1", CallSid="CA\nx", Digits="1"), signed=True)
@example(request=ENDLESS, signed=False)
@example(request=_post(f"/voice/turns/{'9' * 30}", CallSid=SID), signed=True)
@example(request=Request("GET", "/voice/fallback", query=b"\x80"), signed=False)
def test_any_request_is_answered_without_a_fault(
    service: Service, request: Request, *, signed: bool
) -> None:
    service.faults.lines.clear()
    status, body = service.answer(request, signed=signed)
    assert status not in FAULTS
    assert service.faults.lines == []
    if body.startswith(b"<?xml"):
        costs_nothing_that_is_not_configured(body)


def costs_nothing_that_is_not_configured(document: bytes) -> None:
    """Only desks are dialled, and the carrier is sent nowhere but back to us."""
    for element in ElementTree.fromstring(document).iter():  # noqa: S314 - our own answer
        assert element.tag in VERBS
        if element.tag == "Number":
            assert element.text in DESKS
        for address in (element.get("action"), element.text if element.tag == "Redirect" else None):
            assert address is None or address.startswith(f"{PUBLIC_URL}/voice/turns/")

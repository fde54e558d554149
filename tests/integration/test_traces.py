"""Spans of turns, messages and jobs: what they tell, and that they tell nothing of a person."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app import create_app
from common.errors import ConfigurationError
from messages.delivery.sending import send_batch
from settings import Settings
from simulator.messages import CodedFault
from telemetry import tracing
from telemetry.work import Work
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.database import Database
from tests.support.databases.recipients import mobile


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What is exported of this test."""
    exporter = InMemorySpanExporter()
    tracing.export_to(SimpleSpanProcessor(exporter), "zoldszam-test")
    yield exporter
    tracing.stop_tracing()


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_turns_span_has_its_kind_and_its_place_and_nothing_that_was_typed(
    utility: Database, spans: InMemorySpanExporter
) -> None:
    with Exchange(utility.url, Clock.at("2026-11-21 10:00")) as exchange:
        call = exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)
        for keys in ("5", "3", "1", "20293811"):
            call.type(keys)
        call.hang_up()
    found = spans.get_finished_spans()
    names = [span.name for span in found]
    assert names == ["call incoming", *["call keys"] * 4, "call end"]
    place = told(found[3])["zoldszam.place"]
    assert place.startswith("5.3.1 ask")
    assert told(found[3])["zoldszam.turn"] == 3
    everything = " ".join(str(value) for span in found for value in told(span).values())
    for typed in ("20293811", CALLER, CALLER.removeprefix("+")):
        assert typed not in everything
    assert {key for span in found for key in told(span)} == {
        f"zoldszam.{key}" for key in ("call", "kind", "place", "turn")
    }


def test_a_messages_span_has_the_request_to_the_carrier_within_it_and_no_number(
    desk: SendingDesk, spans: InMemorySpanExporter
) -> None:
    campaign = desk.run(desk.debtors(2))
    desk.carrier.faults.refuse = CodedFault(code=21610, recipients=frozenset({mobile(1)}))
    send_batch(desk.context, campaign)
    found = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}
    requests = [span for span in found.values() if span.name == "carrier request"]
    sends = [span for span in found.values() if span.name == "send"]
    assert {found[span.parent.span_id].name for span in requests if span.parent} == {"send"}
    assert sorted(told(span)["zoldszam.outcome"] for span in sends) == ["accepted", "refused"]
    assert {key for span in found.values() for key in told(span)} == {
        "zoldszam.outbox_row",
        "zoldszam.outcome",
    }


def test_an_error_is_told_by_its_code_or_type_and_not_by_its_text(
    spans: InMemorySpanExporter,
) -> None:
    with Work("job", job="J1") as work:
        work.failed(ValueError(CALLER))
    with pytest.raises(KeyError), Work("job", job="J2"):
        raise KeyError(CALLER)
    found = spans.get_finished_spans()
    assert [span.status.description for span in found] == ["fault", "KeyError"]
    assert not any(span.events for span in found)


def test_without_the_extra_the_service_says_what_to_install(
    utility: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    settings = Settings(database_url=utility.url, traces_endpoint="http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match="pip install 'zoldszam\\[traces\\]'"):
        create_app(settings)
